"""Health insurance of a family: which insurer, which symbol and number, which 適用区分, and the 国保 feed.

All members of a family share one insurer during the run; older 国保 membership of families now insured
elsewhere is in the feed as an ended interval.
"""

import polars as pl

from pipelines.city.calendar import Run
from pipelines.city.chance import Chance, after
from pipelines.city.numbers import NHI_NO, NHI_SOCIETY_NO, insurer_no, padded

_KINDS = {
    "NHI": 17, "SOCIETY": 2.5, "01": 39, "02": 0.3, "03": 0.2, "06": 26, "07": 1.2, "31": 2.5, "32": 7.5,
    "33": 0.8, "34": 2, "63": 0.3, "67": 0.1, "72": 0.1, "73": 0.2, "74": 0.1, "75": 0.2,
}  # fmt: skip
"""法別番号 → weight; NHI is the city's 国保, SOCIETY a 国保組合 (both 法別 00)."""
_NUMBERS = {kind: insurer_no(kind) for kind in _KINDS if kind.isdigit()} | {"NHI": NHI_NO, "SOCIETY": NHI_SOCIETY_NO}
_TYPES = {kind: kind if kind.isdigit() else "00" for kind in _KINDS}
_CLASSES = {kind: {"NHI": "1", "SOCIETY": "4"}.get(kind, "3") for kind in _KINDS}
_INCOME = (["ア", "イ", "ウ", "エ", "オ"], [5, 9, 42, 31, 13])
SUPPLEMENTED = ("06", "31", "32", "33", "34", "63", "72", "73", "74", "75")
"""法別 of insurers that may pay 附加給付."""


def insured(households: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Families with insurance (kind), insurer_no, insurance_type_code, insured_class, symbol_number, income_class."""
    number = padded(chance.whole("insurance/number", "family_no", 9_000_000) + 1_000_000, 7)
    drawn = households.with_columns(
        chance.pick("insurance/kind", "family_no", list(_KINDS), list(_KINDS.values())).alias("insurance"),
        chance.pick("insurance/income", "family_no", *_INCOME).alias("income_class"),
        pl.format("{}・{}", chance.whole("insurance/symbol", "family_no", 9000) + 1000, number).alias("symbol_number"),
    )
    kind = pl.col("insurance")
    return drawn.with_columns(
        kind.replace_strict(_NUMBERS).alias("insurer_no"),
        kind.replace_strict(_TYPES).alias("insurance_type_code"),
        kind.replace_strict(_CLASSES).alias("insured_class"),
    )


def nhi_rows(persons: pl.DataFrame, chance: Chance, run: Run) -> pl.DataFrame:
    """Rows of national_health_insurance for registered persons (person_no, insurance, entry_known, …) with the
    day they are delivered (operated_date): members, former members, and the yearly change of 適用区分."""
    ended = chance.happens("nhi/former", "family_no", 0.06) & (pl.col("insurance") != "NHI")
    members = (
        persons.filter((pl.col("insurance") == "NHI") | ended)
        .with_columns(
            pl.lit(NHI_NO).alias("insurer_no"),
            padded(pl.col("person_no") % 10 + 1, 2).alias("insured_branch_no"),
            pl.col("resident_from").alias("start_date"),
            pl.when(pl.col("insurance") != "NHI")
            .then(after("resident_from", 30 + chance.whole("nhi/until", "family_no", 700)))
            .alias("end_date"),
            pl.lit(1, dtype=pl.Int64).alias("history_no"),
            pl.lit(0, dtype=pl.Int64).alias("history_branch_no"),
            pl.col("entry_known").alias("operated_date"),
        )
        .filter(pl.col("end_date").is_null() | (pl.col("end_date") < pl.lit(run.first)))
    )
    return pl.concat([members, _changed_class(members, chance, run)])


def _changed_class(members: pl.DataFrame, chance: Chance, run: Run) -> pl.DataFrame:
    """適用区分 changes each August with the new year's tax for a tenth of the families."""
    day = pl.lit(run.first.replace(month=8)).cast(pl.Date)
    changes = pl.col("end_date").is_null() & chance.happens("nhi/changes", "family_no", 0.1)
    known = members.filter(changes & (pl.col("operated_date") < day))
    return known.with_columns(
        chance.pick("nhi/next", "family_no", *_INCOME).alias("income_class"),
        pl.lit(1, dtype=pl.Int64).alias("history_branch_no"),
        day.alias("operated_date"),
    )
