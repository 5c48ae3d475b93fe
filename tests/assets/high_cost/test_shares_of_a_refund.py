"""How a household's refund is divided: whole yen, each once, and who gets the yen that are left."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.high_cost.proration import prorated
from tests.support.draws import draws

JULY = date(2026, 7, 1)


def lines_of(own: list[int], rule: str, refund: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "pool": ["a"] * len(own), "self_yen": own, "refund_yen": [refund] * len(own), "rule": [rule] * len(own),
            "visit_date": [JULY] * len(own), "feed": ["claims"] * len(own), "delivery": ["d"] * len(own),
            "line_no": list(range(len(own))),
        }
    )  # fmt: skip


@pytest.mark.parametrize(("rule", "shares"), [("last", [3_333, 3_333, 3_334]), ("largest", [3_333, 3_333, 3_334])])
def test_equal_lines_leave_the_last_yen_to_the_last(rule: str, shares: list[int]) -> None:
    assert prorated(lines_of([30_000] * 3, rule, 10_000), ["pool"], "refund_yen", "rule").to_list() == shares


def test_the_largest_line_takes_the_last_yen_where_the_law_says_so() -> None:
    own = [50_000, 30_000, 40_000]
    last, largest = (
        prorated(lines_of(own, rule, 10_001), ["pool"], "refund_yen", "rule").to_list() for rule in ("last", "largest")
    )
    assert last == [4_167, 2_500, 3_334]
    assert largest == [4_168, 2_500, 3_333]


@draws(150)
@given(
    st.lists(st.integers(21_000, 30_000_000), min_size=1, max_size=12),
    st.sampled_from(["last", "largest"]),
    st.integers(0, 10**6),
)
def test_shares_are_exactly_the_refund_and_none_exceeds_its_self_pay(own: list[int], rule: str, part: int) -> None:
    refund = sum(own) * part // 10**6
    found = prorated(lines_of(own, rule, refund), ["pool"], "refund_yen", "rule")
    assert found.sum() == refund
    assert all(0 <= share <= self_yen for share, self_yen in zip(found, own, strict=True))


def lines(*rows: tuple[str, int, int | None, str, date, str, str, int]) -> pl.DataFrame:
    """Lines of (pool, own yen, refund, rule, visit, feed, delivery, line)."""
    names = ("pool", "self_yen", "refund_yen", "rule", "visit_date", "feed", "delivery", "line_no")
    return pl.DataFrame(rows, names, orient="row", infer_schema_length=None)


def shared(frame: pl.DataFrame) -> list[int | None]:
    found = prorated(frame, ["pool"], "refund_yen", "rule")
    assert found.name == "share_yen"
    return found.to_list()


EARLY, LATE = date(2026, 7, 5), date(2026, 7, 20)


@pytest.mark.parametrize(
    ("case", "first", "second"),
    [
        ("the later visit", (LATE, "claims", "a", 1), (EARLY, "receipts", "b", 9)),
        ("the later feed in the alphabet", (EARLY, "receipts", "a", 1), (EARLY, "claims", "b", 9)),
        ("the later delivery", (EARLY, "claims", "b", 1), (EARLY, "claims", "a", 9)),
        ("the later line", (EARLY, "claims", "a", 9), (EARLY, "claims", "a", 1)),
    ],
)
@pytest.mark.parametrize("rule", ["last", "largest"])
def test_of_equal_lines_the_last_by_visit_feed_delivery_and_line_gets_what_is_left(
    case: str, first: tuple[date, str, str, int], second: tuple[date, str, str, int], rule: str
) -> None:
    assert shared(lines(("a", 30_000, 10_001, rule, *first), ("a", 30_000, 10_001, rule, *second))) == [5_001, 5_000]
    assert shared(lines(("a", 30_000, 10_001, rule, *second), ("a", 30_000, 10_001, rule, *first))) == [5_000, 5_001]


def test_each_pool_is_divided_by_itself_and_by_its_own_rule() -> None:
    found = lines(
        ("b", 30_000, 101, "largest", EARLY, "claims", "a", 1),
        ("a", 40_000, 1_001, "last", EARLY, "claims", "a", 2),
        ("b", 20_000, 101, "largest", LATE, "claims", "a", 3),
        ("c", 25_000, None, "last", LATE, "claims", "a", 4),
        ("a", 21_000, 1_001, "last", LATE, "claims", "a", 5),
        ("d", 25_000, 0, "last", LATE, "claims", "a", 6),
    )
    assert shared(found) == [61, 656, 40, None, 345, 0]


def test_what_is_left_never_exceeds_the_self_pay_and_goes_on_to_the_next_line() -> None:
    """7 of 9 yen over lines of 4, 4 and 1: 3, 3 and 0 are whole, and 1 is left for the last line, which has room."""
    one = [("a", own, 7, "last", EARLY, "claims", "a", at) for at, own in enumerate([4, 4, 1])]
    assert shared(lines(*one)) == [3, 3, 1]
    # 8 of 9 yen over nine lines of 1: no whole yen for any, the last eight get one each.
    many = [("a", 1, 8, "last", EARLY, "claims", "a", at) for at in range(9)]
    assert shared(lines(*many)) == [0, 1, 1, 1, 1, 1, 1, 1, 1]
