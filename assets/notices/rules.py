"""Which letters a month sends and what each one says. Pure: frames in, one frame per kind out.

Every frame has the columns reports.letters.addressee needs, so the address is chosen there and nowhere else.
"""

from datetime import date

import polars as pl

from schemas.codes import CARE
from schemas.records.notices import LETTER_MARKS

_COVERED = {"1": "入院と通院", "2": "入院のみ"}
"""給付区分 → what the certificate says it covers."""

_PLACES = ("postal_code", "address", "katagaki", "name")
_STATED = [f"{place}_{part}" for place in ("guardian_mailing", "mailing", "residence") for part in _PLACES]

_KINDS = pl.List(pl.String)
_SUBJECTS = {"debt": "debt_no", "account": "payment_no"}
"""What a letter of a kind is about, where it is not the beneficiary."""
_CHILD = "child_resident_code"


def shown_name() -> pl.Expr:
    """The name to print: the native name where the person uses it (別添1 66・67)."""
    return pl.when(pl.col("use_native_name") == "1").then(pl.col("native_name")).fill_null(pl.col("name"))


def _protected(persons: pl.DataFrame) -> list[str]:
    """The numbers under 支援措置, and every other number of the same people."""
    pairs = persons.filter(pl.col("same_person_code").is_not_null()).select("resident_code", "same_person_code")
    found, before = set(persons.filter(pl.col("protected") == "1")["resident_code"]), set[str]()
    while found != before:
        before = set(found)
        linked = pairs.filter(pl.any_horizontal(pl.all().is_in(list(before))))
        found |= {*linked["resident_code"], *linked["same_person_code"]}
    return sorted(found)


def holders(registrations: pl.DataFrame, certificates: pl.DataFrame) -> pl.DataFrame:
    """REGISTRATIONS with the guardian of the certificate in force, where there is one, as 受給資格者."""
    held = certificates.select(_CHILD, pl.col("guardian_resident_code").alias("holder"))
    found = registrations.join(held, on=_CHILD, how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("holder", "guardian_resident_code").alias("guardian_resident_code")).drop(
        "holder"
    )


