"""What is paid once, what is held, and what a decision is called: rows with ready reasons, no register and no law."""

from datetime import date

import polars as pl
import pytest

from assets.benefit.deciding import Tests as Said
from assets.benefit.deciding import in_order, judgement, numbered, paid_keys, with_reasons
from schemas.records.benefit import DECISIONS
from schemas.records.register import IDENTITIES
from tests.support.cases import frame

CHILD, OTHER = "000000000000001", "000000000000009"
JUNE, MAY = date(2026, 6, 1), date(2026, 5, 1)
KEY = ("child_resident_code", "service_month", "institution_code", "care")
USUAL = (CHILD, JUNE, "1110000008", "2")
SCHEMA = {
    "early": pl.String, "late": pl.String, "delivery": pl.String, "line_no": pl.Int64, "known_date": pl.Date,
    **dict(zip(KEY, (pl.String, pl.Date, pl.String, pl.String), strict=True)), "gone": pl.Boolean,
}  # fmt: skip
READY = Said(pl.col("said_early"), pl.col("said_late"))


def arrived(
    *rows: tuple[str | None, str], days: list[int] | None = None, keys: dict[int, tuple[object, ...]] | None = None,
    gone: tuple[int, ...] = (),
) -> pl.DataFrame:  # fmt: skip
    """Rows (what the early, what the late tests say) of one delivery, in lines 1, 2, 3 …, known on a day of August."""
    lines = [
        (early, late, "d1", at, date(2026, 8, days[at - 1] if days else 1), *(keys or {}).get(at, USUAL), at in gone)
        for at, (early, late) in enumerate(rows, 1)
    ]
    made = pl.DataFrame(lines, SCHEMA, orient="row")
    return made.rename({"early": "said_early", "late": "said_late"})


NOBODY = pl.DataFrame(schema={name: SCHEMA[name] for name in KEY})
PAYS: tuple[None, str] = (None, "P0")


def reasons(rows: pl.DataFrame, paid: pl.DataFrame = NOBODY, withdrawn: pl.Expr | None = None) -> dict[int, str]:
    """The reason of each line."""
    more = {} if withdrawn is None else {"withdrawn": withdrawn}
    found = with_reasons(rows, READY, paid, **more)
    assert found.columns == [*rows.columns, "reason"]
    return dict(found.select("line_no", "reason").iter_rows())


def before(*keys: tuple[object, ...], since: list[date | None] | None = None) -> pl.DataFrame:
    """Keys paid before, with the day from which they are taken."""
    paid = pl.DataFrame(keys, {name: SCHEMA[name] for name in KEY}, orient="row")
    return paid if since is None else paid.with_columns(pl.Series("taken_from", since, dtype=pl.Date))


# ---- the same key again -------------------------------------------------------------------------------------------


def test_the_first_row_that_pays_takes_the_key_and_those_before_it_do_not() -> None:
    rows = arrived(("H2", "P0"), (None, "H3"), (None, "N1"), PAYS, PAYS, (None, "H3"), ("E1", "P0"), PAYS)
    assert reasons(rows) == {1: "H2", 2: "H3", 3: "N1", 4: "P0", 5: "D1", 6: "D1", 7: "E1", 8: "D1"}


@pytest.mark.parametrize(
    "other", [(OTHER, *USUAL[1:]), (CHILD, MAY, *USUAL[2:]), (*USUAL[:2], "1110000016", "2"), (*USUAL[:3], "1")]
)
def test_a_key_is_the_child_the_month_the_institution_and_the_care(other: tuple[object, ...]) -> None:
    assert reasons(arrived(PAYS, PAYS, keys={2: other})) == {1: "P0", 2: "P0"}
    assert reasons(arrived(PAYS), before(other)) == {1: "P0"}
    assert reasons(arrived(PAYS, PAYS, PAYS, keys={2: other})) == {1: "P0", 2: "P0", 3: "D1"}


def test_rows_without_an_institution_are_never_the_same() -> None:
    abroad = (CHILD, JUNE, None, "2")
    assert reasons(arrived(PAYS, PAYS, PAYS, keys={1: abroad, 2: abroad})) == {1: "P0", 2: "P0", 3: "P0"}
    assert reasons(arrived(PAYS, keys={1: abroad}), before(abroad)) == {1: "P0"}


def test_a_row_that_pays_and_is_withdrawn_leaves_the_key_to_the_next() -> None:
    rows = arrived(PAYS, PAYS, PAYS, gone=(1,))
    assert reasons(rows, withdrawn=pl.col("gone")) == {1: "P0", 2: "P0", 3: "D1"}


def test_what_was_paid_before_is_taken_and_nothing_else() -> None:
    rows = arrived(PAYS, ("H2", "P0"), (None, "N1"))
    assert reasons(rows, before(USUAL)) == {1: "D1", 2: "H2", 3: "D1"}
    assert reasons(rows) == {1: "P0", 2: "H2", 3: "D1"}


def test_a_key_taken_from_a_day_on_is_free_before_that_day() -> None:
    rows = arrived(PAYS, PAYS, days=[9, 10], gone=(1, 2))
    free = pl.col("gone")
    assert reasons(rows, before(USUAL, since=[date(2026, 8, 10)]), free) == {1: "P0", 2: "D1"}
    assert reasons(rows, before(USUAL, since=[date(2026, 8, 9)]), free) == {1: "D1", 2: "D1"}
    assert reasons(rows, before(USUAL, since=[date(2026, 8, 11)]), free) == {1: "P0", 2: "P0"}


