"""Who lives in the city: all that breaks systems is there, in believable shares."""

from datetime import date

import polars as pl
import pytest
from zengin_code.bank import Bank

from pipelines.city.calendar import Run, day_after_age
from pipelines.city.chance import Chance
from pipelines.city.city import daily_rows
from pipelines.city.imagined import City, imagined
from pipelines.city.names import named
from pipelines.city.truth_registration import counted
from schemas.checkdigits import m10w21_holds
from tests.pipelines.city.deliveries import Deliveries

pytestmark = pytest.mark.xdist_group("city")


def _share(column: pl.Expr, frame: pl.DataFrame) -> float:
    return float(frame.select(column.mean()).item())


def test_families_births_moves_and_schemes_are_there(city: City) -> None:
    kids, run = city.kids, city.run
    assert kids.group_by("family_no").len()["len"].max() >= 3
    assert kids.filter(pl.col("birth_date") >= run.first).height >= 5
    assert kids.filter(pl.col("resident_to").is_not_null())["to_reason"].n_unique() >= 2
    assert kids.filter((pl.col("resident_from") >= run.first) & (pl.col("from_reason") != "01")).height >= 3
    assert 0.005 < _share(pl.col("app_date").is_null(), kids) < 0.06
    for short, least in (("pa", 15), ("sp", 40), ("sev", 6), ("fac", 3)):
        assert kids.filter(pl.col(f"{short}_from").is_not_null()).height >= least
    assert kids.filter(pl.col("sp_to").is_between(run.first, run.end)).height >= 1


def test_protected_families_have_and_lack_a_mailing_address(delivered: Deliveries) -> None:
    protected = delivered["protected_persons"].accepted["resident_code"].unique()
    forms = delivered["applications"].accepted.filter(pl.col("child_resident_code").is_in(protected.implode()))
    mailed = pl.col("mailing_address").is_not_null() | pl.col("guardian_mailing_address").is_not_null()
    assert 0 < forms.filter(mailed).height < forms.height


def test_parents_live_elsewhere_in_japan_and_abroad(delivered: Deliveries) -> None:
    away = delivered["nonresidents"].accepted
    assert set(away["in_japan"]) == {"0", "1"}


def test_names_hold_variants_astral_letters_and_names_of_foreigners(delivered: Deliveries) -> None:
    people = delivered["residents"].accepted
    for sign in ("\U000e0100", "髙", "﨑", "𠮷"):
        assert people["name"].str.contains(sign, literal=True).any(), sign
    assert people["alias_name"].drop_nulls().len() > 0
    assert people["native_name"].drop_nulls().len() > 0
    assert set(people["use_native_name"]) == {"0", "1"}
    kana = delivered["applications"].accepted["account_holder_kana"]
    for sign in "ガョー":
        assert kana.str.contains(sign).any(), sign


def test_siblings_of_one_sex_have_different_names() -> None:
    people = pl.DataFrame({"family_no": [1] * 4, "slot": [2, 3, 4, 5], "person_no": [12, 13, 14, 15]}).with_columns(
        pl.lit("child").alias("role"), pl.lit("1").alias("sex"), pl.lit(False).alias("foreign")
    )
    assert named(people, Chance(1))["name"].n_unique() == 4


def test_accounts_are_at_branches_that_exist(delivered: Deliveries) -> None:
    forms = delivered["applications"].accepted
    for bank, branch in forms.select("bank_code", "branch_code").unique().iter_rows():
        assert branch in Bank.all[bank].branches
    assert (forms["bank_code"] == "9900").any()
    assert forms.filter(pl.col("bank_code") == "9900")["branch_code"].str.ends_with("8").all()


def test_beneficiary_numbers_are_unique_and_hold_their_check_digit(city: City) -> None:
    numbers = city.kids["beneficiary_no"].drop_nulls()
    assert numbers.n_unique() == numbers.len()
    assert all(m10w21_holds(number) for number in numbers)


def test_every_insurance_kind_appears_among_many(city: City) -> None:
    many = imagined(6_000, Run(date(2026, 8, 1), date(2026, 8, 1)), 2).kids
    assert many["insurance_type_code"].n_unique() >= 14
    assert set(many["income_class"]) == set("アイウエオ")


def test_histories_are_numbered_in_the_order_they_become_known(city: City) -> None:
    for feed, rows in daily_rows(city).items():
        if "history_no" in rows.columns:
            ordered = rows.sort("resident_code", "history_no", "history_branch_no")
            later = ordered.with_columns(pl.col("operated_date").shift(1).over("resident_code").alias("before"))
            assert later.filter(pl.col("before") > pl.col("operated_date")).is_empty(), feed


@pytest.mark.parametrize(
    ("birth", "age", "expected"),
    [
        (date(2018, 4, 1), 6, date(2024, 4, 1)),
        (date(2018, 4, 2), 6, date(2025, 4, 1)),
        (date(2007, 4, 1), 18, date(2025, 4, 1)),
        (date(2006, 4, 1), 18, date(2024, 4, 1)),
        (date(2004, 2, 29), 18, date(2022, 4, 1)),
    ],
)
def test_an_age_limit_ends_with_the_fiscal_year(birth: date, age: int, expected: date) -> None:
    assert pl.DataFrame({"birth_date": [birth]}).select(day_after_age(age)).item() == expected


@pytest.mark.parametrize(
    ("kind", "reason", "event", "applied", "start"),
    [
        ("01", "01", date(2025, 5, 10), date(2025, 5, 24), date(2025, 5, 10)),
        ("01", "01", date(2025, 5, 10), date(2025, 5, 26), date(2025, 5, 10)),
        ("01", "01", date(2025, 5, 10), date(2025, 5, 27), date(2025, 5, 27)),
        ("01", "02", date(2025, 7, 1), date(2025, 7, 10), date(2025, 7, 1)),
        ("01", "03", date(2024, 4, 1), date(2024, 4, 15), date(2024, 4, 15)),
        ("06", "04", date(2024, 10, 1), date(2024, 7, 31), date(2024, 10, 1)),
        ("06", "04", date(2024, 10, 1), date(2024, 11, 5), date(2024, 11, 5)),
        ("06", "04", date(2012, 10, 1), date(2012, 9, 28), date(2012, 10, 1)),
        ("02", "09", date(2023, 10, 1), date(2023, 7, 3), date(2023, 10, 1)),
        ("02", "09", date(2023, 10, 1), date(2023, 10, 2), date(2023, 10, 2)),
        ("01", "01", date(2009, 3, 20), date(2009, 3, 27), date(2009, 3, 27)),
    ],
)
def test_a_registration_counts_from_the_event_or_from_the_application(
    city: City, kind: str, reason: str, event: date, applied: date, start: date
) -> None:
    form = pl.DataFrame({"app_type": [kind], "app_reason": [reason], "app_event": [event], "app_date": [applied]})
    assert counted(form, city.open_days)["counts_from"].item() == start
