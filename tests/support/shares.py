"""Who bears every benefit, as the months booked it and as the city knows it, in one form."""

from datetime import date
from pathlib import Path

import polars as pl

from assets.calendar import key_of
from assets.subsidy.rules import standing
from resources.house import House
from schemas.records.benefit import DECISIONS
from schemas.records.subsidy import SUBSIDIES

_LINE = ["delivery", "line_no"]
BENEFIT = ["child_resident_code", "service_month", "institution_code", "care", *_LINE]
SAID = ["amount_yen", "reason", "subsidised_yen", "prefecture_yen", "city_yen"]


def booked(house: House, month: date) -> pl.DataFrame:
    """What stands after a month, by benefit; the line only of claims without an institution."""
    keys = [key for key in house.shelf.partitions(SUBSIDIES.name) if key <= key_of(month)]
    lines = house.shelf.read_many(DECISIONS, keys).select("decision_no", *_LINE)
    stands = standing(house.shelf.read_many(SUBSIDIES, keys)).join(lines, on="decision_no")
    stem = pl.col("delivery").str.replace(r"\.(csv|txt)$", "")
    alone = pl.col("institution_code").is_null()
    own = [pl.when(alone).then(stem).alias("delivery"), pl.when(alone).then("line_no").alias("line_no")]
    return stands.with_columns(own).select(BENEFIT + SAID).sort(BENEFIT)


def known(place: Path, month: date) -> pl.DataFrame:
    """The truth after a month: the last that was said of each benefit."""
    said = pl.read_parquet(place / "truth_subsidy.parquet").filter(pl.col("month") <= month).sort("month")
    return said.unique(BENEFIT, keep="last", maintain_order=True).select(BENEFIT + SAID).sort(BENEFIT)
