"""The monthly page: figures, equations, escaping, self-containment, accessibility."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from reports.letters.wareki import yen
from reports.monthly.amounts import Amount, Equation
from reports.monthly.charts import bars
from reports.monthly.figures import AGE_BANDS, REASON_SCHEMA, VISITS
from reports.monthly.report import monthly_report
from tests.reports.monthly.monthly_figures import RECONCILIATION, SUBSIDIES, benefits, figures

HOSTILE = "<script>alert('x')</script><img src=x onerror=y>\"&{{ 7*7 }}"


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_person_count_receipt_and_reason_is_on_the_page() -> None:
    text = Page(monthly_report(figures())).text
    for expected in (
        "5,040",
        "4,800",
        "現物レセプト",
        "償還申請",
        "10,774,995円",
        "受給者番号が台帳にない",
        "高額療養費の決定待ち",
    ):
        assert expected in text


def test_the_benefit_table_adds_up_by_age_band_and_visit() -> None:
    text = Page(monthly_report(figures())).text
    by_band = benefits().group_by("age_band").agg(pl.col("yen").sum())
    by_visit = benefits().group_by("visit").agg(pl.col("yen").sum())
    assert set(by_band["age_band"]) == set(AGE_BANDS)
    assert set(by_visit["visit"]) == set(VISITS)
    for total in [*by_band["yen"], *by_visit["yen"], benefits()["yen"].sum()]:
        assert f"{total:,}" in text


def test_a_month_that_reconciles_says_so_and_prints_every_equation() -> None:
    text = Page(monthly_report(figures())).text
    assert "照合: すべて一致" in text
    assert "9,935 = 9,730 + 205" in text
    assert "8,000,000 = 7,970,000 + 30,000" in text


@pytest.mark.parametrize("field", ["accepted", "declined", "in_kind", "transferred", "benefit", "held"])
def test_one_yen_off_anywhere_is_a_residual_and_a_warning(field: str) -> None:
    off = replace(RECONCILIATION, **{field: getattr(RECONCILIATION, field) + Amount(0, 1)})
    month = figures(reconciliation=off)
    assert any(abs(equation.residual.yen) == 1 for equation in month.equations())
    text = Page(monthly_report(month)).text
    assert "照合: 不一致" in text
    assert "すべて一致" not in text


def test_a_missing_row_is_a_residual_even_when_the_yen_agree() -> None:
    equation = Equation("支給額", ("甲", Amount(3, 100)), (("乙", Amount(2, 100)),))
    assert equation.residual == Amount(1, 0)
    assert not equation.holds


SHARES_SAID = "県補助の対象(非課税) 年齢が対象外 -1,250 43,750 88,000円 ▲6,000円 減額の率は未登録".split()


def test_the_shares_of_prefecture_and_city_are_printed_by_age_reason_and_receipts_of_the_insured() -> None:
    text = Page(monthly_report(figures())).text
    assert [said for said in SHARES_SAID if said not in text] == []
    table = text[text.index("年齢区分ごとの増減") :]
    assert table.index("0〜2歳") < table.index("3〜5歳") < table.index("中学生") < table.index("生年月日が不明")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("by_age", "prefecture_yen"),
        ("by_age", "city_yen"),
        ("by_age", "waiting_yen"),
        ("by_reason", "subsidised_yen"),
        ("by_reason", "own_yen"),
        ("by_reason", "waiting_yen"),
    ],
)
def test_a_yen_of_a_share_that_no_decision_gave_is_a_warning(table: str, column: str) -> None:
    first = pl.int_range(pl.len()) == 0
    off = getattr(SUBSIDIES, table).with_columns(pl.col(column) + first.cast(pl.Int64))
    assert "照合: 不一致" in Page(monthly_report(figures(subsidies=replace(SUBSIDIES, **{table: off})))).text


def test_a_yen_more_decided_or_told_to_the_prefecture_is_a_warning() -> None:
    for side in ("decided", "told"):
        off = replace(SUBSIDIES, **{side: getattr(SUBSIDIES, side) + Amount(0, 1)})
        assert "照合: 不一致" in Page(monthly_report(figures(subsidies=off))).text


def test_shares_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="by_age"):
        replace(SUBSIDIES, by_age=SUBSIDIES.reduced)


def test_hostile_text_is_escaped_everywhere() -> None:
    reasons = pl.DataFrame([(HOSTILE, 3, 100)], REASON_SCHEMA, orient="row")
    plain = Page(monthly_report(figures()))
    page = Page(
        monthly_report(
            figures(city=HOSTILE, refused=reasons, declined=reasons, on_hold=reasons, unconfirmed=(HOSTILE,))
        )
    )
    assert {tag for tag, _ in page.tags} == {tag for tag, _ in plain.tags}
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert HOSTILE in page.text


def test_the_page_needs_nothing_from_outside() -> None:
    html = monthly_report(figures())
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import|https?://", html)


def test_every_header_cell_has_a_scope_and_every_chart_a_title_and_a_caption() -> None:
    page = Page(monthly_report(figures()))
    assert all(attrs.get("scope") in {"row", "col"} for tag, attrs in page.tags if tag == "th")
    tags = [tag for tag, _ in page.tags]
    assert tags.count("svg") == tags.count("figcaption") == tags.count("desc") == 3
    assert tags.count("table") == tags.count("caption")
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs in page.tags:
        if tag == "svg":
            assert set(str(attrs["aria-labelledby"]).split()) <= set(ids)


def test_the_same_figures_give_the_same_page_whatever_the_order_of_rows() -> None:
    shuffled = figures(benefits=benefits().reverse(), refused=figures().refused.reverse())
    assert monthly_report(figures()) == monthly_report(shuffled)


def test_a_month_without_any_row_still_prints() -> None:
    empty = REASON_SCHEMA.to_frame()
    text = Page(monthly_report(figures(refused=empty, declined=empty, on_hold=empty, benefits=benefits().clear()))).text
    assert text.count("ありません") >= 2


def test_a_visit_outside_the_list_is_refused_without_naming_a_value() -> None:
    wrong = benefits().with_columns(pl.lit("鍼灸").alias("visit"))
    with pytest.raises(ValueError, match="30行") as raised:
        figures(benefits=wrong)
    assert "鍼灸" not in str(raised.value)


def test_a_frame_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="on_hold"):
        figures(on_hold=benefits())


def test_bars_are_as_long_as_their_values() -> None:
    drawn = bars("k", "題", [("甲", [100, 50], "150"), ("乙", [75], "75")])
    widths = [float(w) for w in re.findall(r'width="([0-9.]+)" height', drawn)]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.2)
    assert widths[0] + widths[1] == pytest.approx(2 * widths[2], abs=0.2)


def test_a_negative_bar_is_refused() -> None:
    with pytest.raises(ValueError, match="負の値"):
        bars("k", "題", [("甲", [-1], "-1")])


@pytest.mark.parametrize(("amount", "text"), [(0, "0円"), (1234567, "1,234,567円"), (-4680, "▲4,680円")])
def test_yen_are_grouped_and_a_return_carries_a_triangle(amount: int, text: str) -> None:
    assert yen(amount) == text
