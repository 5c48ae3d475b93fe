"""Synthetic rows for letters: every kind, every address column, nobody real."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from reports.letters.addressee import CANDIDATES
from reports.letters.kinds import Kind

TIMESTAMP = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)

PLACES: dict[str, pl.DataType] = {c: pl.String() for parts in CANDIDATES.values() for c in parts.values()}
_DETAIL = {
    "child_name": "見本　花子",
    "service_month": date(2026, 9, 1),
    "visit": "外来",
    "institution_name": "見本小児科クリニック",
    "partial_payment_yen": 2340,
    "deduction_yen": 0,
    "amount_yen": 2340,
    "reason": "健康診断の費用であり、保険の適用となる医療費ではないため",
    "what": "支給した額",
    "cited_no": "C-260900001-202609",
    "month": date(2026, 9, 1),
    "how": "令和8年10月30日に口座へ振込",
    "open_yen": 900,
}
_VALUES: dict[str, Any] = {
    "recipient_no": "1234567",
    "child_name": "見本　花子",
    "child_birth_date": date(2020, 5, 1),
    "care_covered": "入院と通院",
    "valid_from_date": date(2026, 12, 1),
    "valid_to_date": date(2039, 3, 31),
    "application_date": date(2026, 11, 2),
    "end_date": date(2026, 11, 15),
    "reason": "川口市から転出したため",
    "amount_yen": 4680,
    "payment_date": date(2026, 12, 25),
    "value_date": date(2026, 11, 30),
    "account_text": "見本銀行 川口支店 普通 ****123",
    "payer_no": "81112039",
    "guardian_name": "見本　太郎",
    "service_month": date(2026, 6, 1),
    "visit": "入院外",
    "institution_name": "医療機関コード 1110000008",
    "news_text": "資格の異動（住民基本台帳 residents_full_20260901_001.csv、12行目）",
    "open_yen": 1800,
    "due_date": date(2026, 12, 28),
}
_DATES = ("_date", "_month")
_SCHEMA = PLACES | {e: pl.Date() if e.endswith(_DATES) else pl.String() for e in _VALUES}
_SCHEMA |= {
    "amount_yen": pl.Int64(),
    "open_yen": pl.Int64(),
    "person_key": pl.String(),
    "document_no": pl.String(),
    "protected": pl.Boolean(),
}


def person(number: int, **changes: Any) -> dict[str, Any]:
    """One row with every column any kind needs; registered address only, not protected."""
    return {
        **dict.fromkeys(PLACES),
        **_VALUES,
        "person_key": f"K{number:04d}",
        "document_no": f"{number:04d}",
        "protected": False,
        "guardian_postal_code": "3320031",
        "guardian_address": f"埼玉県川口市青木{number}丁目2番3号",
        "guardian_address_katagaki": "見本ハイツ101号室",
        "details": [_DETAIL, _DETAIL],
        **changes,
    }


def frame(rows: list[dict[str, Any]], kind: Kind) -> pl.DataFrame:
    """Rows as a typed frame; `details` keeps only the fields of the kind."""
    details = [row["details"] for row in rows]
    plain = pl.DataFrame([{k: row[k] for k in _SCHEMA} for row in rows], schema=_SCHEMA)
    if not kind.details:
        return plain
    inner = pl.Struct({e.name: e.unit.dtype for e in kind.details})
    kept = [[{e.name: line[e.name] for e in kind.details} for line in lines] for lines in details]
    return plain.with_columns(pl.Series("details", kept, dtype=pl.List(inner)))
