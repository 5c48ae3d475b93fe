"""Layouts of bank answers as an operator would state them once a bank has said what stands where.

The place of the result and the data record of 入出金取引明細 are made up: no bank has published them.
"""

from datetime import date
from typing import Any

import polars as pl
import yaml

from schemas.feeds.adapter import FOLDER, Adapter
from schemas.records.feeds import BANK_RESULTS
from tests.support.rows import valid_rows

FURIKOMI, MEISAI = "furikomi", "meisai"
KNOWN = date(2026, 11, 30)
_RESULT = {"column": "結果", "item": "result", "at": 111, "bytes": 1, "map": {"0": "0", "2": "2", "9": "9", "7": "R"}}
_STATEMENT = [
    {"column": "勘定日(至)", "item": "value_date", "record": "header", "at": 16, "bytes": 6, "format": "和暦YYMMDD"},
    {"column": "入払区分", "item": "result", "at": 21, "bytes": 1, "map": {"1": "R"}},
    {"column": "取引金額", "item": "amount_yen", "at": 24, "bytes": 12},
    {"column": "銀行", "item": "bank_code", "at": 60, "bytes": 4},
    {"column": "支店", "item": "branch_code", "at": 64, "bytes": 3},
    {"column": "種目", "item": "account_type", "at": 67, "bytes": 1},
    {"column": "口座番号", "item": "account_number", "at": 68, "bytes": 7},
    {"column": "摘要内容", "item": "reason_text", "at": 120, "bytes": 20},
    {"column": "EDI情報", "item": "payment_no", "at": 179, "bytes": 10},
]
_CREDITS = {"item": "result", "values": ["1"]}


def _stated(extension: str) -> dict[str, object]:
    return dict(yaml.safe_load((FOLDER / "bank_results" / f"{extension}.yaml").read_text("utf-8")))


def text(extension: str, reason: dict[str, object] | None = None, **changes: object) -> str:
    """The adapter file with its columns and totals filled in, and a column for the reason."""
    given = {FURIKOMI: _furikomi, MEISAI: _meisai}[extension]()
    given["columns"] = [*given["columns"], *([reason] if reason else [])]
    return yaml.safe_dump({**_stated(extension), "confirmed": True, **given, **changes}, allow_unicode=True)


def stated(extension: str, reason: dict[str, object] | None = None, **changes: object) -> Adapter:
    """The layout that `text` states."""
    return Adapter.parse(text(extension, reason, **changes), BANK_RESULTS.name)


def _furikomi() -> dict[str, Any]:
    """Every known place of 総合振込, and a result where 振込指定区分 was."""
    known = [one for one in Adapter.variant(BANK_RESULTS.name, FURIKOMI).known if one.at and one.item]
    columns = [
        {"column": one.column, "item": one.item, "record": one.record, "at": one.at, "bytes": one.bytes}
        | ({"format": "MMDD"} if one.item == "value_date" else {})
        for one in known
    ]
    totals = [
        {"column": "合計件数", "at": 1, "bytes": 6},
        {"column": "合計金額", "at": 7, "bytes": 12, "of": "amount_yen"},
    ]
    return {"columns": [*columns, _RESULT], "totals": totals}


def _meisai() -> dict[str, Any]:
    totals = [
        {"column": "入金件数", "at": 1, "bytes": 6, **_CREDITS},
        {"column": "入金額合計", "at": 7, "bytes": 13, "of": "amount_yen", **_CREDITS},
        {"column": "明細件数", "at": 20, "bytes": 7},
    ]
    return {"columns": _STATEMENT, "totals": totals, "end_record": False, "twelve_digit_items": ["amount_yen"]}


def answers(extension: str, rows: int, seed: int = 1) -> pl.DataFrame:
    """Valid answers of one day that the layout can say."""
    reason = pl.lit(None, pl.String) if extension == FURIKOMI else pl.lit("ｼｷﾝﾍﾝｷﾔｸ")
    result = pl.col("result").replace({"K": "R"}) if extension == FURIKOMI else pl.lit("R")
    return valid_rows(BANK_RESULTS, rows, seed).with_columns(
        pl.lit(date(2026, 11, 27)).alias("value_date"), reason.alias("reason_text"), result.alias("result")
    )
