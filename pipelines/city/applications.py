"""Applications for registration: who applies, when, for which event, and the later changes and reissues.

The first application of a child is a set of columns on the child (it decides from when care is paid); the rows of
the feed are made of it and of later applications, which never make the registration start earlier.
"""

from datetime import date, timedelta

import polars as pl

from pipelines.city.calendar import Run, next_open
from pipelines.city.chance import Chance, after, key
from pipelines.city.numbers import numbered_column, padded

_TEENS_BORN_BEFORE = date(2009, 4, 2)
_EXTENDED = date(2024, 10, 1)
_MAILING = ("mailing_name_kana", "mailing_name", "mailing_postal_code", "mailing_address", "mailing_katagaki")
_GUARDIAN_MAILING = (
    "guardian_mailing_postal_code", "guardian_mailing_address", "guardian_mailing_katagaki",
    "guardian_mailing_name_kana", "guardian_mailing_name",
)  # fmt: skip


def _day(value: date) -> pl.Expr:
    return pl.lit(value, dtype=pl.Date)


def _lag(chance: Chance) -> pl.Expr:
    """Days from the event to the application: mostly within the 15 days, up to 60."""
    quick, slow = (
        chance.whole("application/quick", "person_no", 14),
        14 + chance.whole("application/slow", "person_no", 47),
    )
    return pl.when(chance.happens("application/in time", "person_no", 0.86)).then(quick).otherwise(slow)


def _events(chance: Chance) -> list[pl.Expr]:
    """app_type, app_reason, app_event, app_date of the first application; dates not yet on open days."""
    teen = (pl.col("birth_date") < _day(_TEENS_BORN_BEFORE)) & (pl.col("resident_from") < _day(_EXTENDED))
    school = (pl.col("birth_date") < _day(date(2018, 4, 2))) & chance.happens("application/school", "person_no", 0.015)
    ends = pl.min_horizontal("pa_to", "sev_to", "sp_to")
    hidden = pl.min_horizontal("pa_from", "sev_from", "sp_from") <= after("resident_from", pl.lit(45))
    lost = ends.is_not_null() & hidden & chance.happens("application/after scheme", "family_no", 0.4)
    june = after(_day(date(2024, 6, 10)), chance.whole("application/june", "person_no", 48))
    october = after(_day(date(2024, 10, 25)), chance.whole("application/late", "person_no", 240))
    early = chance.happens("application/by july", "person_no", 0.88)
    entry = pl.col("birth_date").dt.year() + pl.when(pl.col("birth_date").dt.ordinal_day() < 92).then(6).otherwise(7)
    april = pl.max_horizontal(pl.date(entry, 4, 1), "resident_from")
    lag = _lag(chance)
    arrival = pl.when(pl.col("from_reason") == "01").then(pl.lit("01")).otherwise(pl.lit("02"))
    return [
        pl.when(teen).then(pl.lit("06")).otherwise(pl.lit("01")).alias("app_type"),
        pl.when(teen)
        .then(pl.lit("04"))
        .when(lost)
        .then(pl.lit("05"))
        .when(school)
        .then(pl.lit("03"))
        .otherwise(arrival)
        .alias("app_reason"),
        pl.when(teen)
        .then(_day(_EXTENDED))
        .when(lost)
        .then(ends)
        .when(school)
        .then(april)
        .otherwise("resident_from")
        .alias("app_event"),
        pl.when(teen)
        .then(pl.when(early).then(june).otherwise(october))
        .when(lost)
        .then(after(ends, lag))
        .when(school)
        .then(after(april, 20 + 3 * lag))
        .otherwise(after("resident_from", lag))
        .alias("app_date"),
    ]


def with_first_application(kids: pl.DataFrame, chance: Chance, open_days: pl.Series) -> pl.DataFrame:
    """Children with app_type, app_reason, app_event, app_date, app_known and beneficiary_no; all null for those
    who never apply."""
    never = chance.happens("application/never", "person_no", 0.017)
    drawn = kids.with_columns(_events(chance)).with_columns(
        pl.max_horizontal("app_date", "entry_known", after("moved_in", pl.col("entry_lag"))).alias("app_date"),
        never.alias("never"),
    )
    drawn = next_open(drawn, "app_date", open_days).with_columns(
        after("app_date", chance.whole("application/entered", "person_no", 3)).alias("app_known"),
        numbered_column(pl.int_range(pl.len()) + 100_000, 6).alias("beneficiary_no"),
    )
    left = pl.col("resident_to").is_not_null() & (pl.col("app_date") >= pl.col("resident_to"))
    names = ["app_type", "app_reason", "app_event", "app_date", "app_known", "beneficiary_no"]
    keep = ~pl.col("never") & ~left
    return drawn.with_columns(pl.when(keep).then(name).alias(name) for name in names).drop("never")


