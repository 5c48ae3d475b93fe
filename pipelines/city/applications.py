"""Applications for registration: every form of the feed, who signed it and what it says.

When a family files what is in history; here are the changes of the run (guardian, other changes, reissues) and the
rows of the feed, made of the forms and of what children and parents are.
"""

from datetime import timedelta

import polars as pl

from pipelines.city.calendar import Run, next_open
from pipelines.city.chance import Chance, after, day, key
from pipelines.city.history import FORM, calls
from pipelines.city.numbers import padded

_GUARDIAN = "08"
"""申請理由: 保護者変更."""
_MAILING = ("mailing_name_kana", "mailing_name", "mailing_postal_code", "mailing_address", "mailing_katagaki")
_GUARDIAN_MAILING = (
    "guardian_mailing_postal_code", "guardian_mailing_address", "guardian_mailing_katagaki",
    "guardian_mailing_name_kana", "guardian_mailing_name",
)  # fmt: skip


def forms(kids: pl.DataFrame, chance: Chance, run: Run, open_days: pl.Series) -> pl.DataFrame:
    """Every form ever filed: FORM, app_known, application_no, and who signed: guardian_slot, spouse_slot (null when
    the form names nobody)."""
    changed = _changes(kids, chance, run, open_days)
    rows = pl.concat([calls(kids, chance, open_days), changed.select(FORM)])
    guardian_changes = changed.filter(pl.col("app_reason") == _GUARDIAN)
    since = guardian_changes.group_by("family_no").agg(pl.col("app_date").min().alias("guardian_since"))
    families = kids.select("person_no", "family_no", "story", "two_parents", "leave_date").join(
        since, on="family_no", how="left"
    )
    told = rows.join(families, on="person_no", how="left").with_columns(_signed(), _entered(chance))
    ordered = told.sort("app_known", "person_no", "app_date", "app_type", "app_reason", "app_event")
    return ordered.with_columns(
        pl.format("A{}", padded(pl.int_range(pl.len()) + 1, 8)).alias("application_no"), _spouse()
    ).select(*FORM, "app_known", "application_no", "guardian_slot", "spouse_slot")


def _entered(chance: Chance) -> pl.Expr:
    drawn = key("person_no", pl.col("app_date").to_physical())
    return after("app_date", chance.whole("application/entered", drawn, 3)).alias("app_known")


def _signed() -> pl.Expr:
    """0, the earning parent, until the other one takes over."""
    dead = (pl.col("story") == "guardian dies") & (pl.col("app_date") > pl.col("leave_date"))
    replaced = (pl.col("story") != "guardian dies") & (pl.col("app_date") >= pl.col("guardian_since"))
    return (dead | replaced).fill_null(False).cast(pl.Int64).alias("guardian_slot")


def _spouse() -> pl.Expr:
    widowed = (pl.col("story") == "guardian dies") & (pl.col("guardian_slot") == 1)
    named = pl.col("two_parents") & (pl.col("story") != "undeclared") & ~widowed
    return pl.when(named).then(1 - pl.col("guardian_slot")).alias("spouse_slot")


def _changes(kids: pl.DataFrame, chance: Chance, run: Run, open_days: pl.Series) -> pl.DataFrame:
    """FORM and family_no: what changes after a child is registered, in the year before and in the run."""
    applied = kids.filter(pl.col("app_date").is_not_null())
    return pl.concat([_later(applied, chance, run, open_days), _succession(applied, chance, open_days)])


def _succession(applied: pl.DataFrame, chance: Chance, open_days: pl.Series) -> pl.DataFrame:
    """The other parent takes over weeks after the death; the form names the death or, in some, its own day."""
    filed = after("leave_date", 20 + chance.whole("later/succession", "family_no", 40))
    left = pl.col("resident_to").is_not_null() & (pl.col("resident_to") <= filed)
    orphaned = applied.filter(
        (pl.col("story") == "guardian dies") & (pl.col("app_date") <= pl.col("leave_date")) & ~left
    )
    dated = next_open(orphaned.with_columns(filed.alias("app_date")), "app_date", open_days)
    at_death = chance.happens("later/from death", "family_no", 0.6)
    return dated.with_columns(
        pl.lit("03").alias("app_type"),
        pl.lit(_GUARDIAN).alias("app_reason"),
        pl.when(at_death).then(after("leave_date", pl.lit(1))).otherwise("app_date").alias("app_event"),
    ).select(*FORM, "family_no")


