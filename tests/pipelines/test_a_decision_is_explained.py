"""`kodomo explain`: the steps that add up to the amount, in three forms; an unknown number is one sentence."""

import json
import re

import polars as pl
import pytest

from reports.explain.decision import value_of
from schemas.records.benefit import DECISIONS, STEPS
from tests.pipelines.conftest import Month
from tests.support.month import invoked

pytestmark = pytest.mark.xdist_group("month")


def numbers(month: Month) -> list[str]:
    """The dearest paid receipt and claim, one of each that is not paid, and one held."""
    decisions = month.table(DECISIONS).sort("amount_yen", "decision_no", descending=True)
    first = decisions.unique(["subject", "judgement"], keep="first", maintain_order=True)
    return first["decision_no"].to_list()


def test_the_steps_add_up_to_the_amount_in_text_html_and_json(month: Month) -> None:
    amounts = dict(month.table(DECISIONS).select("decision_no", "amount_yen").iter_rows())
    asked = numbers(month)
    for number in asked:
        text, html, told = (invoked(month.place, "explain", number, "--format", form) for form in FORMS)
        assert [text.exit_code, html.exit_code, told.exit_code] == [0, 0, 0]
        decision = json.loads(told.stdout)
        yen = [step["yen"] for step in decision["steps"] if step["yen"] is not None]
        assert sum(yen) == decision["amount_yen"] == amounts[number]
        shown = [line for line in text.stdout.splitlines() if re.match(r"\s*\d+  ", line)]
        assert len(shown) == len(decision["steps"])
        for step, line in zip(decision["steps"], shown, strict=True):
            assert value_of(step) in line
            assert value_of(step) in html.stdout
            assert f"{step['source_file']} {step['line']}行目" in line
        assert f"{amounts[number]:,}円" in text.stdout
        assert html.stdout.lstrip().startswith("<!DOCTYPE html>")
    assert len(asked) >= 5


FORMS = ("text", "html", "json")


def test_every_decision_has_steps_that_add_up(month: Month) -> None:
    summed = month.table(STEPS).group_by("decision_no").agg(pl.col("yen").sum().alias("summed"))
    both = month.table(DECISIONS).join(summed, on="decision_no", how="left")
    assert both.filter(pl.col("summed").fill_null(-1) != pl.col("amount_yen")).is_empty()


def test_an_unknown_number_ends_with_1_and_a_sentence(month: Month) -> None:
    for form in FORMS:
        ended = invoked(month.place, "explain", "C-0000000000-202610", "--format", form)
        assert ended.exit_code == 1
        assert ended.output.strip() == "その番号の判定はありません。番号は表 benefit_decisions の decision_no です。"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("explain", "C-1", "--format", "pdf"), 2),
        (("monthly", "--month", "10月"), 2),
        (("nightly", "--date", "2026-10"), 2),
        (("nightly", "--date", "2026-10-02", "--until", "2026-10-01"), 2),
        (("monthly", "--month", "2020-01"), 1),
        (("nightly", "--date", "2999-01-01"), 1),
    ],
)
def test_a_call_that_cannot_be_meant_ends_in_a_sentence(month: Month, words: tuple[str, ...], code: int) -> None:
    ended = invoked(month.place, *words)
    assert ended.exit_code == code
    assert "Traceback" not in ended.output
    assert re.search("[ぁ-ん]|is not one of", ended.output)
