"""The part of the law in pandas: merge and merge_asof, one column per fact."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from benchmarks.peers.plain_law import HELD, INPATIENT, OTHER, SCHEME, STAY, WHOLE, PlainLaw

_KINDS = {WHOLE: "whole", STAY: "stay", SCHEME: "scheme", HELD: "held"}
_KEY = ["child_resident_code", "service_month", "institution_code", "care"]
_OTHERS = ("counter", "other_public", "supplementary_benefit", "high_cost_benefit")


def _read(folder: Path, name: str, *columns: str) -> pd.DataFrame:
    found = pd.read_parquet(folder / f"{name}.parquet", columns=list(columns))
    dates = [column for column in found if column.endswith(("_date", "_month", "first_day"))]
    return found.astype(dict.fromkeys(dates, "datetime64[s]"))


def _intervals(folder: Path, law: PlainLaw) -> pd.DataFrame:
    rows = _read(
        folder, "eligibility", "child_resident_code", "start_date", "end_date", "entitled", "benefit_class", "reason"
    )
    entitled = rows["entitled"] == "1"
    rows["state"] = np.select(
        [entitled & (rows["benefit_class"] == "1"), entitled, rows["reason"].isin(law.schemes),
         rows["reason"].isin(law.held)],
        [WHOLE, STAY, SCHEME, HELD],
        OTHER,
    )  # fmt: skip
    rows = rows.sort_values(["child_resident_code", "start_date"])
    length = (rows["end_date"] - rows["start_date"]).dt.days
    for kind, name in _KINDS.items():
        spent = length.where(rows["state"] == kind, 0)
        rows[name] = spent.groupby(rows["child_resident_code"]).cumsum() - spent
    return rows.sort_values("start_date")


def _owners(folder: Path) -> pd.DataFrame:
    numbers = _read(folder, "beneficiary_numbers", "beneficiary_no", "child_resident_code").drop_duplicates()
    registered = _read(folder, "registrations", "child_resident_code")["child_resident_code"]
    held = numbers[numbers["child_resident_code"].isin(registered)]
    held = held[~held["beneficiary_no"].duplicated(keep=False)]
    people = _read(folder, "persons", "resident_code", "sex", "birth_date")
    return held.merge(people.rename(columns={"resident_code": "child_resident_code"}), how="left")


def _counted(rows: pd.DataFrame, day: str, intervals: pd.DataFrame) -> pd.DataFrame:
    """Days of each kind before a day, by the place of the row."""
    known = rows.loc[rows["child_resident_code"].notna(), ["child_resident_code", day]].sort_values(day)
    found = pd.merge_asof(
        known.reset_index(), intervals, left_on=day, right_on="start_date", by="child_resident_code"
    ).set_index("index")
    inside = (found[[day, "end_date"]].min(axis=1) - found["start_date"]).dt.days
    return pd.DataFrame(
        {name: (found[name] + inside.where(found["state"] == kind, 0)).fillna(0) for kind, name in _KINDS.items()}
    ).reindex(rows.index, fill_value=0)


def _visited(rows: pd.DataFrame, intervals: pd.DataFrame) -> pd.Series:
    """What the interval of the first day is."""
    known = rows.loc[rows["partly"] & rows["first_day"].notna(), ["child_resident_code", "first_day"]].sort_values(
        "first_day"
    )
    found = pd.merge_asof(
        known.reset_index(), intervals, left_on="first_day", right_on="start_date", by="child_resident_code"
    ).set_index("index")
    stands = found["first_day"] < found["end_date"]
    return found["state"].where(stands, OTHER).reindex(rows.index, fill_value=OTHER)


def _standing(month: pd.Series, versions: tuple[tuple[object, object], ...]) -> np.ndarray:
    starts = np.array([start for start, _ in versions], dtype="datetime64[s]")
    return np.array([value for _, value in versions], dtype=object)[
        np.searchsorted(starts, month.to_numpy(), side="right") - 1
    ]


def _rate(rows: pd.DataFrame, law: PlainLaw) -> np.ndarray:
    birth, month = rows["birth_date"].dt, rows["service_month"].dt
    by_april_1 = (birth.month < 4) | ((birth.month == 4) & (birth.day == 1))
    years = month.year - (month.month < 4) - birth.year + by_april_1
    return np.select([years <= age for age, _ in law.rates], [percent for _, percent in law.rates], -1)


def _early(rows: pd.DataFrame, law: PlainLaw) -> np.ndarray:
    covered = (rows["visit"] == WHOLE) | ((rows["visit"] == STAY) & rows["inpatient"])
    nothing = rows["entitled"] + rows["held"] <= 0
    no_day = rows["partly"] & rows["first_day"].isna()
    other = (rows["sex"] != rows["rcpt_patient_sex"]) | (rows["birth_date"] != rows["rcpt_patient_birth_date"])
    tests = {
        "E2": rows["child_resident_code"].isna(),
        "H7": rows["rcpt_public_payer_no"] != _standing(rows["service_month"], law.payers),
        "H5": other,
        "E3": nothing & (rows["scheme"] > 0),
        "E1": nothing,
        "H9": no_day & (rows["held"] > 0),
        "H6": no_day,
        "H9 ": rows["partly"] & (rows["visit"] == HELD),
        "E3 ": rows["partly"] & (rows["visit"] == SCHEME),
        "E1 ": rows["partly"] & ~covered,
    }
    return np.select(list(tests.values()), [name.strip() for name in tests], "")


def _late(rows: pd.DataFrame, law: PlainLaw) -> np.ndarray:
    others = sum(rows[f"rcpt_{name}_yen"].fillna(0) for name in _OTHERS)
    own, public = rows["rcpt_self_pay_yen"], rows["rcpt_public_expense_yen"]
    tests = {
        "H3": rows["rcpt_copay_rate"] != _rate(rows, law),
        "H2": (rows["rcpt_total_medical_cost_yen"] * rows["rcpt_copay_rate"] != own * 100) | (public != own - others),
        "H4": ~rows["care"].isin(law.in_kind) | (own >= _standing(rows["service_month"], law.limits).astype("int64")),
        "N1": public <= 0,
    }
    return np.select(list(tests.values()), list(tests), "P0")


def decide(folder: Path, law: PlainLaw) -> pl.DataFrame:
    """delivery, line_no, reason, amount_yen of every receipt."""
    intervals = _intervals(folder, law)
    receipts = _read(
        folder, "receipts", "delivery", "line_no", "known_date", "service_month", "first_day",
        "rcpt_patient_beneficiary_no", "rcpt_patient_sex", "rcpt_patient_birth_date", "rcpt_institution_code",
        "rcpt_inpatient_outpatient_code", "rcpt_copay_rate", "rcpt_public_payer_no", "rcpt_total_medical_cost_yen",
        "rcpt_self_pay_yen", "rcpt_public_expense_yen", *(f"rcpt_{name}_yen" for name in _OTHERS),
    )  # fmt: skip
    named = receipts.rename(columns={"rcpt_patient_beneficiary_no": "beneficiary_no",
                                     "rcpt_institution_code": "institution_code",
                                     "rcpt_inpatient_outpatient_code": "care"})  # fmt: skip
    rows = named.merge(_owners(folder), on="beneficiary_no", how="left")
    rows["next_month"] = rows["service_month"] + pd.offsets.MonthBegin(1)
    spent = _counted(rows, "next_month", intervals) - _counted(rows, "service_month", intervals)
    rows["inpatient"] = rows["care"].isin(INPATIENT)
    rows["entitled"] = spent["whole"] + spent["stay"].where(rows["inpatient"], 0)
    rows[["scheme", "held"]] = spent[["scheme", "held"]]
    days = (rows["next_month"] - rows[["service_month", "birth_date"]].max(axis=1)).dt.days
    missed = (rows["entitled"] < days) | (rows["first_day"] < rows["birth_date"])
    rows["partly"] = (rows["entitled"] + rows["held"] > 0) & missed
    rows["visit"] = _visited(rows, intervals)
    rows["early"], rows["late"] = _early(rows, law), _late(rows, law)
    rows = rows.sort_values(["known_date", "delivery", "line_no"])
    pays = ((rows["early"] == "") & (rows["late"] == "P0")).astype("int64")
    earlier = pays.groupby([rows[name] for name in _KEY]).cumsum() - pays > 0
    before = _read(folder, "paid_before", *_KEY).drop_duplicates().assign(before=True)
    paid = rows[_KEY].merge(before, on=_KEY, how="left")["before"].eq(True).to_numpy()
    doubled = np.where(paid | earlier.fillna(False), "D1", rows["late"])
    rows["reason"] = np.where(rows["early"] != "", rows["early"], doubled)
    rows["amount_yen"] = rows["rcpt_public_expense_yen"].where(rows["reason"] == "P0", 0)
    return pl.from_pandas(rows[["delivery", "line_no", "reason", "amount_yen"]])
