"""Matching by the five attributes (評価書22 III-2): candidates, their grades, one outcome, and who waits.

A candidate is the person of the stated number, or has the birth date and either the reading or the name of who
is named: nobody becomes a candidate by a name alone. Comparing one attribute belongs to comparing, reading
both sides to subjects.
"""

from __future__ import annotations

import polars as pl

from assets.matching.comparing import ALIKE, DIFFERENT, EQUAL, NOT_GIVEN, grade
from assets.matching.subjects import decisions, last_said, lived, people, subjects, with_person
from schemas.records.feeds import RESIDENT_TAXES
from schemas.records.matching import GRADES, MATCH_QUEUE, MATCHES, SUBJECT_KEY
from schemas.records.register import known

_MATCHED, _DOUBTFUL, _SEVERAL, _NOBODY = "1", "2", "3", "0"
_FIRST_ANSWER_REVISION = 9000
_DECIDING = ("birth_date_grade", "sex_grade", "name_kana_grade")
_ALIKE = (("plain_name_kana", "held_plain_name_kana"), ("plain_name", "held_plain_name"))
_SOURCE = ("delivery", "line_no", "known_date")
_FLAG = {True: "1", False: "0"}


def matches(
    applications_known: pl.DataFrame,
    municipal_answers_known: pl.DataFrame,
    persons: pl.DataFrame,
    addresses: pl.DataFrame,
    identities: pl.DataFrame,
    identity_decisions_known: pl.DataFrame,
) -> pl.DataFrame:
    """MATCHES: every candidate of everyone who is named, graded, with the outcome and who is taken to be meant.

    What a person decided stands over the outcome of the attributes; the outcome stays readable beside it.
    """
    asked = subjects(applications_known, municipal_answers_known)
    held = people(persons, identities)
    settled = decisions(identity_decisions_known, persons)
    asked = asked.join(settled, on=SUBJECT_KEY, how="left", maintain_order="left")
    pairs = candidates(asked, held)
    graded = _graded(pairs, asked, held, lived(persons, addresses))
    judged = _judged(with_person(graded, identities, "stated_code", "stated_person"))
    decided = asked.join(settled, on=SUBJECT_KEY, how="semi").select("at", pl.lit("1").alias("decided"))
    return _told(asked, judged, decided).select(MATCHES.names).sort(MATCHES.key)


