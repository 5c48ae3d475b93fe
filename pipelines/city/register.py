"""The register feeds: residents, nonresidents, and how a person's rows are numbered.

A person's history: the row of entry, the row of moving inside the city, the row of leaving or dying; each is a
full snapshot that becomes known on its operated_date.
"""

import polars as pl

from pipelines.city.numbers import padded

_FIRST_HOUSEHOLD = 20_000_000
_ABROAD = ("000000", "0000000", "国外")


def _role() -> pl.Expr:
    head = (pl.col("slot") == 0) | ~pl.col("two_parents") | pl.col("away").is_in(["japan", "abroad"])
    spouse = pl.when(pl.col("sex") == "1").then(pl.lit("02")).otherwise(pl.lit("03"))
    return (
        pl.when(pl.col("role") == "child").then(pl.lit("04")).when(head).then(pl.lit("01")).otherwise(spouse)
    ).alias("household_role")


def _snapshot(persons: pl.DataFrame, event: int, known: str, day: str, reason: pl.Expr, moved: pl.Expr) -> pl.DataFrame:
    """One row per person for whom the event became known."""
    gone = event == 3
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
    """Rows of residents for registered persons (children and parents)."""
    has_moved = pl.col("move_known").is_not_null()
    rows = pl.concat(
        [
            _snapshot(persons, 1, "entry_known", "resident_from", pl.col("from_reason"), pl.lit(False)),
            _snapshot(persons, 2, "move_known", "move_date", pl.lit("31"), pl.lit(True)),
            _snapshot(persons, 3, "exit_known", "resident_to", pl.col("to_reason"), has_moved),
        ]
    )
    order = pl.col("history_no").rank("dense").over("person_no").cast(pl.Int64)
    return rows.with_columns(
        order.alias("history_no"),
        pl.lit(0, dtype=pl.Int64).alias("history_branch_no"),
        padded(pl.col("family_no") + _FIRST_HOUSEHOLD, 15).alias("household_no"),
        _role(),
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
