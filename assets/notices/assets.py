"""The letters of a month: made from decisions, addressed by the one rule, printed, counted."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import polars as pl

from assets.benefit.standing import LINE
from assets.calendar import MONTHLY, month_of
from assets.described import table
from assets.eligibility.reading import changes, told_on
from assets.notices import accounts, rules
from assets.notices import debts as debt_rules
from assets.payment import returns
from assets.payment.reading import answers_until
from reports.letters.addressee import address_letters
from reports.letters.batch import LetterBatch, render
from reports.letters.context import letter_context
from reports.letters.fonts import installed_fonts
from reports.letters.kinds import KINDS
from resources.house import House
from schemas.businessdays import office_day_on_or_after
from schemas.record import Record
from schemas.records.benefit import DECISIONS
from schemas.records.notices import LETTER_MARKS, LETTERS, PIECES, WITHHELD
from schemas.records.payment import ORDERS, RESULTS_ENTERED
from schemas.records.register import ELIGIBILITY
from schemas.records.settlement import OFFSETS


@table(
    LETTERS,
    WITHHELD,
    PIECES,
    group="notices",
    partitions=MONTHLY,
)
def letters(
    context: dg.AssetExecutionContext,
    house: House,
    eligibility: pl.DataFrame,
    identities: pl.DataFrame,
    certificates: pl.DataFrame,
    registrations: pl.DataFrame,
    applications_known: pl.DataFrame,
    persons: pl.DataFrame,
    benefit_decisions: pl.DataFrame,
    settlement_payables: pl.DataFrame,
    payment_orders: pl.DataFrame,
    settlement_offsets: pl.DataFrame,
    debts: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    before = house.of_month_before(ELIGIBILITY, month)
    changed = changes(before, eligibility, registrations, applications_known, identities, month)
    everyone = rules.people(rules.holders(registrations, certificates), applications_known, persons)
    frames = rules.letters_of_month(
        everyone,
        changed,
        certificates,
        benefit_decisions,
        settlement_payables,
        payment_orders,
        _sentences(house, month),
        month,
    )
    claims = debt_rules.claimed(debts, month)
    evidence = _evidence(house, month, claims, benefit_decisions, settlement_offsets, payment_orders)
    owing = debt_rules.debtors(claims, registrations, applications_known, persons)
    due = _due_date(house, month)
    frames["debt"] = debt_rules.letters_of_debts(claims, owing, evidence, _sentences(house, month), due, month)
    frames["account"] = _accounts(house, month, payment_orders, registrations, applications_known, persons)
    made = [_print(house, context.partition_key, kind, frame) for kind, frame in frames.items()]
    parts = [pl.concat(part) for part in zip(*made, strict=True)]
    context.add_output_metadata({"letters": parts[0].height}, output_name=LETTERS.name)
    return parts[0], parts[1], parts[2]


def _print(house: House, key: str, kind: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """Letters, withheld ones and printed pieces of one kind; the PDF volumes go to the outbox."""
    issued = told_on(month_of(key))
    unproved = debt_rules.unproved_rows(frame) if kind == "debt" else WITHHELD.empty()
    sendable = frame.join(unproved, on="document_no", how="anti", maintain_order="left")
    addressed, withheld = address_letters(sendable, KINDS[kind].columns)
    batch = render(
        addressed,
        KINDS[kind],
        letter_context(house.municipality, issued, _batch_no(kind, key)),
        installed_fonts(),
        _noon(issued),
    )
    names = [f"{key}_{kind}_{volume.number:02d}.pdf" for volume in batch.volumes]
    for name, volume in zip(names, batch.volumes, strict=True):
        house.outbox.write(key, name, volume.pdf, purpose="通知")
    return (
        rules.letter_rows(frame, kind, month_of(key)),
        pl.concat([rules.withheld_rows(frame, withheld, kind), unproved]),
        _pieces(batch, names),
    )


def _accounts(
    house: House,
    month: date,
    ordered: pl.DataFrame,
    registrations: pl.DataFrame,
    applications_known: pl.DataFrame,
    persons: pl.DataFrame,
) -> pl.DataFrame:
    """The letters to guardians whose payment came back."""
    back = returns.came_back(*answers_until(house, month))
    orders = pl.concat([house.all_before(ORDERS, month), ordered])
    wanted = accounts.asked(back, orders, registrations, house.all_before(LETTERS, month), month)
    theirs = debt_rules.debtors(wanted, registrations, applications_known, persons)
    return accounts.letters_of_accounts(wanted, theirs, month)


def _evidence(
    house: House,
    month: date,
    claims: pl.DataFrame,
    decided: pl.DataFrame,
    offset: pl.DataFrame,
    ordered: pl.DataFrame,
) -> debt_rules.Evidence:
    """What the debts claimed this month rest on, out of every month so far; nothing is read where none is claimed."""
    if claims.is_empty():
        return debt_rules.Evidence(DECISIONS.empty(), OFFSETS.empty(), ORDERS.empty(), RESULTS_ENTERED.empty())

    def ever(record: Record, now: pl.DataFrame, wanted: pl.DataFrame, on: list[str]) -> pl.DataFrame:
        months = (*house.each_before(record, month), now)
        return pl.concat(part.join(wanted, on=on, how="semi").select(record.names) for part in months)

    own = ever(DECISIONS, decided, claims.select(pl.col("debt_no").alias("decision_no")), ["decision_no"])
    decisions = ever(DECISIONS, decided, debt_rules.lines(claims, own), LINE)
    of_debts = ever(OFFSETS, offset, claims, ["debt_no"])
    of_decisions = ever(OFFSETS, offset, decisions, ["decision_no"])
    offsets = pl.concat([of_debts, of_decisions]).unique(OFFSETS.key, maintain_order=True)
    orders = ever(ORDERS, ordered, decisions, ["decision_no"])
    return debt_rules.Evidence(decisions, offsets, orders, answers_until(house, month)[0])


def _due_date(house: House, month: date) -> date:
    days = house.law.at(month).number("settlement.claim_due_days")
    return office_day_on_or_after(told_on(month) + timedelta(days=days))


def _sentences(house: House, month: date) -> pl.DataFrame:
    """(code, reason): the sentence a letter gives for each reason."""
    law = house.law.at(month)
    told = pl.concat([law.rows("reasons.eligibility"), law.rows("reasons.benefit")], how="diagonal")
    return told.select("code", pl.col("sentence").alias("reason"))


def _batch_no(kind: str, key: str) -> str:
    return f"{LETTER_MARKS[kind]}-{key.replace('-', '')}"


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _pieces(batch: LetterBatch, names: list[str]) -> pl.DataFrame:
    volumes = pl.DataFrame(
        {"volume": range(1, len(names) + 1), "file_name": names}, schema={"volume": pl.Int64, "file_name": pl.String}
    )
    missing = batch.missing_glyphs.group_by("document_no").agg(pl.col("code_points").unique().sort().str.join(" "))
    return (
        batch.manifest.drop("missing_glyphs")
        .join(volumes, on="volume")
        .join(missing.rename({"code_points": "missing_glyphs"}), on="document_no", how="left")
        .rename({"row_digest": "digest"})
        .select(PIECES.names)
    )


NOTICE_ASSETS = [letters]