def _later(kids: pl.DataFrame, chance: Chance, run: Run, open_days: pl.Series) -> pl.DataFrame:
    """Changes of guardian (by family), other changes and reissues (by child)."""
    span = (run.end - run.first).days + 365
    event = after(day(run.first - timedelta(days=365)), pl.col("drawn_days"))
    settled = (
        pl.col("two_parents") & (pl.col("away") == "no") & pl.col("changes_guardian") & pl.col("exit_date").is_null()
    )
    parts = [
        kids.filter(settled).with_columns(
            chance.whole("later/guardian", "family_no", span).alias("drawn_days"),
            pl.lit(_GUARDIAN).alias("app_reason"),
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
        .with_columns(event.alias("app_event"))
        .filter(
            (pl.col("app_event") > after("app_known", pl.lit(30)))
            & (pl.col("resident_to").is_null() | (pl.col("app_event") < after("resident_to", pl.lit(-30))))
        )
    )
    filed = after("app_event", chance.whole("later/lag", key("person_no", pl.col("drawn_days")), 10))
    return next_open(drawn.with_columns(filed.alias("app_date")), "app_date", open_days).select(*FORM, "family_no")


def application_rows(forms: pl.DataFrame, kids: pl.DataFrame, grown: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Every application of the feed, with the day it is delivered (operated_date)."""
    first = ["app_type", "app_reason", "app_event", "app_date", "app_known"]
    rows = forms.join(kids.drop(first), on="person_no", how="left", maintain_order="left")
    numbered = rows.with_columns(pl.col("app_known").alias("operated_date"))
    return _written(_with_parents(numbered, grown), chance)


def _number_then(prefix: str) -> pl.Expr:
    """The number a person had on the day of the form."""
    before = pl.col("app_date") < pl.col(f"{prefix}code_since")
    return pl.when(before).then(f"{prefix}old_code").otherwise(f"{prefix}resident_code")


def _with_parents(rows: pl.DataFrame, grown: pl.DataFrame) -> pl.DataFrame:
    """Rows with the guardian's and the spouse's columns."""
    numbers = ["resident_code", "old_code", "code_since"]
    columns = [*numbers, "name", "name_kana", "bank_code", "branch_code", "account_type", "account_number"]
    own = grown.select(
        "family_no", pl.col("slot").alias("guardian_slot"), *(pl.col(c).alias(f"g_{c}") for c in columns)
    )
    other = grown.select(
        "family_no", pl.col("slot").alias("spouse_slot"), *(pl.col(c).alias(f"s_{c}") for c in numbers)
    )
    joined = rows.join(own, on=["family_no", "guardian_slot"], how="left", maintain_order="left")
    return joined.join(other, on=["family_no", "spouse_slot"], how="left", maintain_order="left").with_columns(
        _number_then("g_").alias("guardian_resident_code"), _number_then("s_").alias("spouse_resident_code")
    )


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
        _number_then("").alias("child_resident_code"),
        pl.when(pl.col("app_date") < pl.col("code_since"))
        .then("old_beneficiary_no")
        .otherwise("beneficiary_no")
        .alias("beneficiary_no"),
        pl.col("name").alias("child_name"),
        pl.col("name_kana").alias("child_name_kana"),
        pl.col("birth_date").alias("child_birth_date"),
        pl.col("sex").alias("child_sex"),
        pl.when(moved).then("next_address").otherwise("address").alias("child_address"),
        pl.col("g_name").alias("guardian_name"),
        pl.col("g_name_kana").alias("guardian_name_kana"),
        pl.lit("01").alias("relationship_from_guardian"),
        pl.col("child_count").alias("supported_children_count"),
        pl.col("guardian_resident_code").alias("insured_person_resident_code"),
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
