"""What the rules of overrides, answers of municipalities and identity decisions refuse."""

from datetime import date

import polars as pl
import pytest

from schemas.feeds.adapter import Adapter
from schemas.feeds.layout import Sorted, Source
from schemas.records.feeds import DAILY, FEEDS, MUNICIPAL_ANSWERS, RESIDENT_TAXES
from schemas.records.register import KEPT
from tests.support.rows import valid_rows

NEW = ("overrides", "municipal_answers", "identity_decisions")


def sorted_with(feed: str, values: dict[str, object]) -> Sorted:
    """Four rows of a feed as delivered; the second (line 3) holds the given values."""
    record, adapter = FEEDS[feed], Adapter.load(feed)
    second = pl.int_range(pl.len()) == 1
    rows = valid_rows(record, 4).with_columns(
        pl.when(second).then(pl.lit(value, record.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )
    return adapter.typed(adapter.read(adapter.write(rows), "f"), record, Source("f", date(2026, 10, 14)))


@pytest.mark.parametrize(
    ("feed", "values", "told"),
    [
        ("municipal_answers", {"permitted": "0"}, ("permitted", "許可照合")),
        ("municipal_answers", {"filing": "0", "total_income_yen": 1}, ("filing+total_income_yen", "未申告に所得")),
        (
            "municipal_answers",
            {"self_ordinary_disability": "1", "self_special_disability": "1"},
            ("self_ordinary_disability+self_special_disability", "障害の重複"),
        ),
        (
            "overrides",
            {"operator_code": "U1", "approver_code": "U1"},
            ("operator_code+approver_code", "入力者と承認者"),
        ),
        (
            "overrides",
            {"start_date": date(2026, 5, 1), "end_date": date(2026, 4, 30)},
            ("start_date+end_date", "期間の前後"),
        ),
        ("overrides", {"outcome": "4"}, ("outcome", "コード")),
        (
            "identity_decisions",
            {"source_feed": "municipal_answers", "subject": "child"},
            ("source_feed+subject", "照合した人の組"),
        ),
        (
            "identity_decisions",
            {"source_feed": "applications", "subject": "person"},
            ("source_feed+subject", "照合した人の組"),
        ),
        ("identity_decisions", {"source_feed": "claims", "subject": "child"}, ("source_feed", "コード")),
    ],
)
def test_a_row_that_may_not_count_is_refused_with_its_reason_and_its_neighbours_stay(
    feed: str, values: dict[str, object], told: tuple[str, str]
) -> None:
    found = sorted_with(feed, values)
    assert found.refused.select("line_no", "item", "rule").rows() == [(3, *told)]
    assert found.accepted["line_no"].to_list() == [2, 4, 5]


@pytest.mark.parametrize("municipality", ["112038", "119999"])
def test_an_answer_carries_no_resident_code_of_this_city_and_every_tax_item(municipality: str) -> None:
    names = set(Adapter.load("municipal_answers", municipality).items)
    assert not [name for name in names if name.endswith("resident_code")]
    assert set(RESIDENT_TAXES.names) - names == {"resident_code", "revision_no"}
    assert {"name", "name_kana", "sex", "birth_date", "address"} < names


def test_a_decision_may_say_that_it_is_nobody() -> None:
    found = sorted_with("identity_decisions", {"resident_code": None})
    assert found.refused.is_empty()
    assert found.accepted["resident_code"].null_count() >= 1


def test_what_people_enter_arrives_on_any_day_and_stays_known() -> None:
    assert {*NEW} < {feed.name for feed in DAILY}
    assert {*NEW} < {feed.name for feed in KEPT}
    assert {Adapter.load(feed).due for feed in NEW} == {"when_sent"}


def test_an_answer_is_kept_for_identity_and_tax_alone() -> None:
    assert MUNICIPAL_ANSWERS.purposes == {2, 3, 6}
