"""Both sides of a match: who is named in applications and answers, and whom the register knows.

Belongs here: reading both into columns that can be compared, and what people have decided. Does not belong
here: the comparison (assets/matching/comparing.py) and its outcome (assets/matching/rules.py).
"""

from __future__ import annotations

import polars as pl

from assets.matching.comparing import plain_address, plain_kana, plain_name
from schemas.records.matching import SUBJECT_KEY

_LEARNED = ("known_date", "delivery", "line_no")
_SOURCE = ("delivery", "line_no", "known_date")
_TOLD_SEXES = ("1", "2")
_NOT_ON_THE_FORM = ("sex", "birth_date", "address")


def last_said(known: pl.DataFrame, *key: str) -> pl.DataFrame:
    """Each key once, as last learned."""
    return known.sort(*_LEARNED).unique(key, keep="last", maintain_order=True)


def _told_sex() -> pl.Expr:
    return pl.when(pl.col("sex").is_in(_TOLD_SEXES)).then("sex").alias("sex")


def _named(rows: pl.DataFrame, feed: str, no: str, subject: str, columns: dict[str, pl.Expr]) -> pl.DataFrame:
    return rows.select(
        pl.lit(feed).alias("source_feed"),
        pl.col(no).alias("source_no"),
        pl.lit(subject).alias("subject"),
        *(value.alias(name) for name, value in columns.items()),
        *_SOURCE,
    )


def _of_application(applications: pl.DataFrame, subject: str) -> pl.DataFrame:
    """The child or the guardian as the form names them; of a guardian it gives only number and name."""
    named = {name: pl.col(f"{subject}_{name}") for name in ("name", "name_kana")}
    if subject == "child":
        rest = {name: pl.col(f"child_{name}") for name in _NOT_ON_THE_FORM}
    else:
        rest = {name: pl.lit(None, pl.Date if name == "birth_date" else pl.String) for name in _NOT_ON_THE_FORM}
    columns = {"stated_code": pl.col(f"{subject}_resident_code")} | named | rest
    return _named(applications, "applications", "application_no", subject, columns)


def subjects(applications_known: pl.DataFrame, municipal_answers_known: pl.DataFrame) -> pl.DataFrame:
    """Everyone who is named, with row number `at`, SUBJECT_KEY, stated_code (null in an answer), the five
    attributes as written and plain_…, and the source."""
    applications = last_said(applications_known, "application_no")
    attributes = {name: pl.col(name) for name in ("name", "name_kana", *_NOT_ON_THE_FORM)}
    answered = _named(
        last_said(municipal_answers_known, "answer_no"),
        "municipal_answers",
        "answer_no",
        "person",
        {"stated_code": pl.lit(None, pl.String)} | attributes,
    )
    everyone = [_of_application(applications, "child"), _of_application(applications, "guardian"), answered]
    return (
        pl.concat(everyone)
        .with_row_index("at")
        .with_columns(
            _told_sex(),
            plain_name(pl.col("name")).alias("plain_name"),
            plain_kana(pl.col("name_kana")).alias("plain_name_kana"),
            plain_address(pl.col("address")).alias("plain_address"),
        )
    )


def with_person(frame: pl.DataFrame, identities: pl.DataFrame, code: str, person: str) -> pl.DataFrame:
    """`frame` with `person`: the number of the person behind `code` (名寄せ), which is `code` itself for most."""
    known = identities.select(pl.col("resident_code").alias(code), pl.col("person_code").alias(person))
    joined = frame.join(known, on=code, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(person, code).alias(person))


def people(persons: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """Everyone in the register: held_… as written, plain_…, and person_code (several numbers of one person)."""
    written = ("name", "name_kana", "sex", "birth_date", "address")
    return with_person(persons.with_columns(_told_sex()), identities, "resident_code", "person_code").select(
        "resident_code",
        "person_code",
        *(pl.col(name).alias(f"held_{name}") for name in written),
        plain_name(pl.col("name")).alias("held_plain_name"),
        plain_name(pl.col("native_name")).alias("held_native_name"),
        plain_kana(pl.col("name_kana")).alias("held_plain_name_kana"),
    )


def lived(persons: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """(resident_code, plain_address) of every address a person has or had, with 方書 and without."""
    rows = pl.concat([part.select("resident_code", "address", "katagaki") for part in (persons, addresses)]).unique()
    full = rows.with_columns(pl.concat_str("address", "katagaki"))
    plain = pl.concat([rows, full]).select("resident_code", plain_address(pl.col("address")).alias("plain_address"))
    return plain.drop_nulls().unique()


def decisions(identity_decisions_known: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """SUBJECT_KEY and decided_code (null: nobody) of every decision that stands: the last one, in its highest revision.

    One that names a number the register does not know settles nothing.
    """
    revised = last_said(identity_decisions_known, "decision_no", "revision_no").sort("decision_no", "revision_no")
    standing = revised.unique("decision_no", keep="last").sort("decided_date", "decision_no")
    last = standing.unique(SUBJECT_KEY, keep="last", maintain_order=True)
    found = pl.col("resident_code").is_null() | pl.col("resident_code").is_in(persons["resident_code"].implode())
    return last.filter(found).select(*SUBJECT_KEY, pl.col("resident_code").alias("decided_code"))
