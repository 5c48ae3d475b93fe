"""Care given in one month: which child, where, how often, at what cost.

Belongs here: frequency and cost by age, season and department, the place, the days. Whether the visit becomes a
receipt or a claim is decided in billing; whether it is paid, in truth. One line is one child × institution ×
care (入外) × month. Points are 10 yen.
"""

from datetime import date, timedelta

import polars as pl

from pipelines.city.calendar import month_after, month_end
from pipelines.city.chance import Chance, after, key
from pipelines.city.institutions import institutions, places

_DEPARTMENTS = ["09", "01", "27", "19", "26", "11", "10"]
_YOUNG = [62, 6, 14, 10, 4, 2, 2]
_OLD = [14, 30, 20, 13, 10, 10, 3]
_WINTER = {12: 1.35, 1: 1.5, 2: 1.35, 3: 1.1, 7: 0.85, 8: 0.75, 9: 0.9}
"""Influenza and colds: 小児科 and 内科."""
_POLLEN = {2: 1.6, 3: 2.1, 4: 1.8}
"""Hay fever: 耳鼻咽喉科 and 眼科."""
_SUMMER = {6: 1.2, 7: 1.5, 8: 1.5}
"""皮膚科."""
_AGES = (1, 3, 6, 12, 15)
_VISITS = (1.9, 2.05, 1.6, 1.05, 0.68, 0.57)
"""Lines of outpatient care a month, by age (below each of _AGES, then above)."""
_DENTAL = (0.0, 0.1, 0.25, 0.3, 0.16, 0.13)
_HOSPITAL = (0.012, 0.004, 0.0016, 0.001, 0.0011, 0.0012)
_COST = {"09": 560, "01": 430, "27": 480, "19": 330, "26": 520, "11": 540, "10": 600}
"""Typical points of a visit."""
_PATIENT = (
    "person_no", "family_no", "resident_code", "name_kana", "sex", "birth_date", "beneficiary_no",
    "old_beneficiary_no", "app_date",
    "school_from", "over_from", "insurance", "insurer_no", "insurance_type_code", "insured_class", "symbol_number",
    "income_class", "granted",
)  # fmt: skip
"""What receipts and claims say of a child, when school begins, and from when it is gone or grown."""
_CARD_USED_DAYS = 70
"""How long after leaving or growing up a card is still used."""
_LINE = ("medical", "pharmacy", "dental", "hospital", "nursing", "bonesetter")
_CARE = {"medical": "2", "pharmacy": "5", "dental": "4", "hospital": "1", "nursing": "6", "bonesetter": "7"}


def _by_age(values: tuple[float, ...]) -> pl.Expr:
    chosen = pl.lit(values[-1])
    for below, value in zip(reversed(_AGES), reversed(values[:-1]), strict=True):
        chosen = pl.when(pl.col("age") < below).then(pl.lit(value)).otherwise(chosen)
    return chosen


def _weights(month: int, base: list[int]) -> list[float]:
    season = {"09": _WINTER, "01": _WINTER, "27": _POLLEN, "26": _POLLEN, "19": _SUMMER}
    return [weight * season.get(code, {}).get(month, 1.0) for code, weight in zip(_DEPARTMENTS, base, strict=True)]


