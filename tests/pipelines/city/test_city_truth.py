"""The truth of the city: complete, consistent, and agreeing with a second, plain reading of the rules."""

from datetime import date

import polars as pl
import pytest

from pipelines.city.answers import limit_yen
from pipelines.city.bankresults import bank_results_for
from pipelines.city.billing import ten_yen
from pipelines.city.care import care_of
from pipelines.city.chance import Chance
from pipelines.city.city import CitySummary
from pipelines.city.imagined import City
from pipelines.city.truth_benefit import HELD
from schemas.codes import BENEFIT_REASON
from schemas.records.feeds import BANK_RESULTS
from tests.pipelines.city.deliveries import Deliveries

pytestmark = pytest.mark.xdist_group("city")


def test_every_accepted_receipt_and_claim_has_exactly_one_outcome(delivered: Deliveries, truth: pl.DataFrame) -> None:
    for subject, feed in (("receipt", "receipts"), ("claim", "claims")):
        told = truth.filter(pl.col("subject") == subject).select("delivery", "line_no")
        assert told.sort("delivery", "line_no").equals(
            delivered[feed].accepted.select("delivery", "line_no").sort("delivery", "line_no")
        )
    assert not truth.select("delivery", "line_no").is_duplicated().any()


def test_outcome_reason_month_and_yen_agree(truth: pl.DataFrame) -> None:
    held, paid, changed = truth["reason"].is_in(list(HELD)), truth["reason"] == "P0", truth["reason"] == "R0"
    assert (held == (truth["outcome"] == "保留")).all()
    assert (paid == (truth["outcome"] == "支給")).all()
    assert (held == truth["decided_month"].is_null()).all()
    assert (truth.filter(paid)["yen"] > 0).all()
    assert (changed == (truth["outcome"] == "返戻・増減")).all()
    assert (truth.filter(changed & (truth["receipt_change"] != "3"))["yen"] <= 0).all()
    assert (truth.filter(~paid & ~changed)["yen"] == 0).all()
    assert set(truth["reason"]) <= set(BENEFIT_REASON.labels)
    assert (truth.filter(~held)["decided_month"] >= truth.filter(~held)["delivered_month"]).all()


def test_every_defect_of_value_has_its_expected_reason(truth: pl.DataFrame, defects: pl.DataFrame) -> None:
    wrong = defects.filter(pl.col("expected") != "refused").with_columns(
        pl.col("file").str.replace(r"\.(csv|txt)$", "").alias("delivery")
    )
    judged = wrong.join(truth, on=["delivery", "line_no"], how="left")
    assert judged.filter((pl.col("rule") != pl.col("reason")).fill_null(True)).is_empty()
    assert judged.filter((pl.col("expected") == "held") != (pl.col("outcome") == "保留")).is_empty()
    assert wrong["defect"].n_unique() >= 11


def test_the_ordinary_hard_cases_are_there(truth: pl.DataFrame, defects: pl.DataFrame) -> None:
    wrong = defects.select(pl.col("file").str.replace(r"\.(csv|txt)$", "").alias("delivery"), "line_no")
    ordinary = truth.join(wrong, on=["delivery", "line_no"], how="anti")
    found = set(ordinary.select(pl.concat_str("subject", "reason", separator=" ")).to_series())
    assert {"receipt E1", "receipt E3", "receipt H6", "receipt R1", "claim A1", "claim E1", "claim P0"} <= found
    assert not {"receipt H2", "receipt H3", "receipt H4", "receipt H5", "receipt H7", "receipt E2"} & found


def test_costly_claims_wait_for_the_insurer(delivered: Deliveries, truth: pl.DataFrame) -> None:
    waited = truth.filter(pl.col("held_reason") == "H1")
    answered = delivered["insurer_answers"].accepted.select(
        "child_resident_code", "service_month", "institution_code", "care", "high_cost_benefit_yen",
        "supplementary_benefit_yen",
    )  # fmt: skip
    paid = waited.filter(pl.col("reason") == "P0").join(
        answered, on=["child_resident_code", "service_month", "institution_code", "care"], how="inner"
    )
    shares = delivered["claims"].accepted.select(
        "delivery", "line_no", "partial_payment_yen", "other_public_expense_yen"
    )
    summed = paid.join(shares, on=["delivery", "line_no"]).filter(pl.col("other_public_expense_yen").is_null())
    rest = pl.col("partial_payment_yen") - pl.col("high_cost_benefit_yen") - pl.col("supplementary_benefit_yen")
    assert waited.height > 0
    assert paid.height == waited.filter(pl.col("reason") == "P0").height
    assert summed.filter(pl.col("yen") != rest).is_empty()


@pytest.mark.parametrize(
    ("income_class", "month", "fourth", "benefit"),
    [("ウ", date(2026, 7, 1), "0", 112_570), ("ウ", date(2026, 8, 1), "0", 107_060), ("ア", date(2026, 8, 1), "0", 0),
     ("オ", date(2026, 8, 1), "1", 175_400)],
)  # fmt: skip
def test_insurers_pay_by_the_table_of_the_month(income_class: str, month: date, fourth: str, benefit: int) -> None:
    stay = pl.DataFrame({"income_class": [income_class], "total_yen": [1_000_000], "many_times": [fourth],
                         "service_month": [month]})  # fmt: skip
    assert max(0, 200_000 - stay.select(limit_yen()).item()) == benefit


def test_shares_paid_at_the_counter_are_rounded_to_ten_yen() -> None:
    assert pl.DataFrame({"yen": [1_116, 574, 575, 9_900]}).select(ten_yen(pl.col("yen"))).to_series().to_list() == [
        1_120, 570, 580, 9_900,
    ]  # fmt: skip


def test_frequency_season_and_cost_are_believable(city: City, summary: CitySummary, delivered: Deliveries) -> None:
    january, august = (care_of(city.patients(), Chance(3), date(2026, month, 1)) for month in (1, 8))
    assert 1.15 < january.height / august.height < 2.2
    receipts = delivered["receipts"].accepted
    assert 1.0 < summary.rows["receipts"] / 3 / city.kids.height < 2.0
    assert 0.01 < summary.rows["claims"] / summary.rows["receipts"] < 0.06
    ages = receipts.select((2026 - pl.col("rcpt_patient_birth_date").dt.year()).alias("age"))["age"]
    small = city.kids.select((2026 - pl.col("birth_date").dt.year() <= 3).mean()).item()
    assert (ages <= 3).mean() > 1.3 * small
    cost = receipts.filter(pl.col("receipt_change") == "0")["rcpt_total_medical_cost_yen"]
    assert 4_000 < cost.median() < 9_000
    assert 2.5 < cost.quantile(0.99) / cost.median() < 12
    assert (receipts["rcpt_inpatient_outpatient_code"] == "5").mean() > 0.2


def test_the_bank_answers_every_order() -> None:
    orders = pl.DataFrame(
        {"payment_no": [f"{at:010d}" for at in range(1, 3_001)], "amount_yen": list(range(1, 3_001))}
    ).with_columns(
        pl.lit("0017").alias("bank_code"), pl.lit("357").alias("branch_code"), pl.lit("1").alias("account_type"),
        pl.lit("0000001").alias("account_number"), pl.lit(date(2026, 9, 10)).alias("value_date"),
    )  # fmt: skip
    results = BANK_RESULTS.validated(bank_results_for(orders, 4))
    assert results["payment_no"].equals(orders["payment_no"])
    assert 0.98 < (results["result"] == "0").mean() < 1.0
    assert results.filter((pl.col("result") == "0") != pl.col("reason_text").is_null()).is_empty()
