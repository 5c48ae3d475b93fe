"""The items that feeds share: of 別添1, of a history, of an interval."""

from dataclasses import replace

import polars as pl

from schemas.codes import FLAG
from schemas.record import DAY, Item, Record, Rule, Type, code, count, digits, unite
from schemas.records.annex1 import ANNEX1


def annexed(name: str, rename: str = "", required: bool = False) -> Item:
    """An annex-1 item as it stands, under another name or as required."""
    item = ANNEX1[name]
    return replace(item, name=rename or name, nullable=item.nullable and not required)


def item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False) -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable)


HISTORY = (
    item("history_no", "履歴番号", count(9999), 2),
    item("history_branch_no", "履歴番号枝番", count(99), 2),
    item("latest_flag", "最新フラグ", code(FLAG), 2),
    item("deleted_flag", "削除フラグ", code(FLAG), 2),
    item("operated_date", "操作年月日", DAY, 2),
)

HISTORY_KEY = ("resident_code", "history_no", "history_branch_no")


def interval_rule(first: str, last: str) -> Rule:
    return Rule("期間の前後", (first, last), pl.col(last) < pl.col(first), "終了日が開始日より前です")


def interval(name: str, label: str, description: str, items: tuple[Item, ...], purposes: set[int]) -> Record:
    """A scheme another office runs: a person, from a day, to a day (the first day it no longer holds)."""
    return Record(
        name,
        label,
        description,
        unite(
            (item("resident_code", "宛名番号", digits(15), 2),),
            items,
            (
                item("start_date", "開始年月日", DAY, 9),
                item("end_date", "終了年月日", DAY, 9, nullable=True),
            ),
            HISTORY,
        ),
        HISTORY_KEY,
        frozenset(purposes | {2, 9}),
        (interval_rule("start_date", "end_date"),),
    )