def _patients(kids: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """Children born by the end of the month, with age, frailty (mean 1, skewed) and a key for this month's draws."""
    months = (pl.lit(month.year * 12 + month.month) - pl.col("birth_date").dt.year().cast(pl.Int64) * 12) - pl.col(
        "birth_date"
    ).dt.month()
    recent = pl.col("over_from").fill_null(month) > pl.lit(month - timedelta(days=_CARD_USED_DAYS))
    carded = (pl.col("birth_date") <= month_end(month)) & pl.col("beneficiary_no").is_not_null() & recent
    return (
        kids.filter(carded)
        .select(_PATIENT)
        .with_columns(
            (months // 12).clip(0).alias("age"),
            (0.75 * chance.normal("care/frailty", "person_no") - 0.28).exp().alias("frailty"),
            key("person_no", pl.lit(month.year * 12 + month.month)).alias("month_key"),
        )
    )


def _lines(patients: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """One row per line of care: line (kind), slot."""
    young, old = _weights(month.month, _YOUNG), _weights(month.month, _OLD)
    season = pl.when(pl.col("age") < 12).then(sum(young) / sum(_YOUNG)).otherwise(sum(old) / sum(_OLD))
    rates = {
        "medical": _by_age(_VISITS) * season,
        "dental": _by_age(_DENTAL),
        "hospital": _by_age(_HOSPITAL),
        "nursing": pl.lit(0.0009),
        "bonesetter": pl.when(pl.col("age") < 6).then(pl.lit(0.0)).otherwise(pl.lit(0.003)),
    }
    parts = [
        patients.with_columns(
            chance.events(f"care/{line}", "month_key", rate * pl.col("frailty")).alias("times"),
            pl.lit(line).alias("line"),
        ).filter(pl.col("times") > 0)
        for line, rate in rates.items()
    ]
    found = pl.concat(parts).with_columns(pl.int_ranges(0, pl.col("times")).alias("slot_no")).explode("slot_no")
    medicine = found.filter(pl.col("line") == "medical").filter(
        chance.happens("care/medicine", key("month_key", "slot_no"), 0.62)
    )
    return pl.concat([found, medicine.with_columns(pl.lit("pharmacy").alias("line"))])


def _place(chance: Chance, month: date) -> list[pl.Expr]:
    """department, kind, area. A child goes to its usual clinic mostly."""
    young, old = _weights(month.month, _YOUNG), _weights(month.month, _OLD)
    picked = (
        pl.when(pl.col("age") < 12)
        .then(chance.pick("care/young", "line_key", _DEPARTMENTS, young))
        .otherwise(chance.pick("care/old", "line_key", _DEPARTMENTS, old))
    )
    clinic = (
        pl.when(chance.happens("care/at hospital", "line_key", 0.06))
        .then(pl.lit("hospital"))
        .otherwise(pl.format("clinic {}", picked))
    )
    kind = pl.col("line").replace({"dental": "dentist"})
    return [
        picked.alias("drawn_department"),
        pl.when(pl.col("line") == "medical").then(clinic).otherwise(kind).alias("kind"),
        chance.pick("care/area", "line_key", ["city", "prefecture", "outside"], [870, 118, 12]).alias("area"),
    ]


def _costs(chance: Chance) -> list[pl.Expr]:
    """days and points: of one visit; for the hospital of the whole stay."""
    spread = chance.normal("care/cost", "line_key")
    medical = pl.col("drawn_department").replace_strict({k: float(v) for k, v in _COST.items()}) * (0.5 * spread).exp()
    tail = pl.when(chance.happens("care/costly", "line_key", 0.003)).then(8.0).otherwise(1.0)
    drug = 330.0 * (0.75 * spread).exp() * tail
    stay = (
        26_000.0
        * (0.9 * spread).exp()
        * pl.when(chance.happens("care/very costly", "line_key", 0.03)).then(9.0).otherwise(1.0)
    )
    line = pl.col("line")
    points = (
        pl.when(line == "medical").then(medical * tail)
        .when(line == "pharmacy").then(drug)
        .when(line == "dental").then(560.0 * (0.45 * spread).exp())
        .when(line == "hospital").then(stay)
        .when(line == "nursing").then(1_050.0)
        .otherwise(210.0 * (0.3 * spread).exp())
    )  # fmt: skip
    more = chance.lag_days("care/days", "line_key", 0.9, 7)
    long = chance.lag_days("care/stay", "line_key", 4.0, 24)
    return [
        points.round(0).cast(pl.Int64).clip(12, 900_000).alias("points"),
        (
            pl.when(line == "hospital")
            .then(long)
            .when(line == "pharmacy")
            .then(more // 2)
            .when(line.is_in(["nursing", "bonesetter"]))
            .then(more + 2)
            .otherwise(more)
            + 1
        ).alias("days"),
    ]


def _dates(chance: Chance, month: date) -> list[pl.Expr]:
    """first_visit and last_visit inside the month, on or after birth and 1 day per visit."""
    length = (month_after(month, 1) - month).days
    start = pl.max_horizontal(pl.lit(month, dtype=pl.Date), "birth_date")
    room = (pl.lit(month_end(month), dtype=pl.Date) - start).dt.total_days() + 1
    days = pl.min_horizontal("days", room)
    first = after(start, chance.whole("care/first", "line_key", room - days + 1))
    left = (pl.lit(month, dtype=pl.Date) - first).dt.total_days() + length - days
    spread = pl.when(pl.col("line") == "hospital").then(0).otherwise(chance.whole("care/last", "line_key", left + 1))
    return [days.alias("days"), first.alias("first_visit"), after(first, days - 1 + spread).alias("last_visit")]


def care_of(kids: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """All care of one month, of children: _PATIENT, age and
    line, care, institution_code, department, area, days,
    points (of a visit; of the stay for the hospital), first_visit, last_visit, line_key."""
    lines = _lines(_patients(kids, chance, month), chance, month).with_columns(
        key("month_key", "slot_no", pl.col("line").replace_strict({name: at for at, name in enumerate(_LINE)})).alias(
            "line_key"
        )
    )
    drawn = lines.with_columns(_place(chance, month)).with_columns(*_costs(chance))
    placed = drawn.with_columns(_dates(chance, month)).with_columns(pl.format("{}/{}", "kind", "area").alias("place"))
    return (
        _institution(placed, chance)
        .with_columns(pl.col("line").replace_strict(_CARE).alias("care"))
        .unique(["person_no", "institution_code", "care"], keep="first", maintain_order=True)
    )


def _institution(lines: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    usual = chance.happens("care/usual", "line_key", 0.8)
    with_kind = lines.join(places(), on="place", how="left", maintain_order="left")
    favourite = chance.unit("care/favourite", key("family_no", "at"))
    skewed = (
        pl.when(usual).then(favourite).otherwise(chance.unit("care/any", "line_key")) ** 1.6 * pl.col("size")
    ).floor()
    codes = institutions()["institution_code"]
    return with_kind.with_columns(
        pl.lit(codes).gather(pl.col("at") + skewed.cast(pl.Int64)).alias("institution_code")
    ).drop("at", "size", "place")
