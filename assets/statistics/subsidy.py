"""What a month adds to 県補助: 県対象額, the city's own yen, 県費 and 市費, by age band and by reason. Pure.

Belongs here: groups and sums for the monthly report. Does not belong here: who bears the yen (assets/subsidy), what
the prefecture is told (assets/subsidy/report.py).
What changed goes out of its old group and into its new one, so a number may be negative.
"""

import polars as pl

from assets.register.identities import as_person
from assets.statistics.rules import age_band
from reports.monthly.amounts import Amount
from reports.monthly.subsidy import REDUCED_SCHEMA, SPLIT_SCHEMA, UNKNOWN_BAND, Subsidies
from schemas.codes import FLAG, SUBSIDY_CLASS, SUBSIDY_REASON, TAX_STATUS

_CHILD = "child_resident_code"
_SHARED = "S1"
_NOT_COUNTED = "不明"
_MEASURES = {
    "subsidised_yen": "県対象額",
    "own_yen": "市単独の額",
    "prefecture_yen": "県費",
    "city_yen": "市費",
    "waiting_yen": "確認待ち",
}


def _own_yen() -> pl.Expr:
    """市単独の額: the copay the prefecture leaves out, or all that is outside by age or income; 0 while it waits."""
    outside = pl.col("reason").is_in(["S0", "S2", "S3"])
    return pl.when(outside).then("amount_yen").otherwise(pl.col("copay_yen").fill_null(0))


def _signed(rows: pl.DataFrame, sign: int) -> pl.DataFrame:
    """SUBSIDIES with `band`, `why` and SPLIT_SCHEMA's numbers, added or taken off."""
    waiting = pl.when(pl.col("prefecture_yen").is_null()).then("amount_yen").otherwise(0)
    taxed = pl.format("{}({})", pl.lit(SUBSIDY_REASON.labels[_SHARED]), pl.col("tax_status").replace(TAX_STATUS.labels))
    known_birth = pl.col("birth_date").is_not_null()
    band = pl.when(known_birth).then(age_band(pl.col("birth_date"), pl.col("service_month")))
    numbers = {
        "count": pl.col("amount_yen").sign(),
        "yen": pl.col("amount_yen"),
        "subsidised_yen": pl.col("subsidised_yen").fill_null(0),
        "own_yen": _own_yen(),
        "prefecture_yen": pl.col("prefecture_yen").fill_null(0),
        "city_yen": pl.col("city_yen").fill_null(0),
        "waiting_yen": waiting,
    }
    return rows.select(
        band.fill_null(UNKNOWN_BAND).alias("band"),
        pl.when(pl.col("reason") == _SHARED)
        .then(taxed)
        .otherwise(pl.col("reason").replace_strict(dict(SUBSIDY_REASON.labels)))
        .alias("why"),
        *((number * sign).cast(pl.Int64).alias(name) for name, number in numbers.items()),
    )


def _summed(rows: pl.DataFrame, group: str) -> pl.DataFrame:
    names = SPLIT_SCHEMA.names()[1:]
    sums = rows.group_by(pl.col(group).alias("group")).agg(pl.col(names).sum())
    return sums.filter(pl.any_horizontal(pl.col(names) != 0)).sort("group")


def _reduced(kokuho: pl.DataFrame) -> pl.DataFrame:
    """KOKUHO_FIGURES of a month by 助成区分, in its order, and whether the 国庫負担 is reduced."""
    labels = {"subsidy_class": SUBSIDY_CLASS.labels, "reduced": FLAG.labels}
    sums = kokuho.group_by(*labels).agg(pl.col(REDUCED_SCHEMA.names()[2:]).sum()).sort(*labels)
    return sums.with_columns(pl.col(name).replace(said).fill_null(_NOT_COUNTED) for name, said in labels.items())


def subsidies_of_month(
    booked: pl.DataFrame,
    before: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    decisions: pl.DataFrame,
    told: pl.DataFrame,
    kokuho: pl.DataFrame,
) -> Subsidies:
    """`booked`: SUBSIDIES of the month; `before`: the rows that stood; `decisions`: DECISIONS of the month; `told`:
    PREFECTURE_REPORT and `kokuho`: KOKUHO_FIGURES of the month."""
    births = persons.select(pl.col("resident_code").alias(_CHILD), "birth_date")
    replaced = before.join(booked, on="decision_no", how="semi")
    named = [as_person(rows, identities, _CHILD).join(births, on=_CHILD, how="left") for rows in (booked, replaced)]
    rows = pl.concat([_signed(named[0], 1), _signed(named[1], -1)])
    difference = int((decisions["amount_yen"] - decisions["before_yen"]).sum())
    return Subsidies(
        by_age=_summed(rows, "band"),
        by_reason=_summed(rows, "why"),
        reduced=_reduced(kokuho),
        decided=Amount(0, difference),
        told=Amount(0, int(told["prefecture_yen"].sum())),
    )


def subsidy_figures(found: Subsidies) -> pl.DataFrame:
    """The same as rows of FIGURES, one per group and measure."""
    tables = {"県補助(年齢区分)": found.by_age, "県補助(判断)": found.by_reason}
    return pl.concat(
        [
            rows.drop("yen")
            .unpivot(list(_MEASURES), index=["group", "count"], variable_name="part", value_name="yen")
            .select(
                pl.lit(figure).alias("figure"),
                "group",
                pl.col("part").replace_strict(_MEASURES),
                pl.col("count").alias("cases"),
                "yen",
            )
            for figure, rows in tables.items()
        ]
    )