def candidates(asked: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """(at, resident_code), each once: the stated number, the decided one, and same birth date with same reading
    or name (the name of a foreigner in either form)."""
    by_number = [
        asked.select("at", pl.col(code).alias("resident_code")).join(held, on="resident_code", how="semi")
        for code in ("stated_code", "decided_code")
    ]
    alike = [
        asked.join(held, left_on=["birth_date", said], right_on=["held_birth_date", kept]).select("at", "resident_code")
        for said, kept in (*_ALIKE, ("plain_name", "held_native_name"))
    ]
    return pl.concat([*by_number, *alike]).unique()


def _graded(pairs: pl.DataFrame, asked: pl.DataFrame, held: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Pairs with the five GRADES and the numbers of both sides.

    A former address, and a native name, count as 表記のゆれ.
    """
    known_there = homes.with_columns(pl.lit(True).alias("lived_there"))
    both = (
        pairs.join(asked.drop("source_feed", "source_no", *_SOURCE), on="at")
        .join(held, on="resident_code")
        .join(known_there, on=["resident_code", "plain_address"], how="left")
    )
    name, never = pl.col("plain_name"), pl.lit(False)
    same_name = (name == pl.col("held_plain_name")) | (name == pl.col("held_native_name")).fill_null(False)
    same_kana = pl.col("plain_name_kana") == pl.col("held_plain_name_kana")
    return both.select(
        *("at", "resident_code", "person_code", "stated_code", "subject"),
        grade("name", "held_name", same_name).alias("name_grade"),
        grade("name_kana", "held_name_kana", same_kana).alias("name_kana_grade"),
        grade("sex", "held_sex", never).alias("sex_grade"),
        grade("birth_date", "held_birth_date", never).alias("birth_date_grade"),
        grade("address", "held_address", pl.col("lived_there")).alias("address_grade"),
    )


def _fits() -> pl.Expr:
    """No attribute differs, and birth date, sex and reading agree; of a guardian, number, name and reading."""
    nothing_differs = pl.all_horizontal(pl.col(name) != DIFFERENT for name in GRADES)
    enough = pl.all_horizontal(pl.col(name).is_in([EQUAL, ALIKE]) for name in _DECIDING)
    own_number = pl.col("resident_code") == pl.col("stated_code")
    return nothing_differs & pl.when(pl.col("subject") == "guardian").then(own_number).otherwise(enough)


def _judged(graded: pl.DataFrame) -> pl.DataFrame:
    """at, resident_code and GRADES with `result` of who is named and `best`: the candidate a match stands for.

    Numbers of one person count once. Where a number is stated, it must be a number of the person that fits.
    """
    stated = pl.col("stated_person").is_null() | (pl.col("stated_person") == pl.col("person_code"))
    fitting = graded.filter(_fits())
    people_each = fitting.select("at", "person_code").unique().group_by("at").agg(pl.len().alias("fitting_count"))
    first = fitting.filter(stated).sort("at", *_preference()).unique("at", keep="first")
    best = first.select("at", pl.col("resident_code").alias("best_code"))
    counted = graded.select("at", "resident_code", *GRADES).join(people_each, on="at", how="left")
    several, one = pl.col("fitting_count") > 1, pl.col("best_code").is_not_null()
    result = pl.when(several).then(pl.lit(_SEVERAL)).when(one).then(pl.lit(_MATCHED)).otherwise(pl.lit(_DOUBTFUL))
    return counted.join(best, on="at", how="left").with_columns(
        result.alias("result"), (pl.col("resident_code") == pl.col("best_code")).alias("best")
    )


def _preference() -> tuple[pl.Expr, ...]:
    """Which number of one person stands for it: the stated one, else the one 名寄せ leads to."""
    number = pl.col("resident_code")
    return number != pl.col("stated_code"), number != pl.col("person_code"), number


def _told(asked: pl.DataFrame, judged: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Everyone who is named with their candidates; without any, one row that names nobody."""
    rows = judged.select("at", "resident_code", *GRADES, "result", "best")
    every = asked.join(rows, on="at", how="left").join(decided, on="at", how="left")
    matched = pl.col("best").fill_null(False) & (pl.col("result") == _MATCHED)
    by_person = (pl.col("resident_code") == pl.col("decided_code")).fill_null(False)
    chosen = pl.when(pl.col("decided").is_not_null()).then(by_person).otherwise(matched)
    return every.with_columns(
        chosen.replace_strict(_FLAG, return_dtype=pl.String).alias("chosen"),
        pl.col("decided").fill_null("0"),
        pl.col("result").fill_null(_NOBODY),
        *(pl.col(name).fill_null(NOT_GIVEN) for name in GRADES),
    )


def queue(matches: pl.DataFrame) -> pl.DataFrame:
    """MATCH_QUEUE: everyone whose match is not 一致 and whom nobody has decided."""
    waiting = matches.filter((pl.col("result") != _MATCHED) & (pl.col("decided") == "0"))
    count = pl.col("resident_code").count().cast(pl.Int64).alias("candidate_count")
    counted = waiting.group_by(SUBJECT_KEY).agg(pl.col("result", "delivery", "line_no", "known_date").first(), count)
    return counted.select(MATCH_QUEUE.names).sort(MATCH_QUEUE.key)


def answered_taxes(municipal_answers_known: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """What other municipalities answered of persons that are established, in the shape of known RESIDENT_TAXES.

    The revision numbers begin above the city's own, so that the last answer stands for the year.
    """
    answered = matches.filter((pl.col("source_feed") == "municipal_answers") & (pl.col("chosen") == "1"))
    whose = answered.select(pl.col("source_no").alias("answer_no"), "resident_code")
    told = last_said(municipal_answers_known, "answer_no").join(whose, on="answer_no")
    ordered = told.sort("resident_code", "tax_year", "answered_date", "known_date", "answer_no")
    turn = pl.int_range(pl.len(), dtype=pl.Int64).over("resident_code", "tax_year")
    names = known(RESIDENT_TAXES).names
    return ordered.with_columns((turn + _FIRST_ANSWER_REVISION).alias("revision_no")).select(names)


def taxes(
    resident_taxes_known: pl.DataFrame, municipal_answers_known: pl.DataFrame, matches: pl.DataFrame
) -> pl.DataFrame:
    """TAXES: what the city's own tax office says, and what other municipalities answered of established persons."""
    told = answered_taxes(municipal_answers_known, matches)
    return pl.concat([resident_taxes_known.select(told.columns), told])
