"""The law book: what stands when, what raises, how layers meet, and what a month's digest sees."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from schemas.codes import BENEFIT_REASON, CARE, DECISION_REASON
from schemas.law.book import Law, LawError, LawGap
from schemas.law.page import Uses, law_page
from tests.support.cases import LAW

NOW = LAW.at(date(2026, 9, 1))
_STATED = {"basis": "条例", "source": "例規集", "confirmed": True}


def _book(folder: Path, **layers: dict[str, object]) -> Law:
    (folder / "municipalities.yaml").write_text(yaml.safe_dump({"999999": list(layers)}), encoding="utf-8")
    for layer, parameters in layers.items():
        (folder / layer).mkdir()
        text = yaml.safe_dump(parameters, allow_unicode=True)
        (folder / layer / "a.yaml").write_text(text, encoding="utf-8")
    return Law.load("999999", folder)


def _yen(*versions: dict[str, object], **more: object) -> dict[str, object]:
    return {"label": "額", "unit": "yen", "versions": [_STATED | version for version in versions]} | more


def test_what_the_book_does_not_cover_raises() -> None:
    for month, name in [
        (date(2009, 3, 31), "age.inpatient_until_years"),
        (date(2009, 3, 31), "benefit.public_payer_no"),
        (date(2014, 12, 1), "high_cost.limits"),
        (date(2014, 10, 1), "restriction.income_limits"),
        (date(2027, 8, 1), "high_cost.limits"),
        (date(2026, 9, 1), "inkind.limit_dollars"),
    ]:
        with pytest.raises(LawGap):
            LAW.at(month).value(name)


def test_a_month_before_the_law_and_an_unknown_city_raise() -> None:
    with pytest.raises(LawGap):
        LAW.frame(date(2009, 3, 31))
    with pytest.raises(LawGap):
        LAW.table("no.such.table")
    with pytest.raises(LawGap):
        Law.load("999999")


def test_the_values_of_october_2024_and_later_stand() -> None:
    for care in ("inpatient", "outpatient"):
        assert LAW.at(date(2024, 10, 1)).number(f"age.{care}_until_years") == 18
    assert NOW.yen("inkind.limit_yen") == 21_000
    assert NOW.codes("exclusions.schemes_in_order") == ("07", "04", "06", "05")
    assert NOW.flag("registration.extends_over_closed_days") is True
    assert NOW.text("benefit.public_payer_no") == "81112039"
    assert NOW.mapping("bank.originator")["bank_code"] == "0017"


def test_a_getter_of_another_unit_raises() -> None:
    with pytest.raises(LawError):
        NOW.yen("letters.sender")


def test_the_high_cost_table_changes_in_august_2026_and_the_planned_one_is_never_in_force() -> None:
    lowest = [
        int(str(LAW.at(month).rows("high_cost.limits")["fixed_yen"].min()))
        for month in (date(2026, 7, 1), date(2026, 8, 1))
    ]
    assert lowest == [35_400, 36_900]
    assert LAW.table("high_cost.limits")["from_date"].max() == date(2026, 8, 1)
    assert any(not version.enacted for version in LAW.of("high_cost.limits"))


def test_every_reason_of_the_code_lists_has_a_sentence_and_an_article() -> None:
    for name, codes in [("reasons.eligibility", DECISION_REASON), ("reasons.benefit", BENEFIT_REASON)]:
        rows = NOW.rows(name)
        assert set(rows["code"]) == set(codes.labels)
        assert rows["code"].is_unique().all()
        assert rows.select(pl.col("sentence", "article").str.len_chars().min() > 3).row(0) == (True, True)
        assert int(str(rows["sentence"].str.len_chars().max())) <= 100


def test_every_kind_of_care_has_its_months_to_payment() -> None:
    assert set(NOW.rows("benefit.payment_lag_months")["care"]) == set(CARE.labels)


def test_every_unconfirmed_value_says_what_to_ask() -> None:
    assert {"inkind.limit_yen", "registration.retro_days"} <= {version.parameter for version in NOW.unconfirmed}
    assert all(version.ask for versions in LAW.versions.values() for version in versions if not version.confirmed)


def test_an_amendment_leaves_the_months_before_it_as_they_were(tmp_path: Path) -> None:
    first, later = {"from": "2024-10", "value": 1}, {"from": "2025-04", "value": 2}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    old = _book(tmp_path / "a", national={"x.y": _yen(first)})
    new = _book(tmp_path / "b", national={"x.y": _yen(first, later)})
    assert old.digest(date(2025, 3, 1)) == new.digest(date(2025, 3, 1))
    assert old.digest(date(2025, 4, 1)) != new.digest(date(2025, 4, 1))
    assert new.digest(date(2025, 4, 1)) == new.digest(date(2026, 4, 1))


def test_a_value_that_has_ended_and_one_not_enacted_do_not_stand(tmp_path: Path) -> None:
    law = _book(
        tmp_path,
        national={
            "x.y": _yen(
                {"from": "2024-10", "until": date(2025, 4, 1), "value": 1},
                {"from": "2026-04", "value": 2, "enacted": False},
            )
        },
    )
    assert law.at(date(2025, 3, 1)).yen("x.y") == 1
    for month in (date(2025, 4, 1), date(2026, 4, 1)):
        with pytest.raises(LawGap):
            law.at(month).yen("x.y")
    assert law.table("x.y").select("from_date", "until_date", "value").rows() == [
        (date(2024, 10, 1), date(2025, 4, 1), 1)
    ]


def test_a_city_replaces_only_what_it_declares_as_an_override(tmp_path: Path) -> None:
    base = {"x.y": _yen({"from": "2024-10", "value": 1})}
    for name in ("said", "unsaid", "alone"):
        (tmp_path / name).mkdir()
    replaced = _yen({"from": "2024-10", "value": 2}, override=True)
    said = _book(tmp_path / "said", national=base, city={"x.y": replaced})
    assert said.at(date(2025, 1, 1)).yen("x.y") == 2
    with pytest.raises(LawError):
        _book(tmp_path / "unsaid", national=base, city=base)
    with pytest.raises(LawError):
        _book(tmp_path / "alone", national=base, city={"x.z": replaced})


@pytest.mark.parametrize(
    "broken",
    [
        _yen({"from": "2024-10", "value": "1"}),
        _yen({"from": "2024-13", "value": 1}),
        _yen({"from": "2024-10", "value": 1, "confirmed": False}),
        _yen({"from": "2024-10", "value": 1, "colour": "red"}),
        _yen({"from": "2024-10", "value": 1}, {"from": "2024-10", "value": 2}),
        _yen({"from": "2024-10", "value": 1}, unit="dollar"),
    ],
    ids=["not whole yen", "not a month", "nothing to ask", "unknown key", "two on one day", "unknown unit"],
)
def test_a_malformed_parameter_is_refused(tmp_path: Path, broken: dict[str, object]) -> None:
    with pytest.raises(LawError):
        _book(tmp_path, national={"x.y": broken})


def test_the_ages_and_restrictions_since_2009_stand_month_by_month() -> None:
    months = [date(2009, 4, 1), date(2012, 9, 1), date(2012, 10, 1), date(2024, 9, 1), date(2024, 10, 1)]
    ages = [
        tuple(LAW.at(month).number(f"age.{care}_until_years") for care in ("inpatient", "outpatient"))
        for month in months
    ]
    assert ages == [(15, 6), (15, 6), (15, 15), (15, 15), (18, 18)]
    amended = [date(2013, 9, 1), date(2013, 10, 1), date(2014, 10, 1), date(2024, 9, 1), date(2024, 10, 1)]
    modes = [LAW.at(month).text("restriction.mode") for month in amended]
    assert modes == ["none", "income_or_arrears", "arrears", "arrears", "none"]


def test_the_sentence_of_age_names_the_age_of_its_time() -> None:
    said = {
        year: LAW.at(date(year, 4, 1)).rows("reasons.eligibility").filter(pl.col("code") == "01")["sentence"].item()
        for year in (2010, 2024, 2025)
    }
    assert [said[year][:3] for year in (2010, 2024, 2025)] == ["15歳", "15歳", "18歳"]
    articles = LAW.table("reasons.eligibility").group_by("code").agg(pl.col("article").n_unique())
    assert articles["article"].max() == 1


def test_a_parameter_that_no_rule_reads_says_why() -> None:
    unused = LAW.of("income.salary_pension_yen")[0].unused
    assert unused is not None
    assert "給与所得" in unused
    assert all(one.unused == every[0].unused for every in LAW.versions.values() for one in every)


def test_a_date_inside_a_value_is_written_in_quotes(tmp_path: Path) -> None:
    due = {
        "label": "期限",
        "unit": "mapping",
        "versions": [_STATED | {"from": "2024-10", "value": {"due": date(2024, 7, 31)}}],
    }
    with pytest.raises(LawError):
        _book(tmp_path, national={"x.y": due})


def test_the_page_puts_the_unconfirmed_first_with_what_to_ask_and_names_rules_and_tests() -> None:
    name = "restriction.mode"
    page = law_page(LAW, Uses({name: ("assets/one.py reads",)}, {name: ("設例 B4",)}))
    sections = page.split("\n## ")
    assert [section.splitlines()[0] for section in sections[1:]] == [
        "未確認の値",
        "根拠と値と規則と試験",
        "根拠から引く",
        "効力のある値",
        "予定（未施行・使わない）",
    ]
    asked = {one.ask for every in LAW.versions.values() for one in every if one.enacted and not one.confirmed}
    assert all(ask and ask in sections[1] for ask in asked)
    (row,) = [line for line in sections[2].splitlines() if f"| {name} |" in line]
    assert "assets/one.py reads" in row
    assert "設例 B4" in row
    assert "平成25年9月までは支給制限がない" in row
    (article,) = [line for line in sections[3].splitlines() if line.startswith("| 児童手当法施行令2条・3条1項 |")]
    assert "income.parts" in article
    assert "| restriction.mode | 小・中学生の支給制限" in sections[4]
