"""The part of the law as a small OpenFisca country: one variable per rule, one simulation per service month.

What a receipt says and how many days of its month are entitled is given (found with numpy); the rules, the ages and
the limits are formulas and dated parameters. What two receipts have to do with each other stands outside.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from openfisca_core.entities import Entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from benchmarks.peers.plain_law import HELD, REASONS, SCHEME, STAY, WHOLE, PlainLaw
from benchmarks.peers.receipts_numpy import Facts, facts, said, twice

Receipt = Entity("receipt", "receipts", "レセプト", "現物給付の請求1件")
_CODE = {reason: number for number, reason in enumerate(REASONS)}
_NONE = len(REASONS)
_GIVEN = {
    "known": bool, "payer_as_told": bool, "person_as_told": bool, "stay": bool, "in_kind": bool, "said": bool,
    "unborn": bool, "entitled": int, "scheme": int, "held": int, "days": int, "visit": int, "fiscal_years": int,
    "total_medical_cost": int, "self_pay": int, "public_expense": int, "counter": int, "other_public": int,
    "supplementary_benefit": int, "high_cost_benefit": int, "rate": int,
}  # fmt: skip


def _given(name: str, kind: type) -> type[Variable]:
    about = {"value_type": kind, "entity": Receipt, "definition_period": DateUnit.MONTH, "label": name}
    return type(name, (Variable,), about)


def _rule(kind: type, label: str) -> Callable[[Callable[..., Any]], type[Variable]]:
    """A variable from its formula, by the formula's name."""

    def define(formula: Callable[..., Any]) -> type[Variable]:
        about = {"value_type": kind, "entity": Receipt, "definition_period": DateUnit.MONTH, "label": label}
        return type(formula.__name__, (Variable,), about | {"formula": formula})

    return define


@_rule(bool, "月の一部に資格がある")
def partly(receipt: Any, period: Any, parameters: Any) -> Any:
    some = receipt("entitled", period) + receipt("held", period) > 0
    return some * ((receipt("entitled", period) < receipt("days", period)) + receipt("unborn", period))


@_rule(bool, "受診した日に、その入外の資格がある")
def covered(receipt: Any, period: Any, parameters: Any) -> Any:
    visit = receipt("visit", period)
    return (visit == WHOLE) + (visit == STAY) * receipt("stay", period)


@_rule(int, "年齢による負担割合")
def legal_rate(receipt: Any, period: Any, parameters: Any) -> Any:
    ages, years = parameters(period).rates, receipt("fiscal_years", period)
    return np.select(
        [years <= ages.young.until_years, years <= ages.grown.until_years], [ages.young.percent, ages.grown.percent], -1
    )


@_rule(int, "控除した残り")
def left_yen(receipt: Any, period: Any, parameters: Any) -> Any:
    others = ("counter", "other_public", "supplementary_benefit", "high_cost_benefit")
    return receipt("self_pay", period) - sum(receipt(name, period) for name in others)


@_rule(bool, "自己負担額の相違")
def wrong_sum(receipt: Any, period: Any, parameters: Any) -> Any:
    share = receipt("total_medical_cost", period).astype(np.int64) * receipt("rate", period)
    stated = receipt("public_expense", period) != receipt("left_yen", period)
    return (share != receipt("self_pay", period).astype(np.int64) * 100) + stated


@_rule(bool, "現物給付の上限以上、または現物給付のできない入外")
def above_limit(receipt: Any, period: Any, parameters: Any) -> Any:
    return ~receipt("in_kind", period) + (receipt("self_pay", period) >= parameters(period).limit_yen)


@_rule(int, "重複より先の理由")
def early(receipt: Any, period: Any, parameters: Any) -> Any:
    part, first_day, visit = receipt("partly", period), receipt("said", period), receipt("visit", period)
    held, nothing = receipt("held", period) > 0, receipt("entitled", period) + receipt("held", period) <= 0
    tests = [
        (~receipt("known", period), "E2"),
        (~receipt("payer_as_told", period), "H7"),
        (~receipt("person_as_told", period), "H5"),
        (nothing * (receipt("scheme", period) > 0), "E3"),
        (nothing, "E1"),
        (part * ~first_day * held, "H9"),
        (part * ~first_day, "H6"),
        (part * (visit == HELD), "H9"),
        (part * (visit == SCHEME), "E3"),
        (part * ~receipt("covered", period), "E1"),
    ]
    return np.select([holds for holds, _ in tests], [_CODE[reason] for _, reason in tests], _NONE)


@_rule(int, "重複より後の理由")
def late(receipt: Any, period: Any, parameters: Any) -> Any:
    tests = [
        (receipt("rate", period) != receipt("legal_rate", period), "H3"),
        (receipt("wrong_sum", period), "H2"),
        (receipt("above_limit", period), "H4"),
        (receipt("public_expense", period) <= 0, "N1"),
    ]
    return np.select([holds for holds, _ in tests], [_CODE[reason] for _, reason in tests], _CODE["P0"])


def _country(law: PlainLaw) -> TaxBenefitSystem:
    (young, young_percent), (grown, grown_percent) = law.rates
    begins = "2009-04-01"
    ages = {
        "young": {"until_years": {"values": {begins: young}}, "percent": {"values": {begins: young_percent}}},
        "grown": {"until_years": {"values": {begins: grown}}, "percent": {"values": {begins: grown_percent}}},
    }
    limits = {"values": {str(day): yen for day, yen in law.limits}}
    system = TaxBenefitSystem([Receipt])
    system.parameters = ParameterNode("", data={"rates": ages, "limit_yen": limits})
    rules = (partly, covered, legal_rate, left_yen, wrong_sum, above_limit, early, late)
    for variable in (*(_given(name, kind) for name, kind in _GIVEN.items()), *rules):
        system.add_variable(variable)
    return system


def _fiscal_years(told: Facts) -> Any:
    """The fiscal year of the month less the one in which the eve of the birth lies."""
    starts = [(day.astype("datetime64[M]").astype(np.int64) - 3) // 12
              for day in (told.month.astype("datetime64[D]"), told.birth.astype("datetime64[D]") - 1)]  # fmt: skip
    return starts[0] - starts[1]


def _inputs(told: Facts) -> dict[str, Any]:
    plain = {name: getattr(told, name) for name in _GIVEN if hasattr(told, name)}
    return plain | dict(told.yen) | {"fiscal_years": np.clip(_fiscal_years(told), -1, 999)}


def decide(folder: Path, law: PlainLaw) -> pl.DataFrame:
    """delivery, line_no, reason, amount_yen of every receipt."""
    names, told = facts(folder, law)
    country, inputs = _country(law), _inputs(told)
    before, after = np.empty(names.height, np.int64), np.empty(names.height, np.int64)
    for month in np.unique(told.month):
        rows = np.flatnonzero(told.month == month)
        simulation = SimulationBuilder().build_default_simulation(country, count=len(rows))
        when = period(str(month.astype("datetime64[D]").astype("datetime64[M]")))
        for name in _GIVEN:
            simulation.set_input(name, when, np.clip(inputs[name][rows], -(2**31) + 1, 2**31 - 1))
        before[rows], after[rows] = simulation.calculate("early", when), simulation.calculate("late", when)
    doubled = twice(told, (before == _NONE) & (after == _CODE["P0"]), folder)
    return said(names, np.where(before != _NONE, before, np.where(doubled, _CODE["D1"], after)), told)
