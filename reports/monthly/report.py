"""The monthly report page.

Here: figures → rows of the template. Not here: counting, equations (figures.py), layout (templates/).
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.letters.wareki import era_date, era_month, yen
from reports.monthly.charts import HALF, bars
from reports.monthly.figures import AGE_BANDS, VISITS, MonthlyFigures
from reports.monthly.subsidy import SPLIT_SCHEMA, UNKNOWN_BAND, Subsidies

TEMPLATES: Final = Path(__file__).parent.parent / "templates"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Jinja2 with autoescape and no undefined names."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["yen"] = yen
    made.filters["number"] = lambda value: f"{value:,}"
    return made


def _cross(figures: MonthlyFigures) -> list[tuple[str, list[int], int, int]]:
    """Per age band: yen per visit in the order of VISITS, their sum, the number of decisions."""
    cells = figures.benefits.group_by("age_band", "visit").agg(pl.col("yen", "count").sum())
    by_cell = {(band, visit): (paid, count) for band, visit, paid, count in cells.iter_rows()}
    rows = []
    for band in AGE_BANDS:
        found = [by_cell.get((band, visit), (0, 0)) for visit in VISITS]
        amounts = [paid for paid, _ in found]
        rows.append((band, amounts, sum(amounts), sum(count for _, count in found)))
    return rows


def _share_chart(cross: list[tuple[str, list[int], int, int]]) -> Markup:
    rows = [(band, [max(amount, 0) for amount in amounts], yen(total)) for band, amounts, total, _ in cross]
    return bars("by-age", "年齢区分別の支給額", rows)


def _reason_chart(key: str, title: str, reasons: pl.DataFrame) -> Markup:
    rows = [(reason, [count], f"{count:,}件") for reason, count, _ in reasons.iter_rows()]
    return bars(key, title, rows, HALF)


def _sorted(reasons: pl.DataFrame) -> pl.DataFrame:
    return reasons.sort("count", "reason", descending=[True, False])


def _subsidies(found: Subsidies) -> dict[str, Any]:
    """The tables of 県補助: age bands in their order, those without anything left out; reasons; receipts of 国保."""
    place = {band: at for at, band in enumerate((*AGE_BANDS, UNKNOWN_BAND))}
    by_age = sorted(found.by_age.to_dicts(), key=lambda row: place[row["group"]])
    tables = (
        ("年齢区分", "年齢区分ごとの増減（円）", by_age),
        ("県補助の判断", "県補助の判断ごとの増減（円）", found.by_reason.sort("group").to_dicts()),
    )
    numbers = SPLIT_SCHEMA.names()[1:]
    sums = {name: int(found.by_reason[name].sum()) for name in numbers}
    return {"tables": tables, "sums": sums, "numbers": numbers, "reduced": found.reduced.to_dicts()}


def _view(figures: MonthlyFigures) -> dict[str, Any]:
    """Everything the template needs, computed once."""
    cross = _cross(figures)
    declined, on_hold = _sorted(figures.declined), _sorted(figures.on_hold)
    equations = figures.equations()
    people = figures.people
    return {
        "figures": figures,
        "people": people,
        "people_residual": people.registered - people.eligible - people.refused - people.held - people.ended,
        "month": era_month(figures.month),
        "made_on": era_date(figures.made_on),
        "visits": VISITS,
        "cross": cross,
        "visit_totals": [sum(row[1][i] for row in cross) for i in range(len(VISITS))],
        "total_yen": sum(row[2] for row in cross),
        "total_count": sum(row[3] for row in cross),
        "handled": figures.handled.to_dicts(),
        "declined": declined.to_dicts(),
        "refused": _sorted(figures.refused).to_dicts(),
        "on_hold": on_hold.to_dicts(),
        "subsidies": _subsidies(figures.subsidies),
        "share_chart": _share_chart(cross),
        "declined_chart": _reason_chart("declined", "理由別の不支給件数", declined),
        "hold_chart": _reason_chart("on-hold", "理由別の保留件数", on_hold),
        "equations": equations,
        "reconciled": all(equation.holds for equation in equations),
    }


def monthly_report(figures: MonthlyFigures) -> str:
    """One self-contained HTML page: no script, no link, no image outside it. The same figures give the same text."""
    return environment().get_template("monthly.html.j2").render(**_view(figures))
