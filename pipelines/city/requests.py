"""Requests of other offices for a transfer of data (移転の照会): a few children, some days a month."""

import polars as pl

from pipelines.city.calendar import Run
from pipelines.city.chance import Chance
from pipelines.city.numbers import padded

_ARTICLE = "番号法第9条第2項及び川口市番号利用条例第3条"
_CHILDREN_PER_REQUEST = 3


def request_rows(kids: pl.DataFrame, chance: Chance, run: Run, open_days: pl.Series) -> pl.DataFrame:
    """Rows of transfer_requests with the day they arrive (operated_date)."""
    days = (
        open_days.filter(open_days.is_between(run.first, run.end)).to_frame("requested_date").with_row_index("day_no")
    )
    sent = (
        days.filter(chance.happens("request/sent", "day_no", 0.3))
        .with_columns(
            chance.pick("request/office", "day_no", ["1", "2", "3"], [50, 30, 20]).alias("office"),
            pl.lit(list(range(_CHILDREN_PER_REQUEST))).alias("nth"),
            pl.lit(len(kids)).alias("kids"),
        )
        .explode("nth")
    )
    known = kids.select("person_no", "resident_code", "entry_known").with_row_index("kid_no")
    picked = (
        sent.with_columns(
            chance.whole("request/child", (pl.col("day_no") * 10 + pl.col("nth")).cast(pl.UInt64), pl.col("kids"))
            .cast(pl.UInt32)
            .alias("kid_no")
        )
        .join(known, on="kid_no", maintain_order="left")
        .filter(pl.col("entry_known") <= pl.col("requested_date"))
    )
    return picked.unique(["day_no", "resident_code"], maintain_order=True).with_columns(
        pl.format("Q{}", padded(pl.col("day_no"), 6)).alias("request_no"),
        pl.format("情資依{}-{}", pl.col("requested_date").dt.year(), padded(pl.col("day_no"), 4)).alias(
            "request_form_no"
        ),
        pl.lit(_ARTICLE).alias("article"),
        pl.col("requested_date").dt.truncate("1mo").alias("base_date"),
        pl.col("requested_date").alias("operated_date"),
    )
