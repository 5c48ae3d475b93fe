"""The register feeds: residents, nonresidents, and how a person's rows are numbered.

A person's history: the row of entry, the row of moving inside the city, the row of leaving or dying; each is a
full snapshot that becomes known on its operated_date.
"""

import polars as pl

from pipelines.city.numbers import padded

_FIRST_HOUSEHOLD = 20_000_000
_ABROAD = ("000000", "0000000", "国外")
_LEFT = 3


def _role() -> pl.Expr:
    head = (pl.col("slot") == 0) | ~pl.col("two_parents") | pl.col("away").is_in(["japan", "abroad"])
    spouse = pl.when(pl.col("sex") == "1").then(pl.lit("02")).otherwise(pl.lit("03"))
    return (
        pl.when(pl.col("role") == "child").then(pl.lit("04")).when(head).then(pl.lit("01")).otherwise(spouse)
    ).alias("household_role")


def _snapshot(persons: pl.DataFrame, event: int, known: str, day: str, reason: pl.Expr, moved: pl.Expr) -> pl.DataFrame:
    """One row per person for whom the event became known."""
    gone = event == _LEFT
    to_date = pl.col("resident_to") if gone else pl.lit(None, dtype=pl.Date)
    to_reason = pl.col("to_reason") if gone else pl.lit(None, dtype=pl.String)
    here = pl.when(pl.col("foreign")).then(pl.lit("02")).otherwise(pl.lit("01"))
    left = pl.when(pl.col("to_reason") == "53").then(pl.lit("05")).otherwise(pl.lit("04"))
    return persons.filter(pl.col(known).is_not_null()).with_columns(
        pl.lit(event, dtype=pl.Int64).alias("history_no"),
        pl.col(known).alias("operated_date"),
        pl.col(day).alias("change_date"),
        reason.alias("change_reason"),
        (left if gone else here).alias("resident_class"),
        *(
            pl.when(moved).then(f"next_{name}").otherwise(name).alias(name)
            for name in ("postal_code", "address", "katagaki")
        ),
        pl.col("resident_from").alias("resident_from_date"),
        pl.col("from_reason").alias("resident_from_reason"),
        to_date.alias("resident_to_date"),
        to_reason.alias("resident_to_reason"),
    )


def resident_rows(persons: pl.DataFrame) -> pl.DataFrame:
    """Rows of residents for registered persons (children and parents), those of an earlier stay first."""
    has_moved = pl.col("move_known").is_not_null()
    rows = pl.concat(
        [
            *_earlier_stay(persons),
            _snapshot(persons, 1, "entry_known", "resident_from", pl.col("from_reason"), pl.lit(False)),
            _snapshot(persons, 2, "move_known", "move_date", pl.lit("31"), pl.lit(True)),
            _snapshot(persons, 3, "exit_known", "resident_to", pl.col("to_reason"), has_moved),
        ]
    )
    order = pl.col("history_no").rank("dense").over("resident_code").cast(pl.Int64)
    return rows.with_columns(
        order.alias("history_no"),
        pl.lit(0, dtype=pl.Int64).alias("history_branch_no"),
        padded(pl.col("family_no") + _FIRST_HOUSEHOLD, 15).alias("household_no"),
        _role(),
    )


def _earlier_stay(persons: pl.DataFrame) -> list[pl.DataFrame]:
    """Entry and exit of the earlier stay, under the number the person had then."""
    stayed = persons.filter(pl.col("first_from").is_not_null()).with_columns(
        pl.coalesce("old_code", "resident_code").alias("resident_code"),
        pl.col("first_from").alias("resident_from"),
        pl.when(pl.col("birth_date") == pl.col("first_from"))
        .then(pl.lit("01"))
        .otherwise(pl.lit("02"))
        .alias("from_reason"),
        pl.col("first_to").alias("resident_to"),
        pl.lit("51").alias("to_reason"),
    )
    came = _snapshot(stayed, 1, "first_known", "first_from", pl.col("from_reason"), pl.lit(False))
    went = _snapshot(stayed, _LEFT, "first_end_known", "first_to", pl.lit("51"), pl.lit(False))
    return [rows.with_columns(pl.col("history_no") - 3) for rows in (came, went)]


def linked_rows(persons: pl.DataFrame) -> pl.DataFrame:
    """Rows of nonresidents for the older numbers of persons: each says whose it is (same_person_code)."""
    return persons.filter(pl.col("old_code").is_not_null()).with_columns(
        pl.max_horizontal("code_since", "entry_known").alias("operated_date"),
        pl.col("old_code").alias("resident_code"),
        pl.col("resident_code").alias("same_person_code"),
        *(pl.col(f"away_{name}").alias(name) for name in ("municipality_code", "postal_code", "address", "katagaki")),
        pl.lit("1").alias("in_japan"),
        pl.lit(1, dtype=pl.Int64).alias("history_no"),
        pl.lit(0, dtype=pl.Int64).alias("history_branch_no"),
    )


def nonresident_rows(parents: pl.DataFrame) -> pl.DataFrame:
    """Rows of nonresidents: earning parents who live elsewhere in Japan or abroad, and those who left for
    elsewhere in Japan (they keep their number). Who emigrates has only the 転出 row of residents."""
    outside = (pl.col("slot") == 0) & pl.col("away").is_in(["japan", "abroad"])
    left = (pl.col("slot") == 0) & (pl.col("away") == "leaves") & pl.col("leave_date").is_not_null()
    abroad = pl.col("away") == "abroad"
    code, postal, address = _ABROAD
    return parents.filter(outside | left).with_columns(
        pl.when(left).then("exit_known").otherwise("entry_known").alias("operated_date"),
        pl.when(abroad).then(pl.lit(code)).otherwise("away_municipality_code").alias("municipality_code"),
        pl.when(abroad).then(pl.lit(postal)).otherwise("away_postal_code").alias("postal_code"),
        pl.when(abroad).then(pl.lit(address)).otherwise("away_address").alias("address"),
        pl.when(~abroad).then("away_katagaki").alias("katagaki"),
        pl.when(abroad).then(pl.lit("0")).otherwise(pl.lit("1")).alias("in_japan"),
        pl.lit(None, dtype=pl.String).alias("same_person_code"),
        pl.lit(1, dtype=pl.Int64).alias("history_no"),
        pl.lit(0, dtype=pl.Int64).alias("history_branch_no"),
    )
