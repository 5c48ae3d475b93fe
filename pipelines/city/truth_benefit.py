"""The truth about the benefit: what every accepted receipt and claim is worth, why, and from when on it is known.

Belongs here: the order of reasons and the amounts, over lines and the facts known at the end of a processing
month. It shares no code with the system under test.

truth.parquet, one row per accepted line: subject (receipt|claim), delivery (stem of the file), line_no (in
the file, its header counted), claim_no or the receipt's key (review_body, billing_month, institution_code, receipt_no,
receipt_change), beneficiary_no, child_resident_code (null when the number is unknown), service_month, care,
delivered_month, held_reason (the reason in its first month when that is a hold, else null), decided_month (null
when still held at the end of the run), outcome (支給|不支給|保留|返戻・増減), reason (BENEFIT_REASON; of a held
line the last one), yen. From delivered_month to the month before decided_month a line is 保留, or decided otherwise.

Every month decides every line once more with what is known then. truth_decisions.parquet has one row per line and
month in which something is said of it: subject, delivery, line_no, month, reason, yen; a line already decided is
spoken of again only when its reason or its yen are others than before, one still held every month.
"""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from pipelines.city.chance import after
from pipelines.city.truth_eligibility import HELD_REASONS, month_of, on_day
from pipelines.city.truth_receipts import IN_KIND_CARE, stated_payers, with_corrections, with_moves, with_payers
from pipelines.city.truth_story import SCHEME_REASONS

