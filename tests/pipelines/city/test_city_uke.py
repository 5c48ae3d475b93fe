"""The city may deliver the receipts of 支払基金 as UKE; what is true does not change, only where it stands."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.city.city import CitySummary, generate
from pipelines.city.uke import uke_files
from resources.inbox import GateResult, Inbox
from schemas.feeds.adapter import Adapter
from tests.support.deliveries import CITY
from tests.support.uke import receipts

pytestmark = pytest.mark.xdist_group("city")

MONTH = date(2026, 10, 1)
WHERE = ["delivery", "line_no"]
KEY = ["review_body", "billing_month", "rcpt_institution_code", "receipt_no", "receipt_change"]
DECIDING = [
    "service_month", "insurer_no", "first_day", "rcpt_patient_beneficiary_no", "rcpt_inpatient_outpatient_code",
    "rcpt_patient_sex", "rcpt_patient_birth_date", "rcpt_treatment_days", "rcpt_copay_rate", "rcpt_public_payer_no",
    "rcpt_total_medical_cost_yen", "rcpt_self_pay_yen", "rcpt_other_public_payer_no", "rcpt_other_public_yen",
    "rcpt_other_public_copay_yen", "rcpt_public_expense_yen", "rcpt_branch_no", "rcpt_patient_name",
]  # fmt: skip
OR_ZERO = ["rcpt_counter_yen", "rcpt_drug_copay_yen", "rcpt_supplementary_benefit_yen", "rcpt_high_cost_benefit_yen"]


def made(place: Path, uke: bool) -> CitySummary:
    return generate(place, children=700, first=MONTH, last=MONTH, seed=4, defects=0.03, uke=uke)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> CitySummary:
    return made(tmp_path_factory.mktemp("plain"), False)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> CitySummary:
    return made(tmp_path_factory.mktemp("mixed"), True)


def gated(summary: CitySummary) -> GateResult:
    return Inbox(summary.inbox, CITY).gate("receipts", (MONTH, date(2026, 10, 31)), [])


def test_a_good_share_comes_as_uke_files_of_several_kinds(mixed: CitySummary) -> None:
    result = gated(mixed)
    assert result.counts.deliveries >= 4
    as_uke = result.accepted.filter(pl.col("delivery").str.ends_with(".uke"))
    assert as_uke.height > result.accepted.height * 0.4
    assert as_uke["review_body"].unique().to_list() == ["1"]
    assert as_uke["rcpt_inpatient_outpatient_code"].n_unique() >= 3


def test_the_same_receipts_pass_the_gate_either_way(plain: CitySummary, mixed: CitySummary) -> None:
    usual, other = gated(plain), gated(mixed)
    assert other.counts.rows == usual.counts.rows
    assert (other.counts.yen, other.counts.refused_yen) == (usual.counts.yen, usual.counts.refused_yen)
    said = [*KEY, *DECIDING, *(pl.col(item).fill_null(0) for item in OR_ZERO)]
    assert other.accepted.select(said).sort(KEY).equals(usual.accepted.select(said).sort(KEY))


def test_the_truth_is_the_same_but_for_where_a_line_stands(plain: CitySummary, mixed: CitySummary) -> None:
    usual, other = (pl.read_parquet(summary.truth) for summary in (plain, mixed))
    keys = [name for name in usual.columns if name not in WHERE]
    order = ["subject", "claim_no", "review_body", "institution_code", "receipt_no", "receipt_change"]
    assert other.select(keys).sort(order).equals(usual.select(keys).sort(order))
    assert len(pl.read_parquet(mixed.defects)) == len(pl.read_parquet(plain.defects))


def test_the_truth_names_the_line_of_the_file_that_was_accepted(mixed: CitySummary) -> None:
    found = gated(mixed).accepted.with_columns(pl.col("delivery").str.replace(r"\.(csv|uke)$", ""))
    truth = pl.read_parquet(mixed.truth).filter(pl.col("subject") == "receipt")
    both = truth.join(found, WHERE, "inner", suffix="_accepted")
    assert both.height == truth.height == found.height
    same = (pl.col("receipt_no") == pl.col("receipt_no_accepted")) & (
        pl.col("institution_code") == pl.col("rcpt_institution_code")
    )
    assert both.select(same.all()).item()


def test_one_file_for_each_table_of_points() -> None:
    rows = receipts(60, 2)
    files = uke_files(rows)
    assert set(files) == {"RECEIPTC.UKE", "RECEIPTS.UKE", "RECEIPTY.UKE", "RECEIPTH.UKE"}
    adapter = Adapter.variant("receipts", "uke")
    assert sum(adapter.read(data, name).count for name, data in files.items()) == 60
    assert uke_files(rows.with_columns(receipt_change=pl.lit("2"))) == {}
