"""Z9 in a file that is read: unknown, merged and misnamed branches, by line and byte."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from reports.zengin.lookup import read_against_master
from reports.zengin.masters import SUCCESSOR_SCHEMA, bank_branches, branch_successors
from reports.zengin.transfer_file import transfer_file
from tests.support.zengin import good_file as laid_file

UNKNOWN_BRANCH = {"branch_code": "999", "branch_name": ""}
((REAL,),) = bank_branches().filter(bank_code="0133", branch_code="101").select("branch_name_kana").rows()


def good_file(*changes, **header) -> bytes:
    """Rows of a branch that bears the master's name."""
    return laid_file(*[{"branch_name": REAL} | change for change in changes or ({},)], **header)


@pytest.fixture(scope="session")
def faults_of(profile, value_date):
    """(line, byte, rule, severity) of every fault, and whether the bank can take the file."""

    def run(data, profile=profile, successors=None):
        merged = branch_successors() if successors is None else successors
        reading = read_against_master(data, profile, value_date, bank_branches(), merged)
        told = reading.faults.select("line_no", "column_no", "rule", "severity").rows()
        return told, reading.sound

    return run


def merged_on(day) -> pl.DataFrame:
    table = pl.DataFrame(
        [["0133", "999", str(day), "0133", "101", "見本"]], schema=list(SUCCESSOR_SCHEMA), orient="row"
    )
    return table.with_columns(pl.col("merged_date").str.to_date())


def test_a_file_of_known_branches_has_no_fault(faults_of):
    assert faults_of(good_file({}, {"amount_yen": 1})) == ([], True)


@pytest.mark.parametrize(
    ("change", "column_no"),
    [(UNKNOWN_BRANCH, 21), ({"bank_code": "9998", "bank_name": "", "branch_name": ""}, 2)],
)
def test_a_bank_or_branch_the_master_lacks_is_an_error_at_its_place(faults_of, change, column_no):
    assert faults_of(good_file({}, change)) == ([(3, column_no, "Z9", "error")], False)


def test_the_paying_branch_is_looked_up_too(faults_of):
    told, sound = faults_of(good_file(branch_code="999", branch_name=""))
    assert (told, sound) == ([(1, 78, "Z9", "error")], False)


def test_an_old_master_only_warns(faults_of, profile_with):
    told, sound = faults_of(good_file(UNKNOWN_BRANCH), profile=profile_with(master_max_age_days=0))
    assert (told, sound) == ([(2, 21, "Z9", "warning")], True)


@pytest.mark.parametrize(("days", "severity", "sound"), [(0, "warning", True), (1, "error", False)])
def test_a_merged_branch_is_a_warning_from_its_day_on(faults_of, value_date, days, severity, sound):
    told = faults_of(good_file(UNKNOWN_BRANCH), successors=merged_on(value_date + timedelta(days=days)))
    assert told == ([(2, 21, "Z9", severity)], sound)


def test_the_successor_is_named(profile, value_date):
    data = good_file(UNKNOWN_BRANCH)
    told = read_against_master(data, profile, value_date, bank_branches(), merged_on(value_date)).faults
    assert "0133-101" in told["message"].item()


@pytest.mark.parametrize(("name", "column_no"), [("bank_name", 6), ("branch_name", 24)])
def test_another_name_is_a_warning_and_a_blank_one_is_none(faults_of, name, column_no):
    assert faults_of(good_file({name: "ｱｵｷ"})) == ([(2, column_no, "Z9", "warning")], True)
    assert faults_of(good_file({name: ""})) == ([], True)


def test_a_file_that_is_none_is_told_as_before(faults_of):
    told, sound = faults_of(b"1")
    assert not sound
    assert {rule for _, _, rule, _ in told} >= {"Z1"}
    assert "Z9" not in {rule for _, _, rule, _ in told}


def test_what_we_write_is_read_against_the_master_without_a_fault(
    faults_of, orders_with, originator, value_date, profile
):
    data = transfer_file(orders_with(branch_name_kana=REAL), originator, value_date, profile, trial=False)
    assert faults_of(data) == ([], True)
