"""The story of the children as narrow tables: every fact that decides eligibility, and the day it became known.

Belongs here: reading the imagined people into these tables, and cutting them to what a city knew on a day. What
follows from them is in truth_eligibility.
"""

from dataclasses import dataclass, fields, replace
from datetime import date

import polars as pl

from pipelines.city.calendar import LAW_FROM, TEENS_FROM, Run
from pipelines.city.chance import after

ALWAYS = date(1900, 1, 1)
SCHEME_REASONS = {"fac": "07", "pa": "04", "sev": "06", "sp": "05"}
"""In the order in which the first that holds gives the reason."""


@dataclass(frozen=True, slots=True)
class Story:
    """All intervals are half open; `known` and `end_known` say when the row, and its end, became known.

    kids: person_no, family_no, resident_code, birth_date, school_from, fifteen_end, eighteen_end, begin and finish
    (of the time that is decided), known. stays: person_no, start, end, end_reason, known, end_known.
    schemes: person_no, reason, start, end, known, end_known. forms: person_no, app_…, application_no,
    guardian_slot, school_from, known. gone: family_no, slot, gone_from, gone_reason (12 abroad, 14 dead), known.
    years: family_no, year, over, owes, unsure (known from the first day). overrides: person_no, override_no,
    revision_no, start, end, outcome, entered_date, withdrawn, known.
    """

    kids: pl.DataFrame
    stays: pl.DataFrame
    schemes: pl.DataFrame
    forms: pl.DataFrame
    gone: pl.DataFrame
    years: pl.DataFrame
    overrides: pl.DataFrame

    def of(self, people: pl.DataFrame) -> "Story":
        """The story of these children (person_no)."""
        own = {
            field.name: getattr(self, field.name).join(people, on="person_no", how="semi", maintain_order="left")
            for field in fields(self)
            if field.name not in ("gone", "years")
        }
        return replace(self, **own)


def told(
    kids: pl.DataFrame, grown: pl.DataFrame, forms: pl.DataFrame, years: pl.DataFrame, overrides: pl.DataFrame
) -> Story:
    """The story of the imagined people."""
    aged = kids.select(
        "person_no", "family_no", "resident_code", "birth_date", "school_from", "fifteen_end", "eighteen_end",
        pl.max_horizontal("birth_date", pl.lit(LAW_FROM)).alias("begin"),
        pl.when(pl.col("eighteen_end") > pl.lit(TEENS_FROM))
        .then("eighteen_end")
        .otherwise("fifteen_end")
        .alias("finish"),
        pl.min_horizontal("first_known", "entry_known").alias("known"),
    )  # fmt: skip
    return Story(
        kids=aged,
        stays=_stays(kids),
        schemes=_schemes(kids),
        forms=forms.join(kids.select("person_no", "school_from"), on="person_no").rename({"app_known": "known"}),
        gone=_gone(grown),
        years=years.filter(pl.col("over") | pl.col("owes") | pl.col("unsure")),
        overrides=overrides.select(
            "person_no", "override_no", "revision_no", pl.col("start_date").alias("start"),
            pl.col("end_date").alias("end"), "outcome", "entered_date", "withdrawn",
            pl.col("operated_date").alias("known"),
        ),
    )  # fmt: skip


def _stays(kids: pl.DataFrame) -> pl.DataFrame:
    dead = pl.when(pl.col("to_reason") == "53").then(1).otherwise(0)
    now = kids.select(
        "person_no", pl.col("resident_from").alias("start"), after("resident_to", dead).alias("end"),
        pl.col("to_reason").alias("end_reason"), pl.col("entry_known").alias("known"),
        pl.col("exit_known").alias("end_known"),
    )  # fmt: skip
    before = kids.filter(pl.col("first_from").is_not_null()).select(
        "person_no", pl.col("first_from").alias("start"), pl.col("first_to").alias("end"),
        pl.lit("51").alias("end_reason"), pl.col("first_known").alias("known"),
        pl.col("first_end_known").alias("end_known"),
    )  # fmt: skip
    return pl.concat([before, now])


def _schemes(kids: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        kids.filter(pl.col(f"{name}_from").is_not_null()).select(
            "person_no", pl.lit(reason).alias("reason"), pl.col(f"{name}_from").alias("start"),
            pl.col(f"{name}_to").alias("end"), pl.col(f"{name}_known").alias("known"),
            pl.col(f"{name}_end_known").alias("end_known"),
        )
        for short, reason in SCHEME_REASONS.items() for name in (short, f"{short}_old")
    )  # fmt: skip


def _gone(grown: pl.DataFrame) -> pl.DataFrame:
    """Earning parents who never lived in Japan, who emigrated, and who died."""
    earner = grown.filter(pl.col("slot") == 0)
    abroad = earner.filter(pl.col("away") == "abroad").with_columns(
        pl.lit(ALWAYS).alias("gone_from"), pl.lit("12").alias("gone_reason"), pl.col("entry_known").alias("known")
    )
    lost = earner.filter(pl.col("leave_date").is_not_null())
    emigrated = lost.filter(pl.col("away") == "emigrates").with_columns(
        pl.col("leave_date").alias("gone_from"), pl.lit("12").alias("gone_reason"), pl.col("exit_known").alias("known")
    )
    died = lost.filter(pl.col("story") == "guardian dies").with_columns(
        after("leave_date", pl.lit(1)).alias("gone_from"), pl.lit("14").alias("gone_reason"),
        pl.col("exit_known").alias("known"),
    )  # fmt: skip
    return pl.concat([abroad, emigrated, died]).select("family_no", "slot", "gone_from", "gone_reason", "known")


def known_at(story: Story, day: date) -> Story:
    """What a city can know at the end of a day; overrides as they then stand."""
    seen = pl.col("known") <= pl.lit(day)
    ended = pl.when(pl.col("end_known") <= pl.lit(day)).then("end").alias("end")
    entered = story.overrides.filter(seen).sort("override_no", "revision_no")
    standing = entered.unique("override_no", keep="last", maintain_order=True).filter(pl.col("withdrawn") == "0")
    return replace(
        story,
        kids=story.kids.filter(seen),
        stays=story.stays.filter(seen).with_columns(ended),
        schemes=story.schemes.filter(seen).with_columns(ended),
        forms=story.forms.filter(seen),
        gone=story.gone.filter(seen),
        overrides=standing,
    )


def news(story: Story, run: Run) -> pl.DataFrame:
    """person_no, known_from_month: the months of the run in which something about a known child became known; what
    was known before the run counts for its first month."""
    kids = story.kids.select("person_no", "family_no", pl.col("known").alias("since"))
    tables = [story.stays, story.schemes, story.forms, story.overrides]
    days = [rows.select("person_no", "known") for rows in tables]
    days += [rows.select("person_no", pl.col("end_known").alias("known")) for rows in tables[:2]]
    days.append(kids.join(story.gone, on="family_no").select("person_no", "known"))
    heard = pl.concat(days).drop_nulls().join(kids, on="person_no")
    month = pl.max_horizontal("known", "since", pl.lit(run.first)).dt.truncate("1mo")
    return (
        heard.select("person_no", month.alias("known_from_month"))
        .filter(pl.col("known_from_month") <= pl.lit(run.last))
        .unique()
        .sort("person_no", "known_from_month")
    )
