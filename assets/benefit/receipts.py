"""Receipts (現物給付): the tests of a receipt in their order, and what it is explained by.

Belongs here: rules about one receipt. Duplicates, decision rows and numbers are in deciding.py.
"""

from __future__ import annotations

import polars as pl

from assets.benefit.deciding import Tests, in_order, numbered, with_reasons
from assets.benefit.facts import (
    entitled_to_care,
    first_that_holds,
    in_month,
    legal_rate,
    other_scheme,
    owners,
    said_on,
    timelines,
    waits,
    with_number,
    with_owner,
)
from assets.benefit.other_payers import PAYERS, any_stands, borne_by, with_payers
from assets.benefit.signed import changed, is_signed, with_originals
from assets.benefit.steps import Step, line_of
from assets.register.dated import dated, listed, with_basis
from schemas.law.book import Law

_RENAMED = {
    "rcpt_patient_beneficiary_no": "beneficiary_no",
    "rcpt_institution_code": "institution_code",
    "rcpt_inpatient_outpatient_code": "care",
}
_LAW = {
    "benefit.public_payer_no": "payer_no",
    "inkind.limit_yen": "limit_yen",
    "inkind.limit_after_other_payers": "limit_after_payers",
}


def _amount(item: str) -> pl.Expr:
    """A signed amount of the receipt; an item the receipt does not carry is no amount."""
    return pl.col(f"rcpt_{item}_yen").fill_null(0)


def _payable_yen() -> pl.Expr:
    """What is left of the self pay for this benefit: after the other payers, or where none stands after what the
    insurer and the patient paid."""
    others = _amount("supplementary_benefit") + _amount("high_cost_benefit") + _amount("counter")
    return pl.col("left_yen") - pl.when(any_stands()).then(0).otherwise(others)


def _partly() -> pl.Expr:
    """Entitled or to be ascertained, but not entitled every day; or said to have begun before birth."""
    unborn = (pl.col("first_day") < pl.col("birth_date")).fill_null(False)
    return (pl.col("any_day") | pl.col("held_day")) & (~pl.col("every_day") | unborn)


def _asked_day() -> pl.Expr:
    """The day that decides: the first day of care where it is said; else the first still to be ascertained, for the
    receipt waits for it; else the first day that tells something."""
    partly = _partly()
    said = partly & pl.col("first_day").is_not_null()
    return pl.when(said).then("first_day").when(partly & pl.col("held_day")).then("first_held").otherwise("first_sign")


