"""The history since 2009 is there, and the truth about it is what a plain reading of the law says of every day."""

from datetime import date, timedelta

import polars as pl
import pytest

from pipelines.city.calendar import month_end
from pipelines.city.imagined import City
from pipelines.city.truth_eligibility import eligibility_known
from pipelines.city.truth_restriction import judged
from pipelines.city.truth_story import Story, known_at
from schemas.codes import DECISION_REASON
from tests.pipelines.city.deliveries import Deliveries
from tests.pipelines.city.plain_reading import Child, decided, registered_days, school_day

pytestmark = pytest.mark.xdist_group("city")

MONTHS = (date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1))


def test_the_intervals_of_a_child_tile_its_time(city: City, eligibility: pl.DataFrame) -> None:
    kids = city.story.kids.select(pl.col("resident_code").alias("child_resident_code"), "begin", "finish")
    for month in MONTHS:
        rows = eligibility_known(eligibility, month).sort("child_resident_code", "start_date")
        following = rows.with_columns(pl.col("start_date").shift(-1).over("child_resident_code").alias("next"))
        assert following.filter(pl.col("end_date").ne_missing(pl.coalesce("next", "end_date"))).is_empty()
        assert following.filter(pl.col("end_date") <= pl.col("start_date")).is_empty()
        spans = rows.group_by("child_resident_code").agg(pl.col("start_date").min(), pl.col("end_date").max())
        tiled = spans.join(kids, on="child_resident_code")
        assert tiled.filter(
            (pl.col("start_date") != pl.col("begin")) | (pl.col("end_date") != pl.col("finish"))
        ).is_empty()
        assert tiled.height == spans.height > 1_900


def test_outcome_class_and_reason_agree(eligibility: pl.DataFrame) -> None:
    entitled = eligibility["reason"] == "00"
    assert ((eligibility["entitled"] == "1") == entitled).all()
    assert ((eligibility["benefit_class"] != "0") == entitled).all()
    assert set(eligibility["reason"]) <= set(DECISION_REASON.labels)
    only = eligibility.filter(pl.col("benefit_class") == "2")
    assert only.height > 0
    assert only["end_date"].max() <= date(2012, 10, 1)
    overridden = eligibility.filter(pl.col("ruled_reason").is_not_null())
    assert set(overridden["reason"]) == {"00", "16", "99"}


def test_every_reason_of_the_law_occurs(eligibility: pl.DataFrame) -> None:
    wanted = {"00", "01", "02", "04", "05", "06", "07", "09", "10", "11", "12", "13", "14", "15", "16", "99"}
    assert wanted <= set(eligibility["reason"])


def _children(story: Story) -> list[Child]:
    """The children as the plain reading takes them, at what the story knows."""
    own = {
        name: {code[0]: rows.to_dicts() for code, rows in getattr(story, name).group_by("person_no")}
        for name in ("stays", "schemes", "forms", "overrides")
    }
    family = {
        name: {code[0]: rows.to_dicts() for code, rows in getattr(story, name).group_by("family_no")}
        for name in ("gone", "years")
    }
    return [
        Child(
            kid,
            *(own[name].get(kid["person_no"], []) for name in ("stays", "schemes", "forms")),
            *(family[name].get(kid["family_no"], []) for name in ("gone", "years")),
            own["overrides"].get(kid["person_no"], []),
        )
        for kid in story.kids.iter_rows(named=True)
    ]


def _worth_reading(city: City) -> pl.Series:
    """Children to whom something happened, and every twelfth of the others."""
    kids = city.kids
    schemes = pl.any_horizontal(pl.col(f"{name}_old_from").is_not_null() for name in ("fac", "pa", "sev", "sp"))
    eventful = (pl.col("story") != "plain") | schemes | pl.col("resident_to").is_not_null() | (pl.col("away") != "no")
    ruled_over = pl.col("person_no").is_in(city.overrides["person_no"].implode())
    return kids.filter(eventful | ruled_over | (pl.col("person_no") % 12 == 2))["person_no"]


