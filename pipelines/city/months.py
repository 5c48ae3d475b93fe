"""What each month delivers: taxes, arrears, receipts, claims, answers and demands, with their defects; and what becomes
of every line.

The truth about eligibility is given; who lives in the city is in imagined.
"""

from dataclasses import replace
from datetime import date

import polars as pl

from pipelines.city import answers, billing, care, claims, corrections, defects, demands, receipts, taxes, uke
from pipelines.city import truth_benefit as benefit
from pipelines.city import truth_subsidy as subsidy
from pipelines.city.calendar import month_after, month_end
from pipelines.city.imagined import City
from pipelines.city.truth_demands import demand_truth
from pipelines.city.truth_eligibility import FAR, intervals
from pipelines.city.truth_story import known_at
from pipelines.city.writing import Post

RECEIPT_DAY = 10
MONTHS_TO_RECEIPT = 2
MONTHS_CORRECTED = 3
"""How many files back a receipt may still be corrected."""
MONTHS_BEFORE = 6
"""Service months before the run whose claims may still come in."""


def deliver_monthly(
    city: City, post: Post, public_payer_no: str, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Taxes, arrears, claims, receipts, answers and demands of every month; returns what every month truly says of the
    lines, who bears what it pays, and what must be found in its demands."""
    run, books, shares = city.run, benefit.Books(public_payer_no), subsidy.Shares()
    spans = intervals(known_at(city.story, FAR), city.open_days)
    patients = city.patients()
    in_kind: dict[date, pl.DataFrame] = {}
    forms: list[pl.DataFrame] = []
    waiting: list[pl.DataFrame] = []
    decided: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    shared: list[pl.DataFrame] = []
    sent: list[pl.DataFrame] = []
    service = month_after(run.first, -MONTHS_BEFORE)
    for month in run.months:
        while service < month:
            billed = billing.billed(care.care_of(patients, city.chance, service), city.chance, service, spans)
            in_kind[month_after(service, MONTHS_TO_RECEIPT)] = billed.filter(pl.col("route") == "receipt")
            forms.append(claims.claim_rows(billed, city.chance, service).filter(pl.col("delivery_month") >= run.first))
            service = month_after(service, 1)
        shares.taxes += _deliver_money(city, post, month)
        due = pl.concat(form.filter(pl.col("delivery_month") == month) for form in forms)
        claimed = claims.numbered_claims(due, month)
        waiting.append(answers.answer_rows(claimed, city.chance))
        _deliver_answers(post, month, waiting, books)
        earlier = pl.concat(sent[-MONTHS_CORRECTED:]) if sent else None
        service_month = month_after(month, -MONTHS_TO_RECEIPT)
        billed_rows = receipts.receipt_rows(in_kind.pop(month), city.chance, service_month, earlier)
        now = city.known(known, month)
        decided.append(_deliver_lines(city, post, month, books, now, billed_rows, claimed, sent))
        shared.append(subsidy.share_month(shares, month, books, now, city.registered(month)))
        in_kind = {due: lines for due, lines in in_kind.items() if due > month}
    said, demanded = zip(*decided, strict=True)
    return pl.concat(said), pl.concat(shared), pl.concat(demanded)


def _deliver_money(city: City, post: Post, month: date) -> list[pl.DataFrame]:
    """Resident taxes in the first month and each June, arrears in the first month. Returns the sound tax rows."""
    sound = []
    if month == city.run.first or month.month == taxes.JUNE:
        rows = taxes.tax_rows(city.grown, city.judged_years, city.chance, month, city.run.first)
        recent = (pl.col("tax_year") >= taxes.tax_year(city.run.first)) & (pl.col("revision_no") == 1)
        rows = defects.chosen_plain(rows, recent, "resident_taxes", city.chance, city.rate, "tax_key")
        post.send("resident_taxes", "full", month, rows)
        sound.append(rows.filter(~defects.is_refused("resident_taxes")))
    if month == city.run.first:
        recent = pl.col("base_date") == pl.col("base_date").max()
        rows = defects.chosen_plain(city.arrears, recent, "arrears", city.chance, city.rate, "arrears_key")
        post.send("arrears", "full", month, rows)
    return sound


def _deliver_answers(post: Post, month: date, waiting: list[pl.DataFrame], books: benefit.Books) -> None:
    due = pl.concat(rows.filter(pl.col("delivery_month") == month) for rows in waiting)
    numbered = answers.numbered_answers(due, month)
    books.answers.append(numbered)
    if len(numbered):
        post.send("insurer_answers", "diff", answers.delivery_day(month), numbered)


def _deliver_lines(
    city: City,
    post: Post,
    month: date,
    books: benefit.Books,
    known: benefit.Known,
    billed_rows: pl.DataFrame,
    claimed: pl.DataFrame,
    sent: list[pl.DataFrame],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Receipts and claims of one month, with their defects, and the demands for the receipts; what becomes of the
    lines, and what is to be found in the demands. `sent` gets the sound ones."""
    days = {"receipts": month.replace(day=RECEIPT_DAY), "claims": month}
    frames = {"receipts": billed_rows, "claims": claimed}
    if city.rate > 0:
        lines = {f: _lines(post, f, rows, post.stem(f, "diff", days[f]), month) for f, rows in frames.items()}
        before = benefit.decide_month(replace(books), month, known, lines["receipts"], lines["claims"])
        frames = _with_defects(city, month, known, frames, before)
    delivered = {feed: _sent(post, feed, rows, days[feed], month) for feed, rows in frames.items()}
    sent.append(corrections.sound(frames["receipts"]))
    billed = pl.concat([delivered["receipts"], _waiting(books, delivered["receipts"])])
    said = benefit.decide_month(books, month, known, delivered["receipts"], delivered["claims"])
    return said, _deliver_demands(city, post, month, frames["receipts"], billed, said)


def _waiting(books: benefit.Books, lines: pl.DataFrame) -> pl.DataFrame:
    """The receipts that were held in every month so far."""
    held = books.said.filter(~pl.col("settled"))
    before = lines.clear() if books.receipts is None else books.receipts
    return before.join(held, on=["delivery", "line_no"], how="semi")


def _deliver_demands(
    city: City, post: Post, month: date, rows: pl.DataFrame, billed: pl.DataFrame, said: pl.DataFrame
) -> pl.DataFrame:
    """Each body's demand for the receipts of a month, and what must be found in it; billed: those accepted now, and
    those held until now."""
    lines = demands.planted(demands.demand_lines(rows), city.chance, month, city.rate)
    for _, part in demands.demand_rows(lines).group_by("review_body", maintain_order=True):
        post.send("review_body_demands", "diff", month.replace(day=demands.DEMAND_DAY), part)
    refused = rows.filter(defects.is_refused("receipts")) if "defect" in rows.columns else rows.clear()
    told = demands.demand_lines(refused).select(*demands.LINE, "receipts", "amount_yen")
    decided = said.filter(pl.col("subject") == "receipt").join(
        billed.select("delivery", "line_no", "public_yen"), on=["delivery", "line_no"]
    )
    return demand_truth(month, lines, told, decided.rename({"receipt_change": "demand_class"}))


def _sent(post: Post, feed: str, rows: pl.DataFrame, day: date, month: date) -> pl.DataFrame:
    """The rows once they are delivered, in one file or, of receipts, some of them as UKE."""
    as_uke = post.uke and feed == "receipts"
    parts = uke.parts(rows, post.first_line(feed)) if as_uke else [uke.Part(rows)]
    stems = [post.send(feed, "diff", day, part.rows, part.file) for part in parts]
    return pl.concat(_lines(post, feed, part.rows, stem, month) for part, stem in zip(parts, stems, strict=True))


def _lines(post: Post, feed: str, rows: pl.DataFrame, stem: str, month: date) -> pl.DataFrame:
    """The accepted rows of a delivery as the truth sees them, at their line_no in the file."""
    accepted = rows.filter(~defects.is_refused(feed)) if "defect" in rows.columns else rows
    if "line_no" not in rows.columns:
        accepted = accepted.with_columns((pl.col("file_line") + post.first_line(feed) - 1).alias("line_no"))
    return (benefit.receipt_lines if feed == "receipts" else benefit.claim_lines)(accepted, stem, month)


def _with_defects(
    city: City, month: date, known: benefit.Known, frames: dict[str, pl.DataFrame], before: pl.DataFrame
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
        "receipts": defects.with_receipt_defects(marked["receipts"], _expired(known, month)),
        "claims": defects.with_claim_defects(marked["claims"]),
    }


def _expired(known: benefit.Known, month: date) -> pl.DataFrame:
    """Registered children known to be gone or grown on every day of the month's receipts."""
    service = month_after(month, -MONTHS_TO_RECEIPT)
    during = (pl.col("start_date") <= month_end(service)) & (pl.col("end_date") > service)
    there = known.spans.filter(during & ~pl.col("reason").is_in(["01", "02", "03"]))
    born = pl.col("birth_date") < service
    gone = known.registered.filter(born).join(there, on="person_no", how="anti")
    return gone.select("beneficiary_no", "birth_date", "sex").sort("beneficiary_no")
