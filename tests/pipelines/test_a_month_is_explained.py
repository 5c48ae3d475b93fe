"""A month that ran through Dagster: replayed to the byte; every refusal in it explained, and flipped by its facts."""

import polars as pl
import pytest

from assets.eligibility import deciding
from assets.eligibility.deciding import Register
from assets.explanation.changing import what_would_change
from assets.explanation.grounds import grounds, on_first_days
from pipelines.moments import latest
from pipelines.replay import replayed_month
from resources.house import House
from schemas.law.book import Law
from schemas.records.register import ELIGIBILITY, ELIGIBILITY_DECISIONS, PERSONS
from tests.pipelines.conftest import Month
from tests.pipelines.flipping import CHILD, KEY, each_alone, not_flipped, refused_on_a_middle_day, superfluous
from tests.support.month import KEY as MONTH
from tests.support.month import LAST, invoked

pytestmark = pytest.mark.xdist_group("month")


def test_the_month_is_made_again_to_the_byte(month: Month, house: House) -> None:
    again = replayed_month(house, MONTH)
    assert again.same, again.sentence()
    assert again.rows == month.table(ELIGIBILITY).height
    assert invoked(month.place, "replay", "--known", str(LAST)).exit_code == 0


def test_now_decided_from_everything_known_is_what_the_month_decided(month: Month, house: House) -> None:
    assert deciding.decided(*deciding_of(house)).sort(ELIGIBILITY.key).equals(month.table(ELIGIBILITY))


def deciding_of(house: House) -> tuple[Register, Law]:
    """The register as known now, and the law the month was decided by."""
    now = latest(house)
    return now.register(), now.law


def test_every_refusal_is_flipped_by_its_facts_and_by_no_fewer(house: House) -> None:
    found, law = deciding_of(house)
    register, asked = each_alone(found, refused_on_a_middle_day(found, law))
    wanted = what_would_change(asked, register, law)
    assert asked.height > 300
    assert asked.join(wanted, on=KEY, how="anti").is_empty()
    assert not_flipped(register, asked, wanted, law).is_empty()
    assert superfluous(register, asked, wanted, law) == []


def test_the_grounds_of_every_interval_miss_what_the_decision_misses(month: Month, house: House) -> None:
    found, law = deciding_of(house)
    rows = on_first_days(month.table(ELIGIBILITY)).head(1_500)
    told = grounds(rows, found, law)
    missed = told.filter(~pl.col("holds") & (pl.col("parameter") != "age.outpatient_until_years").fill_null(True))
    ours = missed.filter(~pl.col("code").is_in(["16", "99"])).group_by(KEY).agg(pl.col("code").unique().sort())
    theirs = rows.drop_nulls("faults").select(*KEY, pl.col("faults").str.split(" ").list.sort().alias("code"))
    assert ours.sort(KEY).equals(theirs.sort(KEY))


def test_one_child_of_every_reason_is_explained_without_a_name(month: Month) -> None:
    rows = month.table(ELIGIBILITY).filter(pl.col("end_date") > LAST)
    chosen = rows.unique("reason", keep="first", maintain_order=True)
    people = month.table(PERSONS).select("resident_code", "name", "address")
    for child, start, reason in chosen.select(CHILD, "start_date", "reason").iter_rows():
        told = invoked(month.place, "explain", "child", child, "--on", str(start))
        assert told.exit_code == 0, (reason, told.output)
        name, address = people.filter(pl.col("resident_code") == child).select("name", "address").row(0)
        assert name not in told.stdout
        assert address not in told.stdout
        assert "行目" in told.stdout
    assert chosen.height >= 4


def test_the_record_of_the_first_decision_is_in_the_explanation(month: Month) -> None:
    number, child = month.table(ELIGIBILITY_DECISIONS).select("decision_no", CHILD).row(0)
    told = invoked(month.place, "explain", "child", child, "--on", str(LAST))
    assert number in told.stdout
    assert "初回" in told.stdout
