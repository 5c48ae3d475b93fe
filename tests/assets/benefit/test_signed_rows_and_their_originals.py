"""Signed rows beside their originals: which row each one changes, by how many yen, and what is left of it."""

from datetime import date

import polars as pl
import pytest

from assets.benefit.signed import FOUND, changed, is_signed, with_originals

SCHEMA = {
    "receipt_change": pl.String, "rcpt_public_expense_yen": pl.Int64, "rcpt_search_no": pl.String,
    "review_body": pl.String, "institution_code": pl.String, "child_resident_code": pl.String,
    "service_month": pl.Date, "care": pl.String, "delivery": pl.String, "line_no": pl.Int64,
}  # fmt: skip
USUAL = {
    "review_body": "1", "institution_code": "1110000008", "child_resident_code": "000000000000001",
    "service_month": date(2026, 6, 1), "care": "2",
}  # fmt: skip


def rows(*given: tuple[str, int, str | None] | tuple[str, int, str | None, dict[str, object]]) -> pl.DataFrame:
    """Rows of (change, yen, 検索番号, what else differs) in the order of arrival; the line is ten times the place."""
    said = [
        USUAL | {"delivery": f"d{at}", "line_no": at * 10} | dict(zip(list(SCHEMA)[:3], one[:3], strict=True))
        | (one[3] if len(one) > 3 else {})
        for at, one in enumerate(given)
    ]  # fmt: skip
    return pl.DataFrame(said, SCHEMA)


Given = tuple[str, int, str | None] | tuple[str, int, str | None, dict[str, object]]


def found(*given: Given) -> list[tuple[int | None, int | None]]:
    """(place of the original, change) of each row."""
    return with_originals(rows(*given)).select("original_at", "change_yen").rows()


def gone(*given: Given) -> list[int]:
    """The places of the originals of which nothing is left."""
    return with_originals(rows(*given)).select(pl.col("withdrawn").fill_null(False).arg_true()).to_series().to_list()


NONE = (None, None)


def test_a_withdrawal_says_the_place_line_and_yen_of_its_original() -> None:
    made = with_originals(rows(("0", 500, None, {"care": "5"}), ("0", 900, None), ("1", -900, None)))
    assert made.columns == [*SCHEMA, *_order(made)]
    assert made.schema == SCHEMA | {name: FOUND[name] for name in _order(made)}
    assert made.row(2, named=True) | USUAL == USUAL | {
        "receipt_change": "1", "rcpt_public_expense_yen": -900, "rcpt_search_no": None, "delivery": "d2", "line_no": 20,
        "original_at": 1, "change_yen": -900, "withdrawn": None, "original_feed": "receipts",
        "original_delivery": "d1", "original_line_no": 10, "original_yen": 900,
    }  # fmt: skip
    assert made["withdrawn"].to_list() == [None, True, None]
    assert (
        made.select("original_feed", "original_delivery", "original_line_no", "original_yen").rows()[:2]
        == [(None, None, None, None)] * 2
    )


def _order(made: pl.DataFrame) -> list[str]:
    return [name for name in made.columns if name not in SCHEMA]


def test_rows_without_any_signed_one_have_the_same_columns_without_words() -> None:
    plain = with_originals(rows(("0", 900, None), ("0", 500, None)))
    assert dict(plain.schema) == SCHEMA | FOUND
    assert plain.select(list(FOUND)).rows() == [(None,) * len(FOUND)] * 2
    assert plain.drop(list(FOUND)).equals(rows(("0", 900, None), ("0", 500, None)))
    assert rows(("0", 1, None), ("1", 1, None), ("3", 1, None)).select(is_signed()).to_series().to_list() == [
        False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [{"review_body": "2"}, {"institution_code": "1110000016"}, {"child_resident_code": "000000000000009"},
     {"service_month": date(2026, 5, 1)}, {"care": "5"}, {"child_resident_code": None}],
)  # fmt: skip
def test_an_original_is_of_the_same_body_institution_child_month_and_care(other: dict[str, object]) -> None:
    assert found(("0", 900, None), ("2", -900, None, other)) == [NONE, NONE]
    assert found(("0", 900, None, other), ("2", -900, None)) == [NONE, NONE]


@pytest.mark.parametrize(("change", "yen", "there"), [("1", 1, 0), ("1", 0, 1), ("2", 1, 0), ("3", 1, 1), ("3", -1, 1)])
def test_only_a_review_may_add_yen(change: str, yen: int, there: int) -> None:
    """A change of 0 yen is understood; the only original there is is the one, whatever its yen."""
    assert found(("0", 900, None), (change, yen, None)) == [NONE, (0, yen) if there else NONE]


def test_a_number_names_the_original_and_one_that_fits_none_names_nobody() -> None:
    two = (("0", 900, "A"), ("0", 900, "B"))
    assert found(*two, ("2", -900, "B"))[2:] == [(1, -900)]
    assert found(*two, ("2", -900, "C"))[2:] == [NONE]
    assert found(*two, ("3", -50, "A"))[2:] == [(0, -50)]
    assert found(("0", 900, "A"), ("0", 900, "A"), ("2", -900, "A"))[2:] == [NONE]