def test_of_several_days_the_first_counts_and_a_key_without_a_day_was_always_taken() -> None:
    rows, free = arrived(PAYS, PAYS, days=[9, 10], gone=(1, 2)), pl.col("gone")
    two = before(USUAL, USUAL, since=[date(2026, 8, 11), date(2026, 8, 10)])
    assert reasons(rows, two, free) == {1: "P0", 2: "D1"}
    always = before(USUAL, USUAL, since=[date(2026, 8, 10), None])
    assert reasons(rows, always, free) == {1: "D1", 2: "D1"}


# ---- order of arrival ---------------------------------------------------------------------------------------------


def test_rows_come_by_day_then_delivery_then_line_however_they_lie() -> None:
    said = [
        ("b", 2, date(2026, 8, 2)), ("a", 11, date(2026, 8, 2)), ("b", 1, date(2026, 8, 1)),
        ("c", 9, date(2026, 7, 31)), ("a", 2, date(2026, 8, 2)), ("c", 10, date(2026, 7, 31)),
        ("c", 99_999_999, date(2026, 7, 30)),
    ]  # fmt: skip
    rows = pl.DataFrame(said, ["delivery", "line_no", "known_date"], orient="row")
    sorted_rows = sorted(said, key=lambda one: (one[2], one[0], one[1]))
    assert in_order(rows).rows() == sorted_rows
    assert in_order(rows.reverse()).rows() == sorted_rows
    assert in_order(in_order(rows)).rows() == sorted_rows
    assert in_order(rows.clear()).equals(rows.clear())


def test_rows_of_an_unknown_day_come_last_and_none_is_lost() -> None:
    said = [("a", 1, None), ("a", 3, date(2026, 8, 2)), ("a", 2, date(2026, 8, 2))]
    rows = pl.DataFrame(said, {"delivery": pl.String, "line_no": pl.Int64, "known_date": pl.Date}, orient="row")
    assert in_order(rows)["line_no"].to_list() == [2, 3, 1]


def test_who_arrives_first_is_paid_wherever_the_row_lies() -> None:
    rows = arrived(PAYS, PAYS, PAYS, days=[3, 1, 2])
    assert reasons(rows) == {1: "D1", 2: "P0", 3: "D1"}
    assert with_reasons(rows, READY, NOBODY)["line_no"].to_list() == [2, 3, 1]


# ---- what is paid -------------------------------------------------------------------------------------------------


def decision(yen: int, kind: str = "1", child: str = CHILD, **more: object) -> dict[str, object]:
    return dict(zip(KEY, (child, *USUAL[1:]), strict=True)) | {"amount_yen": yen, "judgement": kind} | more


def test_a_key_is_paid_while_more_is_paid_than_taken_back() -> None:
    def paid(*rows: dict[str, object]) -> list[tuple[object, ...]]:
        return paid_keys(frame(DECISIONS, list(rows)), IDENTITIES.empty()).rows()

    assert paid(decision(900)) == [USUAL]
    assert paid(decision(900), decision(-900, "3")) == []
    assert paid(decision(900), decision(-899, "3")) == [USUAL]
    assert paid(decision(1)) == [USUAL]
    assert paid(decision(900), decision(-900, "2")) == [USUAL]
    assert paid(decision(900, "4"), decision(900, "2")) == []
    first, second = decision(900, institution_code="1110000016"), decision(900)
    assert paid(first, second, decision(-900, "3", institution_code="1110000016")) == [USUAL]
    assert [row[2] for row in paid(first, second)] == ["1110000016", "1110000008"]


def test_a_child_decided_under_an_earlier_number_is_one_person() -> None:
    same = frame(IDENTITIES, [{"resident_code": OTHER, "person_code": CHILD}])
    assert paid_keys(frame(DECISIONS, [decision(900, child=OTHER)]), same).rows() == [USUAL]
    back = frame(DECISIONS, [decision(900, child=OTHER), decision(-900, "3")])
    assert paid_keys(back, same).rows() == []


# ---- judgement and number -----------------------------------------------------------------------------------------


def test_every_reason_has_its_judgement() -> None:
    held = ["H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "HA", "R1"]
    refused = ["N1", "E1", "E2", "E3", "A1", "A2", "T1", "D1", "X1", "R2"]
    told = pl.DataFrame({"reason": ["P0", "R0", *held, *refused]}).select(judgement()).to_series().to_list()
    assert told == ["1", "3", *["4"] * len(held), *["2"] * len(refused)]


def test_a_decision_is_named_by_its_kind_key_and_month_and_the_second_of_a_month_by_its_place() -> None:
    keys = ["A", "B", "A", "C", "A", "B"]
    rows = pl.DataFrame({"subject_key": keys, "reason": ["P0", "H1", "R0", "D1", "P0", "P0"]})
    found = numbered(rows, "receipt", pl.lit(date(2026, 8, 1)))
    assert found["decision_no"].to_list() == [
        "R-A-202608", "R-B-202608", "R-A-202608.2", "R-C-202608", "R-A-202608.3", "R-B-202608.2",
    ]  # fmt: skip
    assert found.select("subject", "decided_month").unique().rows() == [("receipt", date(2026, 8, 1))]
    assert found["judgement"].to_list() == ["1", "4", "3", "2", "1", "1"]
    assert found.columns == ["subject_key", "reason", "subject", "decided_month", "judgement", "decision_no"]
    assert numbered(rows.head(1), "claim", pl.lit(date(2026, 11, 1)))["decision_no"].item() == "C-A-202611"
