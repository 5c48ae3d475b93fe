"""The truth about eligibility: from the life events themselves, as far as the city could know them.

Belongs here: for every child the days that change something, what holds on a day, and the intervals as known at
the end of each month. It shares no code with the system under test and reads no delivered file.

Facts (one row per child): resident_from, res_end, to_reason, age_end, school_end, abroad_from, app_start, and
{fac,pa,sev,sp}_{from,to}; the days they became known end in _known. Intervals are half open.

truth_eligibility.parquet: child_resident_code, start_date, end_date (null = open), entitled ("1"/"0"), reason
(DECISION_REASON), known_from_month, known_to_month (null = still): what is known at the end of month M are the
rows with known_from_month ≤ M and (known_to_month null or M ≤ known_to_month). The intervals of a child tile the
time from birth or 2024-10-01, whichever is later.
"""

from datetime import date

import polars as pl

from pipelines.city.calendar import LAW_FROM, Run, month_end, next_open
from pipelines.city.chance import after

FAR = date(9999, 12, 31)
ALWAYS = date(1900, 1, 1)
RETROACTIVE_DAYS = 15
SCHEME_REASONS = {"fac": "07", "pa": "04", "sev": "06", "sp": "05"}
"""In the order in which the first that holds gives the reason."""
_EXTENSION_DEADLINE = date(2024, 9, 30)
_STARTS = ["resident_from", "app_start", "abroad_from", *(f"{short}_from" for short in SCHEME_REASONS)]
_ENDS = ["res_end", "age_end", *(f"{short}_to" for short in SCHEME_REASONS)]
DECIDING = ("resident_from", "res_end", "to_reason", "age_end", "school_end", "abroad_from", "app_start") + tuple(
    f"{short}{end}" for short in SCHEME_REASONS for end in ("_from", "_to")
)
"""The facts a day or a month is judged by."""
KNOWN = ["entry_known", "exit_known", "app_known", "abroad_known"] + [
    f"{short}{end}" for short in SCHEME_REASONS for end in ("_known", "_end_known")
]


def _lit(value: date) -> pl.Expr:
    return pl.lit(value, dtype=pl.Date)


def fiscal_end(age: int) -> pl.Expr:
    """The first day after the 3/31 that follows reaching an age (reached the day before the birthday)."""
    born = pl.col("birth_date")
    early = (born.dt.month() < 4) | ((born.dt.month() == 4) & (born.dt.day() == 1))
    return pl.date(born.dt.year() + age + pl.when(early).then(0).otherwise(1), 4, 1)


def facts(kids: pl.DataFrame, grown: pl.DataFrame, open_days: pl.Series) -> pl.DataFrame:
    """The children with the facts that decide their eligibility, everything known."""
    earner = grown.filter(pl.col("slot") == 0).select("family_no", pl.col("exit_known").alias("guardian_gone_known"))
    joined = kids.join(earner, on="family_no", how="left", maintain_order="left")
    emigrates = (pl.col("away") == "emigrates") & pl.col("leave_date").is_not_null()
    abroad = pl.when(pl.col("away") == "abroad").then(_lit(ALWAYS)).when(emigrates).then("leave_date")
    dead = pl.when(pl.col("to_reason") == "53").then(1).otherwise(0)
    return _registration(joined, open_days).with_columns(
        after("resident_to", dead).alias("res_end"),
        fiscal_end(18).alias("age_end"),
        fiscal_end(6).alias("school_end"),
        pl.when(pl.col("app_date").is_not_null()).then(abroad).alias("abroad_from"),
        pl.when(emigrates)
        .then(pl.max_horizontal("guardian_gone_known", "app_known"))
        .otherwise("app_known")
        .alias("abroad_known"),
    )


def _registration(kids: pl.DataFrame, open_days: pl.Series) -> pl.DataFrame:
    """app_start: from which day the first application counts."""
    due = next_open(kids.with_columns(after("app_event", pl.lit(RETROACTIVE_DAYS)).alias("due")), "due", open_days)
    in_time = pl.col("app_date") <= pl.col("due")
    before = pl.col("app_date") <= _lit(_EXTENSION_DEADLINE)
    start = (
        pl.when(pl.col("app_type") == "06").then(pl.when(before).then(_lit(LAW_FROM)).otherwise("app_date"))
        .when(pl.col("app_reason") == "03").then("app_date")
        .when(in_time).then("app_event").otherwise("app_date")
    )  # fmt: skip
    return due.with_columns(start.alias("app_start")).drop("due")