def test_a_row_or_an_original_without_a_number_is_found_by_its_yen() -> None:
    assert found(("0", 900, "A"), ("0", 600, "B"), ("2", -600, None))[2:] == [(1, -600)]
    assert found(("0", 900, None), ("0", 600, None), ("2", -600, "B"))[2:] == [(1, -600)]
    assert found(("0", 900, "A"), ("0", 600, None), ("2", -600, "B"))[2:] == [(1, -600)]
    assert found(("0", 900, None), ("0", 600, None), ("2", -300, None))[2:] == [NONE]


def test_the_only_original_is_the_one_though_its_yen_differ() -> None:
    assert found(("0", 900, None), ("3", -300, None)) == [NONE, (0, -300)]
    assert found(("0", 900, "A"), ("0", 600, None), ("3", -300, "B"))[2:] == [(1, -300)]


def test_rows_of_the_same_yen_take_the_originals_in_turn_and_further_ones_the_last() -> None:
    three = (("0", 900, None), ("0", 600, None), ("0", 900, None))
    took = found(*three, ("2", -900, None), ("2", -900, None), ("2", -900, None), ("2", -600, None))[3:]
    assert took == [(0, -900), (2, -900), (2, 0), (1, -600)]


def test_the_turns_of_one_institution_or_yen_are_not_those_of_another() -> None:
    there: dict[str, object] = {"institution_code": "1110000016"}
    given = (("0", 900, None), ("0", 900, None), ("0", 900, None, there), ("0", 900, None, there))
    both = (("2", -900, None, there), ("2", -900, None), ("2", -900, None, there), ("2", -900, None))
    assert [at for at, _ in found(*given, *both)[4:]] == [2, 0, 3, 1]
    mixed = (("0", 900, None), ("0", 600, None), ("0", 900, None), ("0", 600, None))
    took = found(*mixed, *[("2", -yen, None) for yen in (600, 900, 900, 600)])[4:]
    assert [at for at, _ in took] == [1, 0, 2, 3]


def test_what_a_number_takes_whole_is_left_out_of_the_turns_and_what_it_lowers_is_not() -> None:
    two = (("0", 900, "A"), ("0", 900, None))
    assert [at for at, _ in found(*two, ("2", -900, "A"), ("2", -900, None))[2:]] == [0, 1]
    assert [at for at, _ in found(*two, ("3", -100, "A"), ("2", -900, None))[2:]] == [0, 0]


def test_changes_of_one_original_follow_each_other_and_none_takes_it_below_nothing() -> None:
    given = (("0", 900, None), ("3", -600, None), ("3", -600, None), ("3", -100, None), ("3", 200, None))
    assert [yen for _, yen in found(*given)[1:]] == [-600, -300, 0, 200]
    assert gone(*given) == []
    assert gone(*given[:4]) == [0]
    assert [yen for _, yen in found(("0", 900, None), ("3", 100, None), ("3", -1_000, None))] == [None, 100, -1_000]
    assert found(("0", 900, None), ("3", -1_200, None), ("3", 100, None))[1:] == [(0, -900), (0, 100)]


def test_changes_of_one_original_follow_each_other_however_each_was_found() -> None:
    assert found(("0", 900, "A"), ("3", -300, None), ("3", -800, "A"))[1:] == [(0, -300), (0, -600)]
    assert found(("0", 900, "A"), ("3", -300, "A"), ("3", -800, None))[1:] == [(0, -300), (0, -600)]


def test_changes_of_several_originals_do_not_touch_each_other() -> None:
    given = (
        ("0", 900, "A"), ("0", 600, "B"), ("3", -500, "B"), ("3", -100, "A"), ("3", -500, "B"), ("3", -100, "A"),
        ("3", -1, "A"),
    )  # fmt: skip
    assert found(*given)[2:] == [(1, -500), (0, -100), (1, -100), (0, -100), (0, -1)]
    assert gone(*given) == [1]


def test_originals_after_their_signed_rows_are_found_as_well() -> None:
    assert found(("2", -900, None), ("0", 900, None)) == [(1, -900), NONE]


def test_the_reason_of_a_signed_row_is_told_by_its_original() -> None:
    reasons = ["P0", "H2", "D1", "N1", "E2", "R1", "R1", "R1", "R1", "R1", "E2", "R1"]
    at = [None, None, None, None, None, 0, 1, 2, 3, None, 0, 4]
    signs = ["0"] * 5 + ["2"] * 7
    told = pl.DataFrame(
        {"reason": reasons, "original_at": at, "receipt_change": signs}, schema_overrides={"original_at": pl.UInt32}
    ).select(changed())
    assert told["reason"].to_list() == [*reasons[:5], "R0", "R1", "R2", "R2", "R1", "E2", "R2"]
    unsigned = pl.DataFrame(
        {"reason": ["R1", "P0"], "original_at": [1, None], "receipt_change": ["0", "0"]},
        schema_overrides={"original_at": pl.UInt32},
    )
    assert unsigned.select(changed())["reason"].to_list() == ["R1", "P0"]
