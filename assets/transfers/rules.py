"""What one answer says. Pure: the requests of a day and the eligibility known that day in, answers out."""

import polars as pl

from assets.benefit.standing import standing
from assets.eligibility.reading import certificate_spans
from assets.register.identities import as_person
from schemas.errors import CityError
from schemas.record import Record
from schemas.records.transfers import TRANSFER_LIMIT


class TooManyPersons(CityError):
    """A request for 10,000 persons or more (評価書22 II-5: 1万人未満)."""


def last_paid(decisions: pl.DataFrame) -> pl.DataFrame:
    """(child_resident_code, last_paid_month): the latest service month of which something is paid for each child, by
    the decisions that stand."""
    key = ["child_resident_code", "service_month"]
    left = standing(decisions).group_by(key).agg(pl.col("amount_yen").sum()).filter(pl.col("amount_yen") > 0)
    return left.group_by("child_resident_code").agg(pl.col("service_month").max().alias("last_paid_month"))


def answer(
    record: Record,
    requests: pl.DataFrame,
    eligibility: pl.DataFrame,
    registrations: pl.DataFrame,
    identities: pl.DataFrame,
    last_paid: pl.DataFrame,
) -> pl.DataFrame:
    """One row per person asked about, under the number asked: entitled on the base date or not, and since when until
    when without a break under one guardian and scope.

    `last_paid`: (child_resident_code, last_paid_month). Raises TooManyPersons.
    """
    if requests["resident_code"].n_unique() > TRANSFER_LIMIT:
        raise TooManyPersons(
            f"{record.label}: 照会の対象が{TRANSFER_LIMIT + 1:,}人以上です。照会を分けるよう照会元に連絡してください"
        )
    entitled = certificate_spans(eligibility).select(
        "child_resident_code",
        pl.col("start_date").alias("valid_from_date"),
        (pl.col("end_date") - pl.duration(days=1)).alias("valid_to_date"),
    )
    whose = requests.with_columns(pl.col("resident_code").alias("child_resident_code"))
    asked = as_person(whose, identities, "child_resident_code").join(entitled, on="child_resident_code", how="left")
    holds = pl.col("base_date").is_between("valid_from_date", "valid_to_date").fill_null(False)
    found = (
        asked.with_columns(holds.alias("holds"))
        .sort("holds", descending=True)
        .unique(["request_no", "resident_code"], keep="first", maintain_order=True)
        .with_columns(
            pl.when("holds").then(pl.lit("1")).otherwise(pl.lit("0")).alias("entitled"),
            *(pl.when("holds").then(pl.col(day)).alias(day) for day in ("valid_from_date", "valid_to_date")),
        )
    )
    numbers = registrations.select("child_resident_code", "beneficiary_no")
    return (
        found.join(numbers, on="child_resident_code", how="left")
        .join(last_paid, on="child_resident_code", how="left")
        .select(record.names)
        .sort("request_no", "resident_code")
    )
