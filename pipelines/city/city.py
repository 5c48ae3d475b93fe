"""The city as a whole: people first, then what each feed delivers day by day and month by month, then the truth.

`generate` is the only door. Everything follows from (children, first, last, seed, defects): the same arguments
give the same bytes.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.city import (
    answers,
    applications,
    billing,
    care,
    claims,
    defects,
    insurance,
    people,
    receipts,
    register,
    requests,
    schemes,
    taxes,
)
from pipelines.city import truth_benefit as benefit
from pipelines.city import truth_eligibility as eligibility
from pipelines.city.calendar import Run, month_after, month_end, open_days
from pipelines.city.chance import Chance
from pipelines.city.numbers import PUBLIC_PAYER_NO
from pipelines.city.writing import Post

RECEIPT_DAY = 10
MONTHS_TO_RECEIPT = 2
MONTHS_BEFORE = 6
"""Service months before the run whose claims may still come in."""
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


@dataclass(frozen=True, slots=True)
class City:
    """Everybody and everything that ever happens to them."""

    run: Run
    chance: Chance
    rate: float
    open_days: pl.Series
    kids: pl.DataFrame
    grown: pl.DataFrame
    facts: pl.DataFrame


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
) -> CitySummary:
    """Write a city of `children` children with deliveries from month `first` to month `last` (dates on day 1).

    Writes directory/inbox/<municipality>/<feed>/…, directory/truth.parquet, truth_eligibility.parquet and
    defects.parquet. `defects` is the share of rows that get one. Raises ValueError for impossible arguments.
    """
    _check(children, first, last, defects)
    city = imagined(children, Run(first, last), seed, defects)
    post = Post(directory / "inbox", municipality)
    _deliver_daily(city, post)
    truth = _deliver_monthly(city, post, public_payer_no)
    known = eligibility.eligibility_truth(city.facts, city.run)
    listed = pl.concat([pl.DataFrame(schema=_DEFECT_LIST), *post.defects])
    for name, frame in {"truth": truth, "truth_eligibility": known, "defects": listed}.items():
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


def imagined(children: int, run: Run, seed: int, rate: float = 0.0) -> City:
    """The people and their lives, nothing written."""
    chance, days = Chance(seed), open_days(run)
    kids, grown = people.population(chance, children, run)
    kids = applications.with_first_application(schemes.with_schemes(kids, chance, run), chance, days)
    return City(run, chance, rate, days, kids, grown, eligibility.facts(kids, grown, days))


def daily_rows(city: City) -> dict[str, pl.DataFrame]:
    """Feed → every row of the daily history feeds and of applications, with operated_date and defect."""
    run, chance = city.run, city.chance
    assistance = tuple(scheme for scheme in schemes.SCHEMES if scheme.feed == "public_assistance")
    registered = schemes.with_schemes(city.grown.filter("registered"), chance, run, assistance)
    everybody = pl.concat([city.kids, registered], how="diagonal_relaxed")
    rows = {
        "residents": register.resident_rows(everybody),
        "nonresidents": register.nonresident_rows(city.grown),
        "protected_persons": schemes.protection_rows(everybody, chance, run),
        "national_health_insurance": insurance.nhi_rows(everybody, chance, run),
    }
    for scheme in schemes.SCHEMES:
        rows[scheme.feed] = schemes.scheme_rows(everybody, chance, scheme, run)
    for feed in defects.TEXT_DEFECTS.keys() & rows.keys():
        rows[feed] = defects.chosen_history(rows[feed], feed, chance, city.rate)
    applied = applications.application_rows(city.kids, city.grown, chance, run, city.open_days)
    number = applied.with_columns(pl.col("application_no").str.slice(1).cast(pl.UInt64).alias("number"))
    reissue = pl.col("application_type") == "04"
    rows["applications"] = defects.chosen_plain(number, reissue, "applications", chance, city.rate, "number")
    return rows


def _deliver_daily(city: City, post: Post) -> None:
    for feed, rows in daily_rows(city).items():
        _deliver_history(city.run, post, feed, rows)
    asked = requests.request_rows(city.kids, city.chance, city.run, city.open_days)
    for (day,), rows in asked.group_by("operated_date", maintain_order=True):
        post.send("transfer_requests", "diff", day, rows)


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


def _deliver_monthly(city: City, post: Post, public_payer_no: str) -> pl.DataFrame:
    """Taxes, arrears, claims, receipts and answers of every month; returns the truth about the benefit."""
    run, books = city.run, benefit.Books(public_payer_no)
    everything = eligibility.known_at(city.facts, eligibility.FAR)
    in_kind: dict[date, pl.DataFrame] = {}
    forms: list[pl.DataFrame] = []
    waiting: list[pl.DataFrame] = []
    decided: list[pl.DataFrame] = []
    service = month_after(run.first, -MONTHS_BEFORE)
    for month in run.months:
        while service < month:
            billed = billing.billed(care.care_of(everything, city.chance, service), city.chance, service)
            in_kind[month_after(service, MONTHS_TO_RECEIPT)] = billed.filter(pl.col("route") == "receipt")
            forms.append(claims.claim_rows(billed, city.chance, service).filter(pl.col("delivery_month") >= run.first))
            service = month_after(service, 1)
        _deliver_money(city, post, month)
        due = pl.concat(form.filter(pl.col("delivery_month") == month) for form in forms)
        claimed = claims.numbered_claims(due, month)
        waiting.append(answers.answer_rows(claimed, city.chance))
        _deliver_answers(post, month, waiting, books)
        billed_rows = receipts.receipt_rows(in_kind.pop(month), city.chance, month_after(month, -MONTHS_TO_RECEIPT))
        decided.append(_deliver_lines(city, post, month, books, billed_rows, claimed))
        in_kind = {due: lines for due, lines in in_kind.items() if due > month}
    return benefit.benefit_truth(decided)


def _deliver_money(city: City, post: Post, month: date) -> None:
    """Resident taxes in the first month and each June, arrears in the first month."""
    if month == city.run.first or month.month == taxes.JUNE:
        rows = taxes.tax_rows(city.grown, city.chance, month, city.run.first)
        rows = defects.chosen_plain(rows, pl.lit(True), "resident_taxes", city.chance, city.rate, "tax_key")
        post.send("resident_taxes", "full", month, rows)
    if month == city.run.first:
        rows = taxes.arrears_rows(city.grown, city.chance, month)
        post.send(
            "arrears",
            "full",
            month,
            defects.chosen_plain(rows, pl.lit(True), "arrears", city.chance, city.rate, "arrears_key"),
        )


def _deliver_answers(post: Post, month: date, waiting: list[pl.DataFrame], books: benefit.Books) -> None:
    due = pl.concat(rows.filter(pl.col("delivery_month") == month) for rows in waiting)
    numbered = answers.numbered_answers(due, month)
    books.answers.append(numbered)
    if len(numbered):
        post.send("insurer_answers", "diff", answers.delivery_day(month), numbered)


def _deliver_lines(
    city: City, post: Post, month: date, books: benefit.Books, billed_rows: pl.DataFrame, claimed: pl.DataFrame
) -> pl.DataFrame:
    """Receipts and claims of one month, with their defects, and what becomes of them."""
    days = {"receipts": month.replace(day=RECEIPT_DAY), "claims": month}
    stems = {feed: post.stem(feed, "diff", day) for feed, day in days.items()}
    frames = {"receipts": billed_rows, "claims": claimed}
    if city.rate > 0:
        before = _decided(city, post, replace(books), month, frames, stems)
        frames = _with_defects(city, month, frames, before)
    for feed, day in days.items():
        post.send(feed, "diff", day, frames[feed])
    return _decided(city, post, books, month, frames, stems)


def _decided(
    city: City, post: Post, books: benefit.Books, month: date, frames: dict[str, pl.DataFrame], stems: dict[str, str]
) -> pl.DataFrame:
    lines = {}
    for feed, rows in frames.items():
        accepted = rows.filter(~defects.is_refused(feed)) if "defect" in rows.columns else rows
        lines[feed] = accepted.with_columns((pl.col("file_line") + post.first_line(feed) - 1).alias("line_no"))
    return benefit.decide_month(
        books, month, city.facts,
        benefit.receipt_lines(lines["receipts"], stems["receipts"], month),
        benefit.claim_lines(lines["claims"], stems["claims"], month),
    )  # fmt: skip


def _with_defects(
    city: City, month: date, frames: dict[str, pl.DataFrame], before: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Receipts and claims with defects put on lines that would have been paid in full order."""
    paid = before.filter(pl.col("reason") == "P0")
    receipt_nos = paid.filter((pl.col("subject") == "receipt") & (pl.col("delivered_month") == month))["receipt_no"]
    claim_nos = paid.filter(pl.col("subject") == "claim")["claim_no"]
    plain, turn = pl.col("other_payer").is_null() & ~pl.col("again"), city.run.months.index(month)
    fine = {
        "receipts": plain & pl.col("receipt_no").is_in(receipt_nos.implode()),
        "claims": plain
        & pl.col("claim_no").is_in(claim_nos.implode())
        & (pl.col("claim_class") == "1")
        & (pl.col("kind") == "plain"),
    }
    marked = {
        feed: defects.chosen(rows, fine[feed], feed, city.chance, city.rate, turn) for feed, rows in frames.items()
    }
    return {
        "receipts": defects.with_receipt_defects(marked["receipts"], _expired(city, month)),
        "claims": defects.with_claim_defects(marked["claims"]),
    }


def _expired(city: City, month: date) -> pl.DataFrame:
    """Registered children known not to be entitled on any day of the month's receipts."""
    service = month_after(month, -MONTHS_TO_RECEIPT)
    known = eligibility.known_at(city.facts, month_end(month)).filter(pl.col("beneficiary_no").is_not_null())
    gone = pl.min_horizontal("res_end", "age_end") <= pl.lit(service, dtype=pl.Date)
    return known.filter(gone).select("beneficiary_no", "birth_date", "sex").sort("beneficiary_no")
