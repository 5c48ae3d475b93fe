"""The law of a month as a page: what is unconfirmed first, with what to ask the city.

Belongs here: the Markdown of docs/law. Does not belong here: the values and how they are read (book.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from schemas.law.book import Law, Version


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _value(version: Version) -> str:
    if isinstance(version.value, bool):
        return "はい" if version.value else "いいえ"
    if isinstance(version.value, int):
        unit = {"yen": "円", "years": "年", "months": "か月", "days": "日"}[version.unit]
        return f"{version.value:,}{unit}"
    return (
        version.value if isinstance(version.value, str) else json.dumps(version.value, ensure_ascii=False, default=str)
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return lines + [f"| {' | '.join(map(_cell, row))} |" for row in rows]


def _period(version: Version) -> str:
    until = "" if version.until_date is None else f"{version.until_date}の前日"
    return f"{version.from_date}〜{until}"


def law_page(law: Law, month: date) -> str:
    """Markdown of the law standing in `month`. Raises LawGap when nothing stands."""
    names = law.frame(month)["parameter"]
    standing = [law.at(month).version(name) for name in names]
    open_questions = [one for one in standing if not one.confirmed]
    waiting = [one for name in sorted(law.versions) for one in law.versions[name] if not one.enacted]
    lines = [f"# 子ども医療費の法（{law.municipality}、{month:%Y-%m}）", "", "## 未確認の値", ""]
    lines += _table(
        ("値の名", "内容", "仮の値", "市に尋ねること", "根拠"),
        ((one.parameter, one.label, _value(one), one.ask, one.basis) for one in open_questions),
    )
    lines += ["", "## 効力のある値", ""]
    lines += _table(
        ("値の名", "内容", "値", "期間", "根拠", "出典", "層", "確認"),
        (
            (
                one.parameter,
                one.label,
                _value(one),
                _period(one),
                one.basis,
                one.source,
                one.layer,
                "済" if one.confirmed else "未",
            )
            for one in standing
        ),
    )
    lines += ["", "## 予定（未施行・使わない）", ""]
    lines += _table(
        ("値の名", "内容", "値", "予定", "根拠"),
        ((one.parameter, one.label, _value(one), one.from_date, one.basis) for one in waiting),
    )
    return "\n".join(lines) + "\n"
