"""The part of the law in numpy: one array per fact, nearest intervals by binary search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.compute as pc

from benchmarks.peers.intervals_numpy import NEVER, Array, Intervals, days, is_one_of, read, texts, whole
from benchmarks.peers.plain_law import HELD, INPATIENT, REASONS, SCHEME, STAY, WHOLE, PlainLaw

_CODE = {reason: number for number, reason in enumerate(REASONS)}
_NONE = len(REASONS)


@dataclass(frozen=True)
class Facts:
    """What is known of each receipt before any rule: one array each."""

    known: Array
    payer_as_told: Array
    person_as_told: Array
    stay: Array
    in_kind: Array
    limit_yen: Array
    entitled: Array
    scheme: Array
    held: Array
    days: Array
    said: Array
    unborn: Array
    visit: Array
    birth: Array
    month: Array
    yen: Mapping[str, Array]
    key: Array
    order: Array


def _owners(folder: Path) -> tuple[Array, Array]:
    """Numbers that stand at one registered child, in order, and the child."""
    told = read(folder, "beneficiary_numbers", "beneficiary_no", "child_resident_code")
    number, child = whole(told["beneficiary_no"]), whole(told["child_resident_code"])
    registered = np.sort(whole(read(folder, "registrations", "child_resident_code")["child_resident_code"]))
    at = np.minimum(np.searchsorted(registered, child), len(registered) - 1)
    kept = registered[at] == child
    order = np.lexsort((child[kept], number[kept]))
    number, child = number[kept][order], child[kept][order]
    first = np.r_[True, (number[1:] != number[:-1]) | (child[1:] != child[:-1])]
    number, child = number[first], child[first]
    alone = np.r_[True, number[1:] != number[:-1]] & np.r_[number[1:] != number[:-1], True]
    return number[alone], child[alone]


def _found(sought: Array, among: Array) -> Array:
    """The place of each value in a sorted array; -1 where it is not."""
    place = np.minimum(np.searchsorted(among, sought), len(among) - 1)
    return np.where(among[place] == sought, place, -1)


def _standing(month: Array, versions: tuple[tuple[object, object], ...]) -> Array:
    starts = np.array([start for start, _ in versions], dtype="datetime64[D]").astype(np.int64)
    return np.array([value for _, value in versions])[np.searchsorted(starts, month, side="right") - 1]


def facts(folder: Path, law: PlainLaw) -> tuple[pl.DataFrame, Facts]:
    """The names of the receipts, and what is known of each."""
    amounts = ("total_medical_cost", "self_pay", "public_expense", "counter", "other_public", "supplementary_benefit",
               "high_cost_benefit")  # fmt: skip
    told = read(folder, "receipts", "delivery", "line_no", "known_date", "service_month", "first_day",
                "rcpt_patient_beneficiary_no", "rcpt_patient_sex", "rcpt_patient_birth_date", "rcpt_institution_code",
                "rcpt_inpatient_outpatient_code", "rcpt_copay_rate", "rcpt_public_payer_no",
                *(f"rcpt_{name}_yen" for name in amounts))  # fmt: skip
    intervals = Intervals.of(folder, law)
    number, child_of = _owners(folder)
    owner = _found(whole(told["rcpt_patient_beneficiary_no"]), number)
    child = np.where(owner >= 0, child_of[owner], -1)
    people = read(folder, "persons", "resident_code", "sex", "birth_date")
    code = whole(people["resident_code"])
    by_code = np.argsort(code, kind="stable")
    person = _found(child, code[by_code])
    sex, birth = texts(people["sex"])[by_code][person], days(people["birth_date"])[by_code][person]
    birth = np.where(person >= 0, birth, NEVER)
    month_date = np.asarray(told["service_month"]).astype("datetime64[M]")
    month, after = (m.astype("datetime64[D]").astype(np.int64) for m in (month_date, month_date + 1))
    who = intervals.whose(child)
    a, b = intervals.counted(who, month), intervals.counted(who, after)
    there = who >= 0
    spent = {kind: np.where(there, b[kind] - a[kind], 0) for kind in a}
    stay = is_one_of(told["rcpt_inpatient_outpatient_code"], INPATIENT)
    first = days(told["first_day"])
    said = first != NEVER
    visit = np.where(said, intervals.on(who, np.where(said, first, 0)), 0)
    person_told = (person >= 0) & (sex == texts(told["rcpt_patient_sex"]))
    person_told &= birth == days(told["rcpt_patient_birth_date"])
    institution = whole(told["rcpt_institution_code"])
    care = whole(told["rcpt_inpatient_outpatient_code"])
    delivery = pc.dictionary_encode(told["delivery"].combine_chunks())
    rank = np.argsort(np.argsort(texts(delivery.dictionary)))[np.asarray(delivery.indices)]
    order = np.lexsort((whole(told["line_no"]), rank, days(told["known_date"])))
    names = pl.DataFrame({"delivery": pl.from_arrow(told["delivery"]), "line_no": pl.from_arrow(told["line_no"])})
    return names, Facts(
        known=owner >= 0,
        payer_as_told=texts(told["rcpt_public_payer_no"]) == _standing(month, law.payers),
        person_as_told=person_told,
        stay=stay,
        in_kind=is_one_of(told["rcpt_inpatient_outpatient_code"], law.in_kind),
        limit_yen=_standing(month, law.limits),
        entitled=spent[WHOLE] + np.where(stay, spent[STAY], 0),
        scheme=spent[SCHEME],
        held=spent[HELD],
        days=after - np.maximum(month, birth),
        said=said,
        unborn=said & (first < birth),
        visit=visit,
        birth=birth,
        month=month,
        yen={name: whole(told[f"rcpt_{name}_yen"]) for name in amounts} | {"rate": whole(told["rcpt_copay_rate"])},
        key=np.rec.fromarrays([child, month, institution, care], names="child,month,institution,care"),
        order=order,
    )


def rate(birth: Array, month: Array, law: PlainLaw) -> Array:
    """The percent of the first age not passed by the end of its fiscal year."""
    born, now = birth.astype("datetime64[D]"), month.astype("datetime64[D]")
    start = (now.astype("datetime64[M]").astype(np.int64) - 3) // 12
    eve = ((born - 1).astype("datetime64[M]").astype(np.int64) - 3) // 12
    years = start - eve
    return np.select([years <= age for age, _ in law.rates], [percent for _, percent in law.rates], -1)


def early(f: Facts) -> Array:
    """The reason before the test for duplicates, as a number; _NONE where there is none."""
    partly = (f.entitled + f.held > 0) & ((f.entitled < f.days) | f.unborn)
    covered = (f.visit == WHOLE) | ((f.visit == STAY) & f.stay)
    tests = [
        (~f.known, "E2"),
        (~f.payer_as_told, "H7"),
        (~f.person_as_told, "H5"),
        ((f.entitled + f.held <= 0) & (f.scheme > 0), "E3"),
        (f.entitled + f.held <= 0, "E1"),
        (partly & ~f.said & (f.held > 0), "H9"),
        (partly & ~f.said, "H6"),
        (partly & (f.visit == HELD), "H9"),
        (partly & (f.visit == SCHEME), "E3"),
        (partly & ~covered, "E1"),
    ]
    return np.select([holds for holds, _ in tests], [_CODE[reason] for _, reason in tests], _NONE)


def late(f: Facts, law: PlainLaw) -> Array:
    """The reason after it."""
    yen = f.yen
    others = sum(yen[name] for name in ("counter", "other_public", "supplementary_benefit", "high_cost_benefit"))
    sums = (yen["total_medical_cost"] * yen["rate"] != yen["self_pay"] * 100) | (
        yen["public_expense"] != yen["self_pay"] - others
    )
    tests = [
        (yen["rate"] != rate(f.birth, f.month, law), "H3"),
        (sums, "H2"),
        (~f.in_kind | (yen["self_pay"] >= f.limit_yen), "H4"),
        (yen["public_expense"] <= 0, "N1"),
    ]
    return np.select([holds for holds, _ in tests], [_CODE[reason] for _, reason in tests], _CODE["P0"])


def twice(f: Facts, pays: Array, folder: Path) -> Array:
    """Whether the key was paid before, or by a row that came earlier."""
    told = read(folder, "paid_before", "child_resident_code", "service_month", "institution_code", "care")
    before = np.rec.fromarrays(
        [whole(told["child_resident_code"]), days(told["service_month"]), whole(told["institution_code"]),
         whole(told["care"])],
        names="child,month,institution,care",
    )  # fmt: skip
    key, n = np.concatenate([before, f.key]), len(before)
    place = np.concatenate([np.full(n, -1), np.empty(len(f.order), np.int64)])
    place[n + f.order] = np.arange(len(f.order))
    sorted_rows = np.lexsort((place, key["care"], key["institution"], key["month"], key["child"]))
    same = np.r_[False, np.logical_and.reduce(
        [key[name][sorted_rows][1:] == key[name][sorted_rows][:-1] for name in key.dtype.names])]  # fmt: skip
    paid = np.concatenate([np.ones(n, bool), pays])[sorted_rows].astype(np.int64)
    total = np.cumsum(paid) - paid
    begins = np.maximum.accumulate(np.where(same, 0, np.arange(len(same))))
    found = np.empty(len(same), bool)
    found[sorted_rows] = total > total[begins]
    return found[n:]


def decide(folder: Path, law: PlainLaw) -> pl.DataFrame:
    """delivery, line_no, reason, amount_yen of every receipt."""
    names, told = facts(folder, law)
    before, after = early(told), late(told, law)
    doubled = twice(told, (before == _NONE) & (after == _CODE["P0"]), folder)
    code = np.where(before != _NONE, before, np.where(doubled, _CODE["D1"], after))
    return said(names, code, told)


def said(names: pl.DataFrame, code: Array, told: Facts) -> pl.DataFrame:
    """The answer as a table."""
    amount = np.where(code == _CODE["P0"], told.yen["public_expense"], 0)
    return names.with_columns(
        pl.Series("reason", np.array(REASONS, dtype=object)[code], dtype=pl.String), pl.Series("amount_yen", amount)
    )