HELD = ("H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "HA", "R1")
IN_KIND_LIMIT_YEN = 21_000
ACCIDENT_LEAST_YEN = 5_000
LOWEST_LIMIT_YEN = (35_400, 36_900)
"""区分オ before and from 2026-08."""
LOWEST_FOURTH_YEN = 24_600
"""区分オ from the fourth month on."""
COUNTS_FROM_YEN = 21_000
SUPPLEMENT_ABOVE_YEN = 25_000
ROUNDING_YEN = 5
"""What rounding to 10 yen explains at each visit."""
CLAIM_YEARS = 5
_NEW_TABLE = date(2026, 8, 1)
_OTHER_SCHEMES = list(SCHEME_REASONS.values())
_KEY = ["child_resident_code", "service_month", "institution_code", "care"]
_CHILD = {"resident_code": "child_resident_code", "birth_date": "registered_birth", "sex": "registered_sex"}
_RESULT = [
    "subject", "delivery", "line_no", "claim_no", "review_body", "billing_month", "institution_code", "receipt_no",
    "receipt_change", "beneficiary_no", "child_resident_code", "service_month", "care", "delivered_month",
    "reason", "yen",
]  # fmt: skip
_CHANGES = ["bill_delivery", "bill_line_no", "move_yen", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at the end of a month: children by their numbers (beneficiary_no, person_no, resident_code,
    birth_date, sex, insurance_type_code, insurer_no, symbol_number, school_from), and the intervals of eligibility
    (spans, with person_no)."""

    registered: pl.DataFrame
    spans: pl.DataFrame


@dataclass(slots=True)
class Books:
    """What is carried from one processing month to the next: every line so far, what was last said of each and whether
    it was ever decided, all answers known, and every line that may count towards 高額療養費."""

    payer_no: str
    receipts: pl.DataFrame | None = None
    claims: pl.DataFrame | None = None
    said: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={
                "delivery": pl.String,
                "line_no": pl.Int64,
                "said_reason": pl.String,
                "said_yen": pl.Int64,
                "settled": pl.Boolean,
            }
        )
    )
    costly: list[pl.DataFrame] = field(default_factory=list)
    answers: list[pl.DataFrame] = field(default_factory=list)


def receipt_lines(rows: pl.DataFrame, delivery: str, month: date) -> pl.DataFrame:
    """The columns of receipts that decide, at their line_no in the file."""
    return rows.select(
        pl.lit("receipt").alias("subject"), pl.lit(delivery).alias("delivery"), pl.col("line_no").cast(pl.Int64),
        pl.lit(None, dtype=pl.String).alias("claim_no"), "review_body", "billing_month",
        pl.col("rcpt_institution_code").alias("institution_code"), "receipt_no", "receipt_change",
        pl.col("rcpt_patient_beneficiary_no").alias("beneficiary_no"), "service_month",
        pl.col("rcpt_inpatient_outpatient_code").alias("care"), pl.col("rcpt_treatment_days").alias("days"),
        pl.lit(month).alias("delivered_month"),
        pl.col("rcpt_public_payer_no").alias("payer_no"), pl.col("rcpt_patient_sex").alias("sex"),
        pl.col("rcpt_patient_birth_date").alias("birth_date"), "first_day",
        pl.col("rcpt_copay_rate").alias("rate"), pl.col("rcpt_total_medical_cost_yen").alias("total_yen"),
        pl.col("rcpt_self_pay_yen").alias("self_yen"), pl.col("rcpt_counter_yen").fill_null(0).alias("counter_yen"),
        pl.col("rcpt_search_no").alias("search_no"), *stated_payers(),
        pl.col("rcpt_supplementary_benefit_yen").fill_null(0).alias("supplementary_yen"),
        pl.col("rcpt_high_cost_benefit_yen").fill_null(0).alias("high_cost_yen"),
        pl.col("rcpt_public_expense_yen").alias("public_yen"),
    )  # fmt: skip


def claim_lines(rows: pl.DataFrame, delivery: str, month: date) -> pl.DataFrame:
    """The columns of claims that decide, at their line_no in the file."""
    none = pl.lit(None, dtype=pl.String)
    return rows.select(
        pl.lit("claim").alias("subject"), pl.lit(delivery).alias("delivery"), pl.col("line_no").cast(pl.Int64),
        "claim_no", none.alias("review_body"), pl.lit(None, dtype=pl.Date).alias("billing_month"), "institution_code",
        none.alias("receipt_no"), none.alias("receipt_change"), "beneficiary_no", "service_month",
        pl.col("inpatient_outpatient_code").alias("care"), pl.lit(month).alias("delivered_month"),
        "application_date", "claim_class", "first_visit_date", "treatment_end_date",
        pl.col("treatment_days").alias("days"),
        pl.col("total_medical_cost_yen").alias("total_yen"), pl.col("copay_yen").alias("self_yen"),
        pl.col("partial_payment_yen").alias("partial_yen"),
        pl.col("other_adjustment_yen").fill_null(0).alias("adjustment_yen"),
        pl.col("supplementary_benefit_yen").fill_null(0).alias("own_supplementary_yen"),
        pl.col("high_cost_benefit_yen").fill_null(0).alias("own_high_cost_yen"),
        pl.col("other_public_expense_yen").fill_null(0).alias("other_yen"), "other_public_item_code", "accident",
    )  # fmt: skip


def _with_child(lines: pl.DataFrame, known: Known) -> pl.DataFrame:
    card = pl.concat_str("insurer_no", pl.lit(" "), "symbol_number").alias("card")
    columns = [*(pl.col(old).alias(new) for old, new in _CHILD.items()), "insurance_type_code", card, "school_from"]
    registered = known.registered.select("beneficiary_no", "person_no", *columns)
    return lines.join(registered, on="beneficiary_no", how="left", maintain_order="left")


def _excluded(reason: pl.Expr) -> pl.Expr:
    """E3 for another scheme, H9 while a person must look at it, E1 for anything else."""
    scheme, held = reason.is_in(_OTHER_SCHEMES), reason.is_in(HELD_REASONS)
    return pl.when(scheme).then(pl.lit("E3")).when(held).then(pl.lit("H9")).otherwise(pl.lit("E1"))


def _month_of(lines: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Receipts with entitled_days ("all", "some", "none", held ones not being none) of the service month, held_days
    (whether there are any) and shut_out (E1 or E3).

    The days before birth are no days of the month.
    """
    last = pl.col("service_month").dt.month_end()
    born = pl.col("registered_birth").clip("service_month", last).fill_null(pl.col("service_month"))
    counted = month_of(lines.with_columns(born.alias("month_from")), spans)
    days = (
        pl.when(pl.col("good") + pl.col("held") == 0).then(pl.lit("none"))
        .when(pl.col("held") + pl.col("by_scheme") + pl.col("other") == 0).then(pl.lit("all"))
        .otherwise(pl.lit("some"))
    )  # fmt: skip
    scheme = pl.when(pl.col("by_scheme") > 0).then(pl.lit("E3")).otherwise(pl.lit("E1"))
    return counted.with_columns(
        days.alias("entitled_days"), scheme.alias("shut_out"), (pl.col("held") > 0).alias("held_days")
    ).drop("good", "held", "by_scheme", "other", "month_from")


def judged_receipts(lines: pl.DataFrame, known: Known, payer_no: str) -> pl.DataFrame:
    """Receipts with early and late reasons (early: before the test for duplicates) and yen, and the bills that signed
    ones change."""
    joined = with_corrections(with_payers(_with_child(lines, known)))
    joined = on_day(_month_of(joined, known.spans), "first_day", known.spans, "day_reason")
    day_reason = pl.col("day_reason")
    too_early = (pl.col("entitled_days") == "all") & (pl.col("first_day") < pl.col("registered_birth"))
    some = (pl.col("entitled_days") == "some") | too_early.fill_null(False)
    other_child = (pl.col("sex") != pl.col("registered_sex")) | (pl.col("birth_date") != pl.col("registered_birth"))
    early = (
        pl.when(pl.col("child_resident_code").is_null()).then(pl.lit("E2"))
        .when(pl.col("receipt_change") != "0").then(pl.lit("R1"))
        .when(pl.col("payer_no") != payer_no).then(pl.lit("H7"))
        .when(other_child).then(pl.lit("H5"))
        .when(pl.col("entitled_days") == "none").then("shut_out")
        .when(some & pl.col("first_day").is_null() & pl.col("held_days")).then(pl.lit("H9"))
        .when(some & pl.col("first_day").is_null()).then(pl.lit("H6"))
        .when(some & (day_reason != "00")).then(_excluded(day_reason))
    )  # fmt: skip
    legal = pl.when(pl.col("service_month") < pl.col("school_from")).then(20).otherwise(30)
    alone = pl.all_horizontal(pl.col(f"payer_{at}").is_null() for at in range(1, 5))
    insurers = pl.col("supplementary_yen") + pl.col("high_cost_yen") + pl.col("counter_yen")
    due = pl.col("left_yen") - pl.when(alone).then(insurers).otherwise(0)
    miscounted = (pl.col("self_yen") * 100 != pl.col("total_yen") * pl.col("rate")) | ~pl.col("payers_add_up")
    too_much = (pl.col("self_yen") >= IN_KIND_LIMIT_YEN) | ~pl.col("care").is_in(IN_KIND_CARE)
    late = (
        pl.when(pl.col("rate") != legal).then(pl.lit("H3"))
        .when(miscounted | (pl.col("public_yen") != due)).then(pl.lit("H2"))
        .when(~pl.col("payers_lawful")).then(pl.lit("HA"))
        .when(too_much).then(pl.lit("H4"))
        .when(pl.col("public_yen") == 0).then(pl.lit("N1")).otherwise(pl.lit("P0"))
    )  # fmt: skip
    return joined.with_columns(early.alias("early"), late.alias("late"), pl.col("public_yen").alias("yen"))


def _share(rate: pl.Expr) -> pl.Expr:
    """The cost times the rate, to 10 yen, 5 up."""
    return (pl.col("total_yen") * rate + 500) // 1_000 * 10


def _amounts_differ(legal: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """(differs from the legal rate, agrees with the other rate): each visit may differ by 5 yen."""
    room = ROUNDING_YEN * pl.col("days")
    off = [(pl.col("partial_yen") - _share(rate)).abs() > room for rate in (legal, 50 - legal)]
    usual = (pl.col("claim_class") == "1") & pl.col("other_public_item_code").is_null()
    return usual & off[0], ~off[1]


def _lapsed() -> pl.Expr:
    """Forms handed in on or after the day CLAIM_YEARS after the day that follows the treatment; 1 March where the
    years end without that 29 February. Source: 民法143条."""
    begins = after("treatment_end_date", pl.lit(1))
    leap_day = (begins.dt.month() == 2) & (begins.dt.day() == 29)
    return pl.col("application_date") >= after(begins.dt.offset_by(f"{CLAIM_YEARS}y"), leap_day)


def costly_lines(receipts: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """The month's new lines that may count: what is left to the family after other payers is 21,000 yen or more."""
    plain = with_payers(receipts.filter(pl.col("receipt_change") == "0")).with_columns(pl.lit("1").alias("claim_class"))
    asked = claims.with_columns((pl.col("self_yen") - pl.col("other_yen")).alias("left_yen"))
    names = ["subject", "delivery", "line_no", "beneficiary_no", "service_month", "institution_code", "care"]
    both = pl.concat(part.select(*names, "claim_class", "left_yen") for part in (asked, plain))
    return both.filter(pl.col("left_yen") >= COUNTS_FROM_YEN)


def _together(books_costly: list[pl.DataFrame], known: Known) -> pl.DataFrame:
    """What the children of one card had to pay together, by month and kind of claim; the same care once."""
    lines = _with_child(pl.concat(books_costly), known).filter(pl.col("child_resident_code").is_not_null())
    alone = pl.when(pl.col("institution_code").is_null()).then(pl.format("{} {}", "delivery", "line_no"))
    once = lines.with_columns(alone.alias("alone")).unique(
        ["child_resident_code", "service_month", "institution_code", "care", "claim_class", "alone"],
        keep="first",
        maintain_order=True,
    )
    return once.group_by("card", "service_month", "claim_class").agg(pl.col("left_yen").sum().alias("together_yen"))


def _fourth_months(told: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """card and service_month with 高額療養費 in three of the eleven months before, or where an answer says so.

    told: the last answers, with card.
    """
    paid = told.filter(pl.col("answer_high_yen") > 0).select("card", pl.col("service_month").alias("paid_month"))
    months = asked.select("card", "service_month").unique()
    near = months.join(paid.unique(), on="card").filter(
        (pl.col("paid_month") < pl.col("service_month"))
        & (pl.col("paid_month") >= pl.col("service_month").dt.offset_by("-11mo"))
    )
    often = near.group_by("card", "service_month").len().filter(pl.col("len") >= 3)
    said = told.filter(pl.col("answer_many_times") == "1")
    both = [often.select("card", "service_month"), said.select("card", "service_month")]
    return pl.concat(both).unique().with_columns(pl.lit(True).alias("fourth"))


def judged_claims(lines: pl.DataFrame, known: Known, answers: pl.DataFrame, costly: list[pl.DataFrame]) -> pl.DataFrame:
    """Claims with early and late reasons and yen. costly: every line known that may count."""
    with_card = _with_child(lines, known)
    together = _together(costly, known)
    told = answers.join(
        known.registered.select(
            pl.col("resident_code").alias("child_resident_code"),
            pl.concat_str("insurer_no", pl.lit(" "), "symbol_number").alias("card"),
        ).unique(),
        on="child_resident_code",
    )
    joined = with_card.join(
        answers,
        on=["child_resident_code", "service_month", "institution_code", "care"],
        how="left",
        maintain_order="left",
    )
    joined = joined.join(together, on=["card", "service_month", "claim_class"], how="left", maintain_order="left").join(
        _fourth_months(told, together), on=["card", "service_month"], how="left", maintain_order="left"
    )
    joined = on_day(joined, "first_visit_date", known.spans, "day_reason")
    day_reason = pl.col("day_reason")
    early = (
        pl.when(pl.col("child_resident_code").is_null()).then(pl.lit("E2"))
        .when(pl.col("accident") == "2").then(pl.lit("A2"))
        .when((pl.col("accident") == "1") & (pl.col("total_yen") >= ACCIDENT_LEAST_YEN)).then(pl.lit("A1"))
        .when(_lapsed()).then(pl.lit("T1"))
        .when(day_reason != "00").then(_excluded(day_reason))
    )  # fmt: skip
    legal = pl.when(pl.col("service_month") < pl.col("school_from")).then(20).otherwise(30)
    differs, other_rate = _amounts_differ(legal)
    lowest = (
        pl.when(pl.col("fourth").is_not_null())
        .then(LOWEST_FOURTH_YEN)
        .when(pl.col("service_month") < pl.lit(_NEW_TABLE))
        .then(LOWEST_LIMIT_YEN[0])
        .otherwise(LOWEST_LIMIT_YEN[1])
    )
    left = pl.col("self_yen") - pl.col("other_yen")
    supplemented = pl.col("insurance_type_code").str.contains("^(06|3.|63|7.)$") & (left > SUPPLEMENT_ABOVE_YEN)
    reaches = (left >= COUNTS_FROM_YEN) & (pl.col("together_yen") > lowest)
    unanswered = pl.col("answer_high_yen").is_null() & (reaches | supplemented)
    high = pl.coalesce("answer_high_yen", "own_high_cost_yen")
    more = pl.coalesce("answer_supplementary_yen", "own_supplementary_yen")
    yen = (pl.col("partial_yen") - high - more - pl.col("other_yen") - pl.col("adjustment_yen")).clip(0)
    most = _share(legal) + ROUNDING_YEN * pl.col("days")
    too_much = (pl.col("partial_yen") > most) & (yen > most)
    late = (
        pl.when(differs & other_rate).then(pl.lit("H3")).when(differs | too_much).then(pl.lit("H2"))
        .when(unanswered).then(pl.lit("H1"))
        .when(yen == 0).then(pl.lit("N1")).otherwise(pl.lit("P0"))
    )  # fmt: skip
    return joined.with_columns(early.alias("early"), late.alias("late"), yen.alias("yen"))


def without_duplicates(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines (in order: earlier first) with their reason: D1 after a line of the same key that pays."""
    joined = lines.with_row_index("at")
    pays = (
        pl.col("early").is_null()
        & (pl.col("late") == "P0")
        & pl.col("institution_code").is_not_null()
        & pl.col("withdrawn").is_null()
    )
    first = pl.when(pays).then("at").min().over(_KEY)
    again = (pl.col("at") > first).fill_null(False) & pl.col("institution_code").is_not_null()
    reason = pl.when(pl.col("early").is_not_null()).then("early").when(again).then(pl.lit("D1")).otherwise("late")
    paid_yen = pl.when(pl.col("reason") == "P0").then("yen").otherwise(0)
    return with_moves(joined.with_columns(reason.alias("reason")).with_columns(paid_yen.alias("yen")), HELD)


def decided_receipts(lines: pl.DataFrame, known: Known, payer_no: str) -> pl.DataFrame:
    """What becomes of the receipts of one frame, in order of arrival: their reasons and yen. A signed row and the
    receipt it changes belong in one frame."""
    return without_duplicates(judged_receipts(lines, known, payer_no))


def decide_month(books: Books, month: date, known: Known, receipts: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Decide every line so far with what is known at the end of the month; updates the books.

    Returns _RESULT plus month: the new lines, those held until now, and those of which something else is true now.
    """
    books.receipts = receipts if books.receipts is None else pl.concat([books.receipts, receipts])
    books.claims = claims if books.claims is None else pl.concat([books.claims, claims])
    books.costly = [*books.costly, costly_lines(receipts, claims)]
    judged = pl.concat([
        judged_receipts(books.receipts, known, books.payer_no).select(*_RESULT[:-2], "early", "late", "yen", *_CHANGES),
        judged_claims(books.claims, known, _answers(books), books.costly).select(*_RESULT[:-2], "early", "late", "yen"),
    ], how="diagonal")  # fmt: skip
    true = without_duplicates(judged.sort("delivered_month", maintain_order=True)).select(_RESULT)
    before = true.join(books.said, on=["delivery", "line_no"], how="left", maintain_order="left")
    same = (pl.col("reason") == pl.col("said_reason")) & (pl.col("yen") == pl.col("said_yen"))
    spoken_of = before.filter(~(same & ~pl.col("said_reason").is_in(HELD)).fill_null(False)).select(_RESULT)
    books.said = before.select(
        "delivery",
        "line_no",
        pl.col("reason").alias("said_reason"),
        pl.col("yen").cast(pl.Int64).alias("said_yen"),
        (pl.col("settled").fill_null(False) | ~pl.col("reason").is_in(HELD)).alias("settled"),
    )
    return spoken_of.with_columns(pl.lit(month).alias("month"))


def _answers(books: Books) -> pl.DataFrame:
    """The last answer about each piece of care."""
    told = pl.concat(books.answers).sort("answered_date", "answer_no", maintain_order=True)
    return told.unique(_KEY, keep="last", maintain_order=True).select(
        *_KEY,
        pl.col("high_cost_benefit_yen").alias("answer_high_yen"),
        pl.col("supplementary_benefit_yen").alias("answer_supplementary_yen"),
        pl.col("many_times").alias("answer_many_times"),
    )


def benefit_truth(said: pl.DataFrame) -> pl.DataFrame:
    """truth.parquet of what every month said: the last word on each line, and how it began."""
    held = pl.col("reason").is_in(HELD)
    told = said.sort("delivery", "line_no", "month")
    begun = told.filter(pl.col("month") == pl.col("delivered_month")).select(
        "delivery", "line_no", pl.when(held).then("reason").alias("held_reason")
    )
    last = told.unique(["delivery", "line_no"], keep="last", maintain_order=True).join(
        begun, on=["delivery", "line_no"], how="left", maintain_order="left"
    )
    outcome = (
        pl.when(held)
        .then(pl.lit("保留"))
        .when(pl.col("reason") == "P0")
        .then(pl.lit("支給"))
        .when(pl.col("reason") == "R0")
        .then(pl.lit("返戻・増減"))
        .otherwise(pl.lit("不支給"))
    )
    return last.with_columns(pl.when(~held).then("month").alias("decided_month"), outcome.alias("outcome")).select(
        *_RESULT[:-2], "held_reason", "decided_month", "outcome", "reason", "yen"
    )
