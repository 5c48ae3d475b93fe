"""A reviewing body's demand is taken whole or not at all; the demand beside it in the file stays."""

from datetime import date

import polars as pl
import pytest

from schemas.feeds.adapter import Adapter
from schemas.feeds.layout import Sorted, Source
from schemas.records.feeds import REVIEW_BODY_DEMANDS, accepted

HEAD = "審査支払機関,請求年月,請求区分,診療年月,種別,件数,請求額,手数料単価（銭）,審査支払手数料"
SOUND = (
    "1,202609,0,202608,2,3,1500,10050,301",
    "1,202609,2,202606,2,1,-400,0,0",
    "1,202609,9,,,4,1100,,301",
    "2,202609,0,202608,5,2,80,9999,199",
    "2,202609,9,,,2,80,,199",
)
NEIGHBOUR = [5, 6]
TOGETHER = ("review_body+billing_month", "ともに届いた行の誤り")


def sort(lines: list[str]) -> Sorted:
    adapter = Adapter.load(REVIEW_BODY_DEMANDS.name)
    data = "".join(f"{line}\r\n" for line in (HEAD, *lines)).encode("cp932")
    return adapter.typed(adapter.read(data, "f"), REVIEW_BODY_DEMANDS, Source("f", date(2026, 10, 20)))


def test_a_demand_whose_lines_add_up_to_its_total_is_taken() -> None:
    found = sort(list(SOUND))
    assert found.refused.is_empty()
    assert found.accepted["line_no"].to_list() == [2, 3, 4, 5, 6]
    accepted(REVIEW_BODY_DEMANDS).validated(found.accepted)


@pytest.mark.parametrize(
    ("at", "line", "rule"),
    [
        (0, "1,202609,0,202608,2,3,1501,10050,301", "合計"),
        (0, "1,202609,0,202608,2,2,1500,10050,201", "合計"),
        (0, "1,202609,0,202608,2,3,1500,10050,303", "手数料の計算"),
        (0, "1,202609,0,202608,2,3,千五百,10050,301", "型"),
        (0, "1,202609,0,202608,2,3,-1500,10050,301", "請求額の符号"),
        (1, "1,202609,2,202606,2,1,400,0,0", "請求額の符号"),
        (1, "1,202609,7,202606,2,1,-400,0,0", "コード"),
        (1, "1,202609,2,,2,1,-400,0,0", "請求区分と項目"),
        (2, "1,202609,9,202608,,4,1100,,301", "請求区分と項目"),
        (2, "1,202609,9,,,4,1100,,302", "合計"),
    ],
)
def test_one_wrong_line_refuses_every_line_of_its_demand_and_none_of_the_other(at: int, line: str, rule: str) -> None:
    lines = [*SOUND[:at], line, *SOUND[at + 1 :]]
    found = sort(lines)
    assert found.accepted["line_no"].to_list() == NEIGHBOUR
    assert found.refused["line_no"].unique().sort().to_list() == [2, 3, 4]
    assert rule in found.refused.filter(pl.col("line_no") == at + 2)["rule"].to_list()


def test_a_sound_line_says_that_it_was_refused_for_its_neighbour() -> None:
    found = sort(["1,202609,0,202608,2,3,1500,10050,301", "1,202609,5,202606,2,1,0,0,0", "1,202609,9,,,4,1500,,301"])
    told = found.refused.select("line_no", "item", "rule").rows()
    assert told == [(2, *TOGETHER), (3, "demand_class", "コード"), (4, *TOGETHER)]


def test_a_demand_without_its_total_or_with_two_is_not_taken() -> None:
    for lines in (list(SOUND[:2] + SOUND[3:]), [*SOUND[:3], *SOUND[2:]]):
        assert sort(lines).accepted.filter(pl.col("review_body") == "1").is_empty()


def test_a_line_that_cannot_be_cut_takes_the_demand_whose_sum_it_breaks_with_it() -> None:
    found = sort([SOUND[0] + ",1", *SOUND[1:]])
    assert found.accepted["line_no"].to_list() == NEIGHBOUR
    assert found.refused.select("line_no", "rule").unique().sort("line_no", "rule").rows() == [
        (2, "列数"), (3, "合計"), (4, "合計")
    ]  # fmt: skip