def known_at(every: pl.DataFrame, day: date) -> pl.DataFrame:
    """The facts a city can know at the end of a day; what is not known or never happens lies at FAR."""

    def seen(column: str, by: str) -> pl.Expr:
        return pl.when(pl.col(by) <= _lit(day)).then(column).otherwise(None).alias(column)

    limited = every.filter(pl.col("entry_known") <= _lit(day)).with_columns(
        seen("res_end", "exit_known"), seen("to_reason", "exit_known"),
        seen("app_start", "app_known"), seen("beneficiary_no", "app_known"), seen("abroad_from", "abroad_known"),
        *(seen(f"{short}_from", f"{short}_known") for short in SCHEME_REASONS),
        *(seen(f"{short}_to", f"{short}_end_known") for short in SCHEME_REASONS),
    )  # fmt: skip
    return limited.with_columns(pl.col(name).fill_null(_lit(FAR)) for name in (*_STARTS, *_ENDS))


def reason_on(day: pl.Expr) -> pl.Expr:
    """DECISION_REASON of a day, over a frame of known facts."""
    gone = pl.when(pl.col("to_reason") == "53").then(pl.lit("03")).otherwise(pl.lit("02"))
    chain = (
        pl.when(day < pl.col("resident_from")).then(pl.lit("13"))
        .when(day >= pl.col("res_end")).then(gone)
        .when(day >= pl.col("age_end")).then(pl.lit("01"))
        .when(day >= pl.col("abroad_from")).then(pl.lit("12"))
    )  # fmt: skip
    for short, reason in SCHEME_REASONS.items():
        chain = chain.when((day >= pl.col(f"{short}_from")) & (day < pl.col(f"{short}_to"))).then(pl.lit(reason))
    return chain.when(day < pl.col("app_start")).then(pl.lit("11")).otherwise(pl.lit("00"))


def changes_between(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """Whether something changes after `first` and not after `last`, over a frame of known facts."""
    return pl.any_horizontal((pl.col(name) > first) & (pl.col(name) <= last) for name in (*_STARTS, *_ENDS))


def intervals(known: pl.DataFrame) -> pl.DataFrame:
    """child_resident_code, start_date, end_date, entitled, reason: merged, in order."""
    begin = pl.max_horizontal("birth_date", _lit(LAW_FROM)).alias("begin")
    days = known.with_columns(begin).with_columns(pl.concat_list("begin", *_STARTS, *_ENDS).alias("start_date"))
    cut = days.explode("start_date").filter(
        (pl.col("start_date") >= pl.col("begin")) & (pl.col("start_date") < _lit(FAR))
    )
    judged = (
        cut.unique(["resident_code", "start_date"])
        .sort("resident_code", "start_date")
        .select(
            pl.col("resident_code").alias("child_resident_code"),
            "start_date",
            reason_on(pl.col("start_date")).alias("reason"),
        )
    )
    same = (pl.col("reason") == pl.col("reason").shift(1)).fill_null(False) & (
        pl.col("child_resident_code") == pl.col("child_resident_code").shift(1)
    ).fill_null(False)
    merged = judged.filter(~same)
    return merged.select(
        "child_resident_code", "start_date",
        pl.col("start_date").shift(-1).over("child_resident_code", order_by="start_date").alias("end_date"),
        pl.when(pl.col("reason") == "00").then(pl.lit("1")).otherwise(pl.lit("0")).alias("entitled"), "reason",
    )  # fmt: skip


def eligibility_truth(every: pl.DataFrame, run: Run) -> pl.DataFrame:
    """truth_eligibility: the intervals of every child for each stretch of months in which the same was known."""
    news = [
        _told(every, month if month != run.first else ALWAYS, month_end(month)).with_columns(
            _lit(month).alias("known_from_month")
        )
        for month in run.months
    ]
    told = (
        pl.concat(news)
        .sort("resident_code", "known_from_month")
        .with_columns(
            (
                pl.col("known_from_month")
                .shift(-1)
                .over("resident_code", order_by="known_from_month")
                .dt.offset_by("-1mo")
            ).alias("known_to_month")
        )
    )
    parts = [
        intervals(
            known_at(every.join(group.select("resident_code"), on="resident_code", how="semi"), month_end(month))
        ).join(group.rename({"resident_code": "child_resident_code"}), on="child_resident_code", how="left")
        for (month,), group in told.group_by("known_from_month", maintain_order=True)
    ]
    return pl.concat(parts).sort("child_resident_code", "known_from_month", "start_date")


def _told(every: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """Children about whom something became known from `first` to `last`, once their entry was known."""
    news = pl.any_horizontal(pl.col(name).is_between(_lit(first), _lit(last)).fill_null(False) for name in KNOWN)
    return every.filter((pl.col("entry_known") <= _lit(last)) & news).select("resident_code")


def eligibility_known(truth: pl.DataFrame, month: date) -> pl.DataFrame:
    """The intervals known at the end of a month: child_resident_code, start_date, end_date, entitled, reason."""
    stands = (pl.col("known_from_month") <= month) & (
        pl.col("known_to_month").is_null() | (pl.col("known_to_month") >= month)
    )
    return truth.filter(stands).drop("known_from_month", "known_to_month")