def people(registrations: pl.DataFrame, applications_known: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """One row per registered child: names, the four candidate addresses, and whether any address is protected, under
    whichever number of the child or the guardian."""
    stated = applications_known.sort("known_date", "line_no").unique("application_no", keep="last")
    guarded = pl.col("resident_code").is_in(_protected(persons))
    child = persons.select(
        pl.col("resident_code").alias("child_resident_code"),
        shown_name().alias("child_name"),
        pl.col("birth_date").alias("child_birth_date"),
        pl.col("address").alias("child_address"),
        guarded.alias("child_protected"),
    )
    guardian = persons.select(
        pl.col("resident_code").alias("guardian_resident_code"),
        shown_name().alias("guardian_name"),
        pl.col("postal_code").alias("guardian_postal_code"),
        pl.col("address").alias("guardian_address"),
        pl.col("katagaki").alias("guardian_address_katagaki"),
        guarded.alias("guardian_protected"),
    )
    return (
        registrations.select("child_resident_code", "guardian_resident_code", "application_no", "beneficiary_no")
        .join(child, on="child_resident_code")
        .join(guardian, on="guardian_resident_code")
        .join(stated.select("application_no", "application_date", *_STATED), on="application_no")
        .with_columns((pl.col("child_protected") | pl.col("guardian_protected")).alias("protected"))
        .with_columns(
            pl.col("guardian_resident_code").alias("person_key"), pl.col("beneficiary_no").alias("recipient_no")
        )
        .drop("child_protected", "guardian_protected")
    )


def _numbered(frame: pl.DataFrame, letter: str, month: date) -> pl.DataFrame:
    number = pl.format("{}-{}-{}", pl.lit(letter), pl.lit(f"{month:%Y%m}"), pl.col("recipient_no"))
    return frame.with_columns(number.alias("document_no")).sort("document_no")


def recognitions(everyone: pl.DataFrame, changes: pl.DataFrame, certificates: pl.DataFrame) -> pl.DataFrame:
    """Children recognised this month, with their certificate's period and what it covers."""
    valid = certificates.select(
        _CHILD,
        "valid_from_date",
        "valid_to_date",
        pl.col("public_payer_no").alias("payer_no"),
        pl.col("benefit_class").replace_strict(_COVERED).alias("care_covered"),
    )
    new = changes.filter(pl.col("change") == "recognised").select("child_resident_code")
    return everyone.join(new, on="child_resident_code").join(valid, on="child_resident_code")


def endings(everyone: pl.DataFrame, changes: pl.DataFrame, sentences: pl.DataFrame, change: str) -> pl.DataFrame:
    """Children refused or ended this month, with the day and the sentence that gives the reason."""
    told = changes.filter(pl.col("change") == change).select(
        "child_resident_code", pl.col("date").alias("end_date"), pl.col("reason").alias("code")
    )
    return everyone.join(told, on="child_resident_code").join(sentences, on="code").drop("code")


_NO_TRANSFER = "振込はありません（返還金に充てました）"


def told(decisions: pl.DataFrame) -> pl.DataFrame:
    """Decisions in the words of a letter."""
    return decisions.with_columns(
        pl.col("care").replace_strict(dict(CARE.labels)).alias("visit"),
        pl.format("医療機関コード {}", pl.col("institution_code").fill_null("（記載なし）")).alias("institution_name"),
        pl.col("demand_yen").alias("partial_payment_yen"),
    )


def _gathered(everyone: pl.DataFrame, claims: pl.DataFrame, fields: list[str], more: list[pl.Expr]) -> pl.DataFrame:
    ordered = claims.drop("beneficiary_no", "guardian_resident_code").join(
        everyone.select("child_resident_code", "child_name"), on="child_resident_code"
    )
    lists = (
        ordered.sort("child_resident_code", "service_month", "subject_key")
        .group_by("child_resident_code", maintain_order=True)
        .agg(pl.struct(fields).alias("details"), *more)
    )
    return everyone.join(lists, on="child_resident_code")


_LINE = ["child_name", "service_month", "visit", "institution_name", "partial_payment_yen"]


def payments(
    everyone: pl.DataFrame, decisions: pl.DataFrame, payables: pl.DataFrame, orders: pl.DataFrame
) -> pl.DataFrame:
    """One letter per child with every yen due for the first time or more than before, what is taken off it (debts
    offset and what was paid before included), and the account's bank. Where all is offset nothing is transferred."""
    due = payables.select("decision_no", pl.col("payable_yen"))
    ordered = orders.select("decision_no", "value_date", "bank_code", "branch_code", "account_number")
    paid = told(decisions).join(due, on="decision_no").join(ordered, on="decision_no", how="left")
    paid = paid.with_columns(
        (pl.col("demand_yen") - pl.col("payable_yen")).alias("deduction_yen"), pl.col("payable_yen").alias("amount_yen")
    )
    account = pl.format(
        "金融機関 {} 店番 {} 口座番号 末尾{}",
        pl.col("bank_code").drop_nulls().last(),
        pl.col("branch_code").drop_nulls().last(),
        pl.col("account_number").drop_nulls().last().str.slice(4),
    )
    return _gathered(
        everyone,
        paid,
        [*_LINE, "deduction_yen", "amount_yen"],
        [
            pl.col("amount_yen").sum(),
            pl.col("value_date").max().alias("payment_date"),
            account.fill_null(_NO_TRANSFER).alias("account_text"),
        ],
    )


def nonpayments(everyone: pl.DataFrame, decisions: pl.DataFrame, sentences: pl.DataFrame) -> pl.DataFrame:
    """One letter per child with every claim refused and why."""
    claims = decisions.filter((pl.col("subject") == "claim") & (pl.col("judgement") == "2"))
    refused = told(claims).join(sentences, left_on="reason", right_on="code", suffix="_sentence")
    refused = refused.drop("reason").rename({"reason_sentence": "reason"})
    letters = _gathered(
        everyone.drop("application_date"),
        refused,
        [*_LINE, "reason"],
        [pl.col("application_date").max()],
    )
    return letters


def letters(frames: dict[str, pl.DataFrame], month: date) -> dict[str, pl.DataFrame]:
    """Kind → its letters, numbered: mark of the kind, month, beneficiary number."""
    return {kind: _numbered(frame, LETTER_MARKS[kind], month) for kind, frame in frames.items()}


def letters_of_month(
    everyone: pl.DataFrame,
    changes: pl.DataFrame,
    certificates: pl.DataFrame,
    decisions: pl.DataFrame,
    payables: pl.DataFrame,
    orders: pl.DataFrame,
    sentences: pl.DataFrame,
    month: date,
) -> dict[str, pl.DataFrame]:
    """Kind → the letters of the month. A recognition always comes with its card."""
    recognised = recognitions(everyone, changes, certificates)
    return letters(
        {
            "recognition": recognised,
            "card": recognised,
            "refusal": endings(everyone, changes, sentences, "refused"),
            "termination": endings(everyone, changes, sentences, "ended"),
            "payment": payments(everyone, decisions, payables, orders),
            "nonpayment": nonpayments(everyone, decisions, sentences),
        },
        month,
    )


def owed(changes: pl.DataFrame, decisions: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """(kind, child_resident_code): who must be told what this month, before anyone asks whom it can be sent to.

    A child that waits for a person (14, 15, 16) has no change to be told; the report counts it as held. One recognised
    and ended within the month is told its end only: its certificate has run out (INC-21).
    """
    ended = changes.filter(pl.col("change") == "ended").select(_CHILD)
    past = changes.filter(pl.col("change") == "recognised").join(ended, on=_CHILD, how="semi")
    standing = changes.join(past, on=[_CHILD, "change"], how="anti")
    kinds = {"recognised": ["recognition", "card"], "refused": ["refusal"], "ended": ["termination"]}
    claims = decisions.filter((pl.col("subject") == "claim") & pl.col("child_resident_code").is_not_null())
    told = [
        standing.select(pl.col("change").replace_strict(kinds, return_dtype=_KINDS).alias("kind"), _CHILD),
        payables.select(pl.lit(["payment"], dtype=_KINDS).alias("kind"), _CHILD),
        claims.filter(pl.col("judgement") == "2").select(pl.lit(["nonpayment"], dtype=_KINDS).alias("kind"), _CHILD),
    ]
    return pl.concat(told).explode("kind").drop_nulls("kind").unique().sort("kind", _CHILD)


def letter_rows(frame: pl.DataFrame, kind: str, month: date) -> pl.DataFrame:
    """The letters of one kind as LETTERS rows."""
    return frame.select(
        "document_no",
        pl.lit(kind).alias("kind"),
        "child_resident_code",
        "guardian_resident_code",
        pl.col(_SUBJECTS.get(kind, "recipient_no")).alias("subject_key"),
        pl.lit(month).alias("decided_month"),
    )


def withheld_rows(frame: pl.DataFrame, withheld: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The letters of one kind that may not be sent, as WITHHELD rows."""
    return withheld.join(frame.select("document_no", "child_resident_code"), on="document_no").select(
        "document_no", pl.lit(kind).alias("kind"), "child_resident_code", "reason"
    )
