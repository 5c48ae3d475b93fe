"""What a month adds to 県補助: from group to group, to the yen, and nothing that the decisions did not give."""

from dataclasses import replace
from datetime import date

import polars as pl

from assets.statistics.rules import equations
from assets.statistics.subsidy import subsidies_of_month, subsidy_figures
from assets.subsidy.report import prefecture_report
from reports.monthly.amounts import Amount
from reports.monthly.subsidy import Subsidies
from schemas.records.register import IDENTITIES
from schemas.records.subsidy import KOKUHO_FIGURES, SUBSIDIES
from tests.support.cases import CHILD, frame
from tests.support.subsidies import DECIDED, FIVE_YEARS_OLD, Rows, booked, paid, tables, taxed

NEXT = date(2026, 9, 1)
MEASURES = ("group", "count", "yen", "subsidised_yen", "own_yen", "prefecture_yen", "city_yen", "waiting_yen")
KOKUHO = frame(
    KOKUHO_FIGURES,
    [
        {"service_month": date(2026, month, 1), "subsidy_class": "1", "reduced": reduced, "receipts": 2,
         "treatment_days": 3, "total_medical_cost_yen": 9_000, "borne_yen": 1_800}
        for month, reduced in ((5, "1"), (6, "1"), (6, None))
    ],
)  # fmt: skip


def shares(
    decided: Rows,
    taxes: Rows | None = None,
    birth: date | None = FIVE_YEARS_OLD,
    before: pl.DataFrame | None = None,
    month: date = DECIDED,
) -> Subsidies:
    """What the decisions of a month add, all of them being of this month."""
    known = tables(decided, [taxed()] if taxes is None else taxes, birth)
    stood = SUBSIDIES.empty() if before is None else before
    now = booked(decided, taxes, birth, before, month=month)
    own = known["decisions"].filter(pl.col("decided_month") == month)
    told = prefecture_report(now, stood, month)
    return subsidies_of_month(now, stood, known["persons"], IDENTITIES.empty(), own, told, KOKUHO)


def rows(table: pl.DataFrame) -> list[tuple[object, ...]]:
    return table.select(MEASURES).rows()


def holds(found: Subsidies) -> bool:
    return all(equation.holds for equation in found.equations())


def test_the_copay_is_the_citys_own_and_half_of_the_rest_the_prefectures() -> None:
    found = shares([paid()])
    assert rows(found.by_age) == [("3〜5歳", 1, 4_200, 3_200, 1_000, 1_600, 2_600, 0)]
    assert rows(found.by_reason) == [("県補助の対象(課税)", 1, 4_200, 3_200, 1_000, 1_600, 2_600, 0)]
    assert holds(found)


def test_who_is_untaxed_bears_no_copay_of_the_prefecture() -> None:
    found = shares([paid()], [taxed(status="2")])
    assert rows(found.by_reason) == [("県補助の対象(非課税)", 1, 4_200, 4_200, 0, 2_100, 2_100, 0)]


def test_income_age_and_a_sum_within_the_copay_leave_everything_to_the_city() -> None:
    found = {
        "所得が限度額を超える": shares([paid()], [taxed(6_980_001)]),
        "年齢が対象外": shares([paid()], birth=date(2010, 4, 2)),
        "県の自己負担以下": shares([paid(amount=900)]),
    }
    for reason, each in found.items():
        yen = each.by_reason["yen"].sum()
        assert rows(each.by_reason) == [(reason, 1, yen, 0, yen, 0, yen, 0)]
        assert holds(each)


def test_what_is_not_known_waits_and_an_unknown_birth_has_a_row_of_its_own() -> None:
    found = shares([paid()], birth=None)
    assert rows(found.by_age) == [("生年月日が不明", 1, 4_200, 0, 0, 0, 0, 4_200)]
    assert rows(found.by_reason) == [("生年月日が未確認", 1, 4_200, 0, 0, 0, 0, 4_200)]
    assert holds(found)


def test_a_later_decision_takes_the_old_yen_out_and_puts_the_new_in() -> None:
    first = booked([paid()])
    again = [
        paid(),
        paid(decision_no="R-001-202609", decided_month=NEXT, amount_yen=1_500, before_yen=4_200, cause="3"),
    ]  # fmt: skip
    found = shares(again, before=first, month=NEXT)
    assert rows(found.by_reason) == [("県補助の対象(課税)", 0, -2_700, -2_700, 0, -1_350, -1_350, 0)]
    assert found.decided == Amount(0, -2_700)
    assert holds(found)


def test_news_about_income_moves_yen_between_reasons_and_no_decision_changes() -> None:
    found = shares([paid()], [taxed(7_000_000)], before=booked([paid()]), month=NEXT)
    assert rows(found.by_reason) == [
        ("所得が限度額を超える", 1, 4_200, 0, 4_200, 0, 4_200, 0),
        ("県補助の対象(課税)", -1, -4_200, -3_200, -1_000, -1_600, -2_600, 0),
    ]
    assert rows(found.by_age) == [("3〜5歳", 0, 0, -3_200, 3_200, -1_600, 1_600, 0)]
    assert found.decided == Amount(0, 0)
    assert holds(found)


def test_receipts_of_the_insured_are_summed_by_class_and_reduction() -> None:
    assert shares([paid()]).reduced.rows() == [
        ("乳幼児(就学前)", "不明", 2, 3, 9_000, 1_800),
        ("乳幼児(就学前)", "該当", 4, 6, 18_000, 3_600),
    ]


def test_a_decision_whose_yen_no_share_bears_leaves_its_yen_over_in_the_equations() -> None:
    found = shares([paid(1), paid(2, 5_000, institution_code="1119999999")])
    assert holds(found)
    one = found.by_reason.with_columns(own_yen=pl.col("own_yen") - 1_000)
    lost = equations(replace(found, by_reason=one).equations(), DECIDED).filter(pl.col("residual") != 0)
    assert lost.select("unit", "residual").rows() == [("円", 1_000)]


def test_the_figures_are_the_tables_measure_by_measure() -> None:
    found = shares([paid()])
    told = subsidy_figures(found).sort("figure", "part")
    assert told["figure"].unique().sort().to_list() == ["県補助(判断)", "県補助(年齢区分)"]
    assert told.filter(figure="県補助(年齢区分)").select("group", "part", "cases", "yen").sort("part").rows() == [
        ("3〜5歳", "市単独の額", 1, 1_000),
        ("3〜5歳", "市費", 1, 2_600),
        ("3〜5歳", "県対象額", 1, 3_200),
        ("3〜5歳", "県費", 1, 1_600),
        ("3〜5歳", "確認待ち", 1, 0),
    ]
    assert CHILD not in told.write_csv()
