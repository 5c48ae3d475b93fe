"""What the month decided is what the city knows to be true, row by row and day by day."""

import dagster as dg
import polars as pl
import pytest

from assets.register.intervals import merged
from pipelines.city.truth_eligibility import eligibility_known
from pipelines.definitions import defs
from pipelines.library import CHECKS
from pipelines.runs import Exit
from resources.house import House
from schemas.codes import JUDGEMENT
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import DAILY, FEEDS, refused
from schemas.records.register import ELIGIBILITY
from schemas.records.statistics import EQUATIONS
from tests.pipelines.conftest import Month
from tests.support import shares
from tests.support.month import DAYS, KEY, MONTH

pytestmark = pytest.mark.xdist_group("month")
LINE = ["subject", "delivery", "line_no"]
STEM = pl.col("delivery").str.replace(r"\.(csv|txt)$", "")


def test_every_check_of_the_month_was_evaluated_and_passed(month: Month, house: House) -> None:
    with dg.DagsterInstance.get() as instance:
        kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
        logs = instance.all_logs(month.outcome.run_id, of_type=kind)
    found = [log.get_dagster_event().asset_check_evaluation_data for log in logs]
    assets = defs.resolve_job_def("monthly").asset_layer.executable_asset_keys
    wanted = {key for check in CHECKS for key in check.check_keys if key.asset_key in assets}
    assert {each.asset_check_key for each in found} == wanted
    assert [each.check_name for each in found if not each.passed] == []
    assert len(wanted) > 10
    assert month.outcome.exit is Exit.DONE


def test_every_decision_is_the_truth_in_outcome_reason_and_yen(month: Month) -> None:
    columns = [*LINE, "outcome", "reason", "yen"]
    decided = month.table(DECISIONS).with_columns(
        STEM.alias("delivery"),
        pl.col("judgement").replace_strict(dict(JUDGEMENT.labels)).alias("outcome"),
        pl.col("amount_yen").alias("yen"),
    )
    truth = month.truth().select(columns).sort(LINE)
    assert decided.select(columns).sort(LINE).equals(truth)
    assert set(truth["outcome"]) == {"支給", "不支給", "保留"}
    assert truth.height > 800


def test_the_prefecture_and_the_city_bear_what_the_city_knows_to_be_true(month: Month, house: House) -> None:
    booked, true = shares.booked(house, MONTH), shares.known(month.place, MONTH)
    assert booked.equals(true)
    assert {"S1", "S2", "S3", "S4", "U1"} <= set(true["reason"])
    assert true.height > 500


def test_eligibility_is_the_truth_interval_by_interval_since_2009(month: Month) -> None:
    said = ["child_resident_code", "entitled", "benefit_class", "reason", "ruled_reason"]
    columns = [*said, "start_date", "end_date"]
    decided = merged(month.table(ELIGIBILITY).select(columns), said)
    registered = decided["child_resident_code"].unique()
    truth = eligibility_known(month.truth("truth_eligibility"), MONTH).select(columns)
    of_registered = truth.filter(pl.col("child_resident_code").is_in(registered.to_list()))
    order = ["child_resident_code", "start_date"]
    assert decided.sort(order).equals(of_registered.sort(order))
    assert registered.len() > 600
    assert {"00", "01", "02", "04", "05", "06", "07", "09", "10", "11", "12", "13", "15", "16"} <= set(
        decided["reason"]
    )
    assert set(decided["benefit_class"]) == {"0", "1", "2"}


def test_exactly_the_rows_listed_as_defects_are_refused_each_for_its_rule(month: Month, house: House) -> None:
    daily = {record.name for record in DAILY}
    found = [
        house.shelf.read_many(refused(record), DAYS if name in daily else [KEY]).select(
            pl.lit(name).alias("feed"), pl.col("delivery").alias("file"), "line_no", "rule"
        )
        for name, record in FEEDS.items()
        if name in daily or house.shelf.partitions(refused(record).name)
    ]
    order = ["feed", "file", "line_no", "rule"]
    listed = month.truth("defects").filter(pl.col("expected") == "refused").select(order)
    assert pl.concat(found).unique().sort(order).equals(listed.sort(order))
    assert listed["feed"].n_unique() >= 6


def test_every_other_defect_is_held_or_not_paid_for_its_reason(month: Month) -> None:
    wrong = month.truth("defects").filter(pl.col("expected") != "refused")
    judged = wrong.rename({"file": "delivery"}).join(month.table(DECISIONS), on=["delivery", "line_no"], how="left")
    outcome = pl.col("judgement").replace_strict({"4": "held", "2": "不支給", "1": "支給"})
    assert judged.filter((pl.col("rule") != pl.col("reason")).fill_null(True)).is_empty()
    assert judged.filter((pl.col("expected") != outcome).fill_null(True)).is_empty()
    assert set(wrong["expected"]) == {"held", "不支給"}


def test_nothing_that_has_no_defect_is_stopped_for_a_reason_only_a_defect_gives(month: Month) -> None:
    wrong = month.truth("defects").select("feed", pl.col("file").alias("delivery"), "line_no")
    only_defects = ["E2", "H2", "H3", "H4", "H5", "H7"]
    sound = month.table(DECISIONS).join(wrong, on=["feed", "delivery", "line_no"], how="anti")
    assert sound.filter(pl.col("reason").is_in(only_defects)).is_empty()
    assert sound.height > 700


def test_no_equation_of_the_report_leaves_anything_over(month: Month) -> None:
    equations = month.table(EQUATIONS)
    assert equations["residual"].to_list() == [0] * equations.height
    assert equations.height >= 8
    assert (month.outbox / "monthly_report.html").stat().st_size > 10_000