@pytest.mark.parametrize("month", MONTHS[1:])
def test_a_plain_reading_of_the_law_agrees_on_every_turning_day(
    city: City, eligibility: pl.DataFrame, month: date
) -> None:
    told = {code[0]: rows.rows(named=True) for code, rows in
            eligibility_known(eligibility, month).group_by("child_resident_code")}  # fmt: skip
    chosen = _worth_reading(city).to_frame("person_no")
    checked = 0
    for child in _children(known_at(city.story.of(chosen), month_end(month))):
        rows = told[child.kid["resident_code"]]
        registered = registered_days(child, child.kid["finish"])
        turns = {row["start_date"] + timedelta(days=step) for row in rows for step in (-1, 0, 40)}
        for day in (day for day in turns if child.kid["begin"] <= day < child.kid["finish"]):
            said = [row for row in rows if row["start_date"] <= day < row["end_date"]]
            assert [(row["reason"], row["benefit_class"], row["ruled_reason"]) for row in said] == [
                decided(child, day, registered)
            ]
            checked += 1
    assert checked > 3_000


def test_pupils_renew_every_october_and_apply_again_for_school_and_for_wider_ages(delivered: Deliveries) -> None:
    forms = delivered["applications"].accepted
    renewed = forms.filter(pl.col("application_type") == "02")
    assert set(renewed["event_date"].dt.year()) == set(range(2013, 2024))
    assert set(renewed["event_date"].dt.strftime("%m-%d")) == {"10-01"}
    late = renewed.filter(pl.col("application_date") > pl.col("event_date")).height
    assert 0.01 < late / renewed.height < 0.12
    wider = forms.filter(pl.col("application_type") == "06")["event_date"]
    assert {date(2009, 4, 1), date(2012, 10, 1), date(2024, 10, 1)} == set(wider)
    school = forms.filter(pl.col("application_reason") == "03")
    assert set(school["event_date"].dt.strftime("%m-%d")) == {"04-01"}
    assert set(school["event_date"].dt.year()) == set(range(2009, 2025))
    assert (forms["application_type"] == "05").sum() > 5


def test_a_renewal_may_come_without_a_registration_before_it(delivered: Deliveries) -> None:
    forms = delivered["applications"].accepted.sort("child_resident_code", "application_date")
    first = forms.unique("child_resident_code", keep="first", maintain_order=True)
    assert (first["application_type"] == "02").sum() > 0


def test_families_come_back_under_the_same_numbers_and_under_new_ones(city: City, delivered: Deliveries) -> None:
    residents, linked = delivered["residents"].accepted, delivered["nonresidents"].accepted
    stays = residents.group_by("resident_code").agg(pl.col("resident_from_date").n_unique())
    assert stays.filter(pl.col("resident_from_date") == 2).height > 5
    aliases = linked.filter(pl.col("same_person_code").is_not_null())
    assert aliases["resident_code"].is_in(residents["resident_code"].implode()).any()
    assert aliases.filter(~pl.col("resident_code").is_in(residents["resident_code"].implode())).height > 0
    assert aliases["same_person_code"].is_in(residents["resident_code"].implode()).all()
    in_run = city.kids.filter(pl.col("first_from").is_not_null() & (pl.col("resident_from") >= city.run.first))
    assert in_run.height > 0


def test_an_older_number_is_used_on_the_forms_and_in_the_taxes_of_its_time(delivered: Deliveries) -> None:
    aliases = delivered["nonresidents"].accepted.drop_nulls("same_person_code")["resident_code"].implode()
    forms, taxes = delivered["applications"].accepted, delivered["resident_taxes"].accepted
    assert forms["guardian_resident_code"].is_in(aliases).any()
    assert forms["child_resident_code"].is_in(aliases).any()
    assert taxes["resident_code"].is_in(aliases).any()


def test_a_guardian_who_dies_is_followed_weeks_later(city: City, eligibility: pl.DataFrame) -> None:
    died = city.kids.filter(pl.col("story") == "guardian dies").select("person_no", "leave_date")
    changes = city.forms.filter(pl.col("app_reason") == "08").join(died, on="person_no")
    weeks = (changes["app_date"] - changes["leave_date"]).dt.total_days()
    assert changes.height > 3
    assert weeks.is_between(20, 75).all()
    assert changes["spouse_slot"].is_null().all()
    assert (eligibility["reason"] == "14").any()