def _later(kids: pl.DataFrame, chance: Chance, run: Run, open_days: pl.Series) -> pl.DataFrame:
    """Changes of guardian (by family), other changes and reissues (by child), in the year before and in the run."""
    span = (run.end - run.first).days + 365
    day = after(_day(run.first - timedelta(days=365)), pl.col("drawn_days"))
    settled = (
        pl.col("two_parents") & (pl.col("away") == "no") & pl.col("changes_guardian") & pl.col("exit_date").is_null()
    )
    parts = [
        kids.filter(settled).with_columns(
            chance.whole("later/guardian", "family_no", span).alias("drawn_days"),
            pl.lit("08").alias("app_reason"),
            pl.lit("03").alias("app_type"),
        ),
        kids.filter(chance.happens("later/change", "person_no", 0.03 * span / 365)).with_columns(
            chance.whole("later/change day", "person_no", span).alias("drawn_days"),
            pl.lit("99").alias("app_reason"),
            pl.lit("03").alias("app_type"),
        ),
        kids.filter(chance.happens("later/reissue", "person_no", 0.04 * span / 365)).with_columns(
            chance.whole("later/reissue day", "person_no", span).alias("drawn_days"),
            pl.lit("99").alias("app_reason"),
            pl.lit("04").alias("app_type"),
        ),
    ]
    drawn = (
        pl.concat(parts)
        .with_columns(day.alias("event"))
        .filter(
            (pl.col("event") > after("app_known", pl.lit(30)))
            & (pl.col("resident_to").is_null() | (pl.col("event") < after("resident_to", pl.lit(-30))))
        )
    )
    dated = drawn.with_columns(
        pl.col("event").alias("app_event"),
        after("event", chance.whole("later/lag", key("person_no", pl.col("drawn_days")), 10)).alias("app_date"),
        (pl.col("app_reason") == "08").alias("new_guardian"),
    )
    dated = next_open(dated, "app_date", open_days)
    return dated.with_columns(after("app_date", pl.lit(1)).alias("app_known")).drop("drawn_days", "event")


def application_rows(
    kids: pl.DataFrame, grown: pl.DataFrame, chance: Chance, run: Run, open_days: pl.Series
) -> pl.DataFrame:
    """Every application of the feed, with the day it is delivered (operated_date)."""
    applied = kids.filter(pl.col("app_date").is_not_null())
    first = applied.with_columns(pl.lit(False).alias("new_guardian"))
    rows = pl.concat([first, _later(applied, chance, run, open_days)]).sort("app_known", "person_no", "app_type")
    changed = rows.filter("new_guardian").group_by("family_no").agg(pl.col("app_date").min().alias("guardian_since"))
    rows = rows.join(changed, on="family_no", how="left").with_columns(
        (pl.col("new_guardian") | (pl.col("app_date") >= pl.col("guardian_since")).fill_null(False))
        .cast(pl.Int64)
        .alias("guardian_slot"),
        pl.col("app_known").alias("operated_date"),
        pl.format("A{}", padded(pl.int_range(pl.len()) + 1, 8)).alias("application_no"),
    )
    return _written(_with_parents(rows, grown), chance)


def _with_parents(rows: pl.DataFrame, grown: pl.DataFrame) -> pl.DataFrame:
    """Rows with the guardian's and the spouse's columns."""
    columns = ["resident_code", "name", "name_kana", "bank_code", "branch_code", "account_type", "account_number"]
    own = grown.select(
        "family_no", pl.col("slot").alias("guardian_slot"), *(pl.col(c).alias(f"g_{c}") for c in columns)
    )
    other = grown.select(
        "family_no", (1 - pl.col("slot")).alias("guardian_slot"), pl.col("resident_code").alias("spouse_resident_code")
    )
    keys = ["family_no", "guardian_slot"]
    return rows.join(own, on=keys, how="left").join(other, on=keys, how="left").sort("application_no")


def _written(rows: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The items of the form as the family wrote them."""
    moved = pl.col("move_date").is_not_null() & (pl.col("app_date") >= pl.col("move_date"))
    elsewhere = (pl.col("protected") & chance.happens("mail/protected", "family_no", 0.7)) | chance.happens(
        "mail/other", "family_no", 0.02
    )
    by_guardian = chance.happens("mail/guardian", "family_no", 0.5)
    places = ("away_postal_code", "away_address", "away_katagaki")
    names = ("g_name_kana", "g_name")
    return rows.with_columns(
        pl.col("app_type").alias("application_type"),
        pl.col("app_reason").alias("application_reason"),
        pl.col("app_date").alias("application_date"),
        pl.col("app_event").alias("event_date"),
        chance.pick("application/identity", "person_no", ["1", "2", "3"], [80, 14, 6]).alias("identity_evidence"),
        pl.col("resident_code").alias("child_resident_code"),
        pl.col("name").alias("child_name"),
        pl.col("name_kana").alias("child_name_kana"),
        pl.col("birth_date").alias("child_birth_date"),
        pl.col("sex").alias("child_sex"),
        pl.when(moved).then("next_address").otherwise("address").alias("child_address"),
        pl.col("g_resident_code").alias("guardian_resident_code"),
        pl.col("g_name").alias("guardian_name"),
        pl.col("g_name_kana").alias("guardian_name_kana"),
        pl.lit("01").alias("relationship_from_guardian"),
        pl.col("child_count").alias("supported_children_count"),
        pl.col("g_resident_code").alias("insured_person_resident_code"),
        pl.col("symbol_number").alias("insurance_symbol_number"),
        *(pl.col(f"g_{name}").alias(name) for name in ("bank_code", "branch_code", "account_type", "account_number")),
        pl.col("g_name_kana").alias("account_holder_kana"),
        *(
            pl.when(elsewhere & ~by_guardian).then(source).alias(target)
            for target, source in zip(_MAILING, (*names, *places), strict=True)
        ),
        *(
            pl.when(elsewhere & by_guardian).then(source).alias(target)
            for target, source in zip(_GUARDIAN_MAILING, (*places, *names), strict=True)
        ),
        *(
            pl.lit(None, dtype=pl.String).alias(f"residence_{name}")
            for name in ("name_kana", "name", "postal_code", "address", "katagaki")
        ),
        pl.lit(None, dtype=pl.String).alias("memo"),
    )
