"""The law book as a page: what is unconfirmed first, with what to ask the city; then article, value, rule, test.

Belongs here: the Markdown of docs/law. Does not belong here: the values and how they are read (book.py), and who
reads them (the caller says so).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.law.book import Law, Version

_LONG = 160
_UNITS = {"yen": "円", "years": "年", "months": "か月", "days": "日"}
_OUTSIDE_BRACKETS = re.compile(r"、(?![^（]*）)")


@dataclass(frozen=True)
class Uses:
    """Who reads each parameter, and which tests name it."""

    rules: Mapping[str, tuple[str, ...]]
    tests: Mapping[str, tuple[str, ...]]


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _value(version: Version) -> str:
    if isinstance(version.value, bool):
        return "はい" if version.value else "いいえ"
    if isinstance(version.value, int):
        return f"{version.value:,}{_UNITS[version.unit]}"
    return version.value if isinstance(version.value, str) else json.dumps(version.value, ensure_ascii=False)


def _short(version: Version) -> str:
    value = _value(version)
    return value if len(value) <= _LONG else f"{len(version.value)}行（下の表）"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return lines + [f"| {' | '.join(map(_cell, row))} |" for row in rows]


def _period(version: Version) -> str:
    until = "" if version.until_date is None else f"{version.until_date}の前日"
    return f"{version.from_date}〜{until}"


def _articles(versions: Iterable[Version]) -> tuple[str, ...]:
    """The bases of the versions, one by one, each once."""
    pieces = (piece for one in versions for piece in _OUTSIDE_BRACKETS.split(one.basis))
    return tuple(dict.fromkeys(pieces))


def _lines(entries: Iterable[str]) -> str:
    return "<br>".join(entries)


def _questions(versions: list[Version]) -> list[str]:
    heads = ("値の名", "内容", "期間", "仮の値", "市に尋ねること", "根拠")
    return _table(
        heads, ((one.parameter, one.label, _period(one), _short(one), one.ask, one.basis) for one in versions)
    )


def _readers(law: Law, uses: Uses) -> list[str]:
    rows = []
    for name, versions in sorted(law.versions.items()):
        rules = _lines(uses.rules.get(name, ())) or f"なし（{versions[0].unused}）"
        rows.append((_lines(_articles(versions)), name, rules, _lines(uses.tests.get(name, ()))))
    return _table(("根拠", "値の名", "読む規則", "試験"), rows)


def _by_article(law: Law) -> list[str]:
    found: dict[str, list[str]] = {}
    for name, versions in sorted(law.versions.items()):
        for article in _articles(versions):
            found.setdefault(article, []).append(name)
    return _table(("根拠", "値の名"), ((article, _lines(names)) for article, names in sorted(found.items())))


def _values(versions: list[Version]) -> list[str]:
    return _table(
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
            for one in versions
        ),
    )


def _planned(versions: list[Version]) -> list[str]:
    rows = ((one.parameter, one.label, _value(one), one.from_date, one.basis) for one in versions)
    return _table(("値の名", "内容", "値", "予定", "根拠"), rows)


def law_page(law: Law, uses: Uses) -> str:
    """Markdown of the whole book, over all its months."""
    every = [one for name in sorted(law.versions) for one in law.versions[name]]
    enacted = [one for one in every if one.enacted]
    sections = {
        "未確認の値": _questions([one for one in enacted if not one.confirmed]),
        "根拠と値と規則と試験": _readers(law, uses),
        "根拠から引く": _by_article(law),
        "効力のある値": _values(enacted),
        "予定（未施行・使わない）": _planned([one for one in every if not one.enacted]),
    }
    body = [line for head, lines in sections.items() for line in ("", f"## {head}", "", *lines)]
    return "\n".join([f"# 子ども医療費の法（{law.municipality}）", *body]) + "\n"