def test_a_scheme_may_hold_twice(delivered: Deliveries) -> None:
    for feed in ("public_assistance", "single_parent"):
        rows = delivered[feed].accepted
        assert rows.group_by("resident_code").agg(pl.col("history_no").n_unique())["history_no"].max() == 2


def test_taxes_and_arrears_of_every_judged_year_are_delivered(delivered: Deliveries) -> None:
    taxes, arrears = delivered["resident_taxes"].accepted, delivered["arrears"].accepted
    assert set(range(2013, 2024)) <= set(taxes["tax_year"])
    assert {date(year, 3, 31) for year in range(2013, 2024)} <= set(arrears["base_date"])
    assert set(arrears["arrears"]) == {"0", "1", "2", "9"}
    assert 0.02 < (taxes["filing"] == "0").mean() < 0.06
    assert (taxes["revision_no"] == 2).any()
    owing = arrears.filter(pl.col("arrears") == "1").group_by("resident_code").agg(pl.col("base_date").max())
    assert owing.filter(pl.col("base_date") < date(2020, 3, 31)).height > 3


def test_overrides_are_entered_by_one_and_approved_by_another(delivered: Deliveries) -> None:
    rows = delivered["overrides"].accepted
    assert set(rows["outcome"]) == {"1", "2", "3"}
    assert (rows["operator_code"] != rows["approver_code"]).all()
    assert (rows["withdrawn"] == "1").any()
    assert rows.filter((pl.col("revision_no") == 2) & (pl.col("withdrawn") == "0")).height > 0


@pytest.mark.parametrize(
    ("incomes", "owing", "expected"),
    [
        ((7_060_000, 1_000_000), "0", (False, False, False)),
        ((7_061_000, 1_000_000), "0", (True, False, False)),
        ((1_000_000, 7_061_000), "0", (True, False, False)),
        ((7_061_000, None), "0", (False, False, True)),
        ((1_000_000, None), "1", (False, True, False)),
        ((1_000_000, 1_000_000), "9", (False, False, True)),
        ((1_000_000, 1_000_000), "2", (False, False, False)),
    ],
)
def test_means_of_2013_are_judged_by_the_parent_who_earns_more(
    city: City, incomes: tuple[int | None, int | None], owing: str, expected: tuple[bool, bool, bool]
) -> None:
    parents = pl.DataFrame({"family_no": [1, 1], "slot": [0, 1], "person_no": [10, 11]})
    blank = (
        {name: 0 for name in _NUMBERS}
        | {"widow_class": "0", "spouse_deduction_class": "0"}
        | dict.fromkeys(("self_ordinary_disability", "self_special_disability", "working_student"), "0")
    )
    rows = [
        blank | {"person_no": 10 + slot, "tax_year": 2013, "revision_no": 1, "total_income_yen": income,
                 "filing": "0" if income is None else "1", "dependents_0_15_count": 2}
        for slot, income in enumerate(incomes)
    ]  # fmt: skip
    items = [{"person_no": 10 + slot, "year": 2013, "arrears": owing if (slot, item) == (1, 3) else "0"}
             for slot in (0, 1) for item in range(8)]  # fmt: skip
    years = pl.DataFrame({"family_no": [1], "year": [2013]})
    said = judged(years, parents, pl.DataFrame(rows), pl.DataFrame(items))
    assert said.select("over", "owes", "unsure").row(0) == expected


_NUMBERS = (
    "forestry_income_yen", "commodity_futures_income_1_yen", "commodity_futures_income_2_yen", "retirement_income_yen",
    "capital_gain_before_deduction_1_yen", "capital_gain_before_deduction_2_yen", "land_business_income_yen",
    "casualty_loss_deduction_yen", "medical_expense_deduction_yen", "small_business_mutual_deduction_yen",
    "dependent_ordinary_disability_count", "dependent_special_disability_count", "other_dependents_count",
    "specified_dependents_count", "elderly_dependents_count",
)  # fmt: skip


@pytest.mark.parametrize(
    ("birth", "age", "day"),
    [
        (date(2018, 4, 1), 6, date(2024, 4, 1)),
        (date(2018, 4, 2), 6, date(2025, 4, 1)),
        (date(2004, 2, 29), 15, date(2019, 4, 1)),
    ],
)
def test_the_plain_reading_counts_years_as_the_law_does(birth: date, age: int, day: date) -> None:
    assert school_day(birth, age) == day
