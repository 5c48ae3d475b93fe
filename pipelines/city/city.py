"""The city as a whole: its people, what each feed delivers day by day, and the only door, `generate`.

Who lives and what happens is in imagined, what the months deliver in months. Everything follows from (children,
first, last, seed, defects): the same arguments give the same bytes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.city import applications, defects, insurance, register, requests, schemes
from pipelines.city.calendar import Run
from pipelines.city.imagined import City, imagined
from pipelines.city.months import deliver_monthly
from pipelines.city.numbers import PUBLIC_PAYER_NO
from pipelines.city.truth_benefit import benefit_truth
from pipelines.city.truth_eligibility import eligibility_truth
from pipelines.city.writing import Post

_DEFECT_LIST = {
    "feed": pl.String, "file": pl.String, "line_no": pl.Int64, "key": pl.String, "defect": pl.String,
    "expected": pl.String, "rule": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CitySummary:
    """What was made: where, how many children and deliveries, rows by feed, truth and defect rows."""

    inbox: Path
    truth: Path
    truth_eligibility: Path
    defects: Path
    children: int
    deliveries: int
    rows: dict[str, int]
    decisions: int
    defect_count: int


def generate(
    directory: Path,
    *,
    children: int,
    first: date,
    last: date,
    seed: int,
    defects: float = 0.0,
    municipality: str = "112038",
    public_payer_no: str = PUBLIC_PAYER_NO,
    uke: bool = False,
) -> CitySummary:
    """Write a city of `children` children with deliveries from month `first` to month `last` (dates on day 1).

    Writes directory/inbox/<municipality>/<feed>/…, directory/truth.parquet, truth_decisions.parquet,
    truth_subsidy.parquet, truth_eligibility.parquet, truth_demands.parquet and defects.parquet. `defects` is the share
    of rows that get one; `uke`: 支払基金 delivers its receipts as UKE files where it can. Raises ValueError for
    impossible arguments.
    """
    _check(children, first, last, defects)
    city = imagined(children, Run(first, last), seed, defects)
    post = Post(directory / "inbox", municipality, uke)
    _deliver_daily(city, post)
    known = eligibility_truth(city.story, city.run, city.open_days)
    said, shared, demanded = deliver_monthly(city, post, public_payer_no, known)
    truth = benefit_truth(said)
    spoken = said.select("subject", "delivery", "line_no", "month", "reason", "yen")
    listed = pl.concat([pl.DataFrame(schema=_DEFECT_LIST), *post.defects])
    for name, frame in {
        "truth": truth,
        "truth_decisions": spoken,
        "truth_subsidy": shared,
        "truth_eligibility": known,
        "truth_demands": demanded,
        "defects": listed,
    }.items():
        frame.write_parquet(directory / f"{name}.parquet")
    return CitySummary(
        inbox=post.root,
        truth=directory / "truth.parquet",
        truth_eligibility=directory / "truth_eligibility.parquet",
        defects=directory / "defects.parquet",
        children=len(city.kids),
        deliveries=sum(post.sequences.values()),
        rows=dict(post.rows),
        decisions=len(truth),
        defect_count=len(listed),
    )


def _check(children: int, first: date, last: date, defects: float) -> None:
    if not 1 <= children < 800_000:
        raise ValueError("children must be between 1 and 799,999")
    if first.day != 1 or last.day != 1 or last < first:
        raise ValueError("first and last must be months (day 1), first not after last")
    if not 0.0 <= defects <= 0.2:
        raise ValueError("defects must be a share between 0 and 0.2")


def daily_rows(city: City) -> dict[str, pl.DataFrame]:
    """Feed → every row of the daily history feeds and of applications, with operated_date and defect."""
    run, chance = city.run, city.chance
    assistance = tuple(scheme for scheme in schemes.SCHEMES if scheme.feed == "public_assistance")
    registered = schemes.with_schemes(city.grown.filter("registered"), chance, run, assistance)
    everybody = pl.concat([city.kids, registered], how="diagonal_relaxed")
    rows = {
        "residents": register.resident_rows(everybody),
        "nonresidents": pl.concat(
            [register.nonresident_rows(city.grown), register.linked_rows(everybody)], how="diagonal_relaxed"
        ),
        "protected_persons": schemes.protection_rows(everybody, chance, run),
        "national_health_insurance": insurance.nhi_rows(everybody, chance, run),
    }
    for scheme in schemes.SCHEMES:
        rows[scheme.feed] = schemes.scheme_rows(everybody, chance, scheme, run)
    for feed in defects.TEXT_DEFECTS.keys() & rows.keys():
        rows[feed] = defects.chosen_history(rows[feed], feed, chance, city.rate)
    applied = applications.application_rows(city.forms, city.kids, city.grown, chance)
    number = applied.with_columns(pl.col("application_no").str.slice(1).cast(pl.UInt64).alias("number"))
    reissue = pl.col("application_type") == "04"
    rows["applications"] = defects.chosen_plain(number, reissue, "applications", chance, city.rate, "number")
    return rows


def _deliver_daily(city: City, post: Post) -> None:
    for feed, rows in daily_rows(city).items():
        _deliver_history(city.run, post, feed, rows)
    asked = requests.request_rows(city.kids, city.chance, city.run, city.open_days)
    decided = city.overrides.filter(pl.col("operated_date") <= city.run.end)
    for feed, rows in {"transfer_requests": asked, "overrides": decided}.items():
        for (day,), news in rows.group_by("operated_date", maintain_order=True):
            post.send(feed, "diff", day, news)


def _deliver_history(run: Run, post: Post, feed: str, rows: pl.DataFrame) -> None:
    """The full load on the first day, then the news of every day, if any or not."""
    post.send(feed, "full", run.first, latest(rows.filter(pl.col("operated_date") <= run.first)))
    later = rows.filter(pl.col("operated_date").is_between(run.first + timedelta(days=1), run.end))
    news = {day: part for (day,), part in later.group_by("operated_date", maintain_order=True)}
    for day in run.days[1:]:
        post.send(feed, "diff", day, latest(news.get(day, rows.clear())))


def latest(rows: pl.DataFrame) -> pl.DataFrame:
    """History rows in order, with latest_flag and deleted_flag; rows without history as they are."""
    if "history_no" not in rows.columns:
        return rows
    ordered = rows.sort("resident_code", "history_no", "history_branch_no")
    last = pl.int_range(pl.len()).over("resident_code") == pl.len().over("resident_code") - 1
    return ordered.with_columns(
        pl.when(last).then(pl.lit("1")).otherwise(pl.lit("0")).alias("latest_flag"), pl.lit("0").alias("deleted_flag")
    )
