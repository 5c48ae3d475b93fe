"""Two tables that disagree: by a yen, by a row, by a null, by a row too many."""

import polars as pl

from assets.second_engine.differences import differences

KEYS, VALUES = ["delivery", "line_no"], ["reason", "amount_yen"]


def decided() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "delivery": ["見本"] * 5,
            "line_no": range(1, 6),
            "reason": ["P0"] * 5,
            "amount_yen": [100 * n for n in range(5)],
            "article": ["条例"] * 5,
        }
    )


def yen(frame: pl.DataFrame, line_no: int, amount: int | None) -> pl.DataFrame:
    changed = pl.when(pl.col("line_no") == line_no).then(pl.lit(amount)).otherwise("amount_yen")
    return frame.with_columns(changed.alias("amount_yen"))


def test_equal_tables_have_no_differences_in_any_order() -> None:
    assert differences(decided(), decided().reverse().drop("article"), KEYS, VALUES).is_empty()


def test_one_yen_is_found_on_both_sides() -> None:
    found = differences(decided(), yen(decided(), 3, 201), KEYS, VALUES)
    assert found.select("line_no", "amount_yen", "side").rows() == [(3, 200, "ours"), (3, 201, "theirs")]


def test_a_row_missing_on_either_side_is_found() -> None:
    short = decided().filter(pl.col("line_no") != 4)
    assert differences(decided(), short, KEYS, VALUES).select("line_no", "side").rows() == [(4, "ours")]
    assert differences(short, decided(), KEYS, VALUES).select("line_no", "side").rows() == [(4, "theirs")]


def test_null_equals_null_and_nothing_else() -> None:
    unknown = yen(decided(), 2, None)
    assert differences(unknown, unknown, KEYS, VALUES).is_empty()
    assert differences(unknown, decided(), KEYS, VALUES).height == 2


def test_a_row_doubled_on_one_side_is_found() -> None:
    doubled = pl.concat([decided(), decided().head(1)])
    assert differences(decided(), doubled, KEYS, VALUES)["line_no"].to_list() == [1, 1]


def test_empty_tables_agree() -> None:
    assert differences(decided().clear(), decided().clear(), KEYS, VALUES).is_empty()
    assert differences(decided(), decided().clear(), KEYS, VALUES).height == 5
