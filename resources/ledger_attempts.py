"""A later attempt to pay what came back or missed its day: which orders may be replaced, and why another may not.

Belongs here: the judgement over what the ledger read. Does not belong here: any connection (ledger.py).
"""

import polars as pl

from resources.ledger_checks import NAMED, LedgerError, checked
from resources.ledger_journal import BACK
from resources.ledger_tables import AGAIN_SCHEMA, PAYEE

AFTER_RETURN = "振込不能の後の振込済"
"""The trouble of an answer that says paid after the money came back."""


def wanted_again(frame: pl.DataFrame) -> pl.DataFrame:
    """AGAIN_SCHEMA, each order named once. Raises LedgerError."""
    rows = checked(frame, AGAIN_SCHEMA)
    if rows["replaces_no"].is_duplicated().any():
        raise LedgerError("entries", "同じ支払を2度出し直そうとしています。", "支払の表の作り方を直してください。")
    return rows


def came_back(events: dict[str, set[str]]) -> dict[str, str]:
    """The entry of the journal that brought each order's money back."""
    return {number: min(told & BACK) for number, told in events.items() if told & BACK}


def refuse_unless_over(
    wanted: pl.DataFrame, orders: pl.DataFrame, back: dict[str, str], over: list[str], contradicted: set[str]
) -> None:
    """Raise LedgerError unless every order to be replaced is ours, came back or can no longer leave, and no answer says
    it was paid after all."""
    numbers = wanted["replaces_no"].to_list()
    known = set(orders["payment_no"])
    _refuse([number for number in numbers if number not in known], "台帳にない", "支払番号を確認してください。")
    _refuse(
        [number for number in numbers if number not in back and number not in over],
        "振込不能・組戻しの結果がない",
        "銀行の結果が届くか、振込データにないまま振込指定日を過ぎてから出し直してください。",
    )
    _refuse(
        [number for number in numbers if number in contradicted],
        f"{AFTER_RETURN}の結果がある",
        "入金されたかどうかを金融機関に確認してください。",
    )


def refuse_other_payees(wanted: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Raise LedgerError where an order was replaced already, for another account."""
    both = wanted.join(stored, on="replaces_no", suffix="_stored")
    other = both.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_stored") for name in PAYEE))
    _refuse(other["replaces_no"].to_list(), "別の口座へ出し直した", "登録済みの支払は変えられません。")


def _refuse(numbers: list[str], why: str, remedy: str) -> None:
    if numbers:
        more = "ほか" if len(numbers) > NAMED else ""
        named = "、".join(numbers[:NAMED])
        raise LedgerError("again", f"{why}支払{len(numbers)}件は出し直せません: {named}{more}。", remedy)