def with_facts(
    receipts: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """Receipts with child, entitlement, legal rate and the law of their service month."""
    told = timelines(eligibility)
    owned = owners(beneficiary_numbers, registrations, persons)
    rows = with_owner(receipts.rename(_RENAMED), with_number(owned, told))
    who = rows["_who"]
    last = told.nearest(who, rows["service_month"].dt.month_end())
    rows = in_month(rows, told, who, last).with_columns(_asked_day().alias("asked_day"))
    rows = dated(said_on(rows, "asked_day", told, who, last), "service_month", law, _LAW)
    rows = with_payers(with_basis(rows, "service_month", law, {"copay.rates": "rate_basis"}), law)
    return rows.with_columns(
        listed("care", "service_month", law, "inkind.care").alias("in_kind"),
        legal_rate("birth_date", "service_month", law).alias("legal_rate"),
    )


def _tests() -> Tests:
    """The order of city practice: who, which payer, which person, which day; then rate, sum, other payers, in kind.

    A month with days still to be ascertained waits for them (H9) unless the first day of care is said and clear: once
    they are ascertained the day may not be needed, so H9 goes before the question for the day (H6).
    """
    unlawful = pl.col("payer_no").is_null() | pl.col("limit_yen").is_null()
    person = (pl.col("rcpt_patient_sex") != pl.col("sex")) | (pl.col("rcpt_patient_birth_date") != pl.col("birth_date"))
    unknown = pl.col("sex").is_null()
    partly = _partly()
    outside = ~(pl.col("any_day") | pl.col("held_day")) | (partly & ~entitled_to_care().fill_null(False))
    no_day = partly & pl.col("first_day").is_null()
    points = pl.col("rcpt_total_medical_cost_yen") * pl.col("rcpt_copay_rate") != pl.col("rcpt_self_pay_yen") * 100
    payable = pl.col("rcpt_public_expense_yen")
    compared = pl.when("limit_after_payers").then("left_yen").otherwise("rcpt_self_pay_yen")
    early = [
        ("E2", pl.col("child_resident_code").is_null()),
        ("R1", is_signed()),
        ("H8", unlawful),
        ("H7", pl.col("rcpt_public_payer_no") != pl.col("payer_no")),
        ("H5", person | unknown),
        ("H9", partly & waits()),
        ("H6", no_day),
        ("E3", outside & pl.when(partly).then(other_scheme()).otherwise("scheme_day")),
        ("E1", outside),
    ]
    late = [
        ("H3", pl.col("rcpt_copay_rate").ne_missing(pl.col("legal_rate"))),
        ("H2", points | payable.ne_missing(_payable_yen()) | (pl.col("payer_fault") == "H2")),
        ("HA", pl.col("payer_fault") == "HA"),
        ("H4", ~pl.col("in_kind") | (compared >= pl.col("limit_yen"))),
        ("N1", payable <= 0),
        ("P0", pl.lit(True)),
    ]
    return Tests(first_that_holds(early), first_that_holds(late))


_CHANGES = pl.col("reason") == "R0"


def _of_original(yen: pl.Expr) -> pl.Expr:
    """Yen of a receipt that changes no other."""
    return pl.when(~_CHANGES).then(yen)


def _payer(payer: int) -> Step:
    """What one other public payer bears, by its article."""
    label = "他の公費の負担" if payer == 1 else f"第{payer}の他の公費の負担"
    article = pl.coalesce(f"payer_article_{payer}", "deduction_article")
    words, parameter = pl.col(f"payer_words_{payer}"), "public_payers.ceilings"
    return Step(2 + payer, label, _of_original(-borne_by(payer)), text=words, parameter=parameter, article=article)


def _deduction(order: int, label: str, item: str) -> Step:
    """An amount taken off where no other public payer stands on the receipt."""
    yen = pl.when(~any_stands()).then(-_amount(item))
    return Step(order, label, _of_original(yen), article=pl.col("deduction_article"))


STEPS_OF_RECEIPT = (
    Step(
        2,
        "自己負担額",
        _of_original(pl.col("rcpt_self_pay_yen")),
        text=pl.format("総医療費{}円×{}割", "rcpt_total_medical_cost_yen", pl.col("rcpt_copay_rate") // 10),
        parameter="copay.rates",
        article=pl.col("rate_basis"),
    ),
    *(_payer(payer) for payer in PAYERS),
    _deduction(7, "附加給付", "supplementary_benefit"),
    _deduction(8, "高額療養費", "high_cost_benefit"),
    _deduction(9, "窓口で支払われた額", "counter"),
    Step(
        10,
        "過誤・再審査による増減",
        pl.when(_CHANGES).then("rcpt_public_expense_yen"),
        article=pl.col("sentence_article"),
    ),
)
"""The yen of a receipt, in order. They add up to 公費負担額: H2 holds every receipt where they do not."""

WORDS_OF_RECEIPT = (
    Step(
        1,
        "元のレセプト",
        pl.lit(None),
        text=pl.format("元のレセプトの請求額{}円", "original_yen"),
        article=pl.col("sentence_article"),
        source="original",
    ),
    Step(
        71,
        "現物給付の範囲",
        pl.lit(None),
        text=pl.when((pl.col("reason") == "H4") & ~pl.col("in_kind")).then(
            pl.lit("この入外は現物給付の対象ではありません（償還払い）。")
        ),
        parameter="inkind.care",
        article=pl.col("sentence_article"),
    ),
)
"""Words about the receipt that a signed row changes, and about care that cannot come in kind."""


def judged(facts: pl.DataFrame, paid_before: pl.DataFrame) -> pl.DataFrame:
    """Receipts with reason and amount.

    Signed rows find the receipts they change among `facts`; where those stand in no row of it they wait (R1).
    """
    found = with_originals(in_order(facts))
    withdrawn = pl.col("withdrawn").fill_null(False)
    rows = with_reasons(found, _tests(), paid_before, withdrawn=withdrawn).with_columns(changed())
    public_yen = pl.col("rcpt_public_expense_yen")
    amount = pl.when(pl.col("reason") == "P0").then(public_yen).when(_CHANGES).then("change_yen").otherwise(0)
    return rows.with_columns(amount.alias("amount_yen"), *line_of("receipts"))


def decided(facts: pl.DataFrame, paid_before: pl.DataFrame, month: pl.Expr) -> pl.DataFrame:
    """Judged receipts with demand and decision number."""
    billed = pl.col("billing_month").dt.strftime("%Y%m")
    key = ("review_body", billed, "institution_code", "receipt_no", "receipt_change")
    rows = judged(facts, paid_before).with_columns(
        pl.concat_str(*key, separator="-").alias("subject_key"),
        pl.col("rcpt_public_expense_yen").alias("demand_yen"),
        pl.lit(None, dtype=pl.Date).alias("application_date"),
    )
    return numbered(rows, "receipt", month)
