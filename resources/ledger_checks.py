"""What the ledger asks of a frame before and after it touches the database.

Belongs here: frames in, a LedgerError or a frame out. Does not belong here: any connection.
"""

from collections.abc import Iterable

import polars as pl

from resources.errors import ResourceError
from resources.ledger_tables import ACCOUNT, ENTRY_SCHEMA, PAYEE, SUBJECT

NAMED = 5
"""How many subjects an error names."""


class LedgerError(ResourceError):
    """The ledger refuses: nothing of the call was written."""


def checked(frame: pl.DataFrame, schema: pl.Schema, nullable: Iterable[str] = ()) -> pl.DataFrame:
    wrong = [name for name, dtype in schema.items() if frame.schema.get(name) != dtype]
    if wrong:
        raise LedgerError(
            "columns", f"支払の表の列がないか、型が違います: {', '.join(wrong)}。", "表の作り方を直してください。"
        )
    rows = frame.select(schema.names())
    empty = [name for name in schema if name not in nullable and rows[name].null_count()]
    if empty:
        raise LedgerError("empty", f"支払の表に空欄があります: {', '.join(empty)}。", "空欄の支払を除いてください。")
    return rows


def entries_of(frame: pl.DataFrame) -> pl.DataFrame:
    rows = checked(frame, ENTRY_SCHEMA)
    unpaid = int((rows["amount_yen"] <= 0).sum())
    doubled = int(rows.select(SUBJECT).is_duplicated().sum())
    if unpaid or doubled:
        raise LedgerError(
            "entries",
            f"支払の表に、1円未満の支払が{unpaid}件、同じ対象への重複した支払が{doubled}件あります。",
            "支払の表の作り方を直してください。",
        )
    return rows


def refuse_differences(entries: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Raise unless every entry stands with its amount and payee."""
    told = ("amount_yen", *PAYEE)
    same = entries.select(*SUBJECT, *told).join(stored.select(*SUBJECT, *told), on=(*SUBJECT, *told), how="semi")
    if same.height == entries.height:
        return
    other = entries.join(same, on=SUBJECT, how="anti").sort(SUBJECT)
    more = "ほか" if other.height > NAMED else ""
    named = "、".join("/".join(subject) for subject in other.select(SUBJECT).head(NAMED).iter_rows())
    raise LedgerError(
        "differs",
        f"支払台帳に、金額または口座の違う支払が{other.height}件あります: {named}{more}。",
        "登録済みの支払は変えられません。差額は、追給または返還の新しい支払として登録してください。",
    )


def judged(results: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    """The results with their trouble, null where they fit a payment."""
    other_account = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_ours") for name in ACCOUNT)
    trouble = (
        pl.when(pl.col("amount_yen_ours").is_null())
        .then(pl.lit("支払番号が台帳にない"))
        .when(~pl.col("sent"))
        .then(pl.lit("引き渡した振込データにない支払"))
        .when(pl.col("amount_yen") != pl.col("amount_yen_ours"))
        .then(pl.lit("金額が違う"))
        .when(other_account)
        .then(pl.lit("口座が違う"))
    )
    return results.join(payments, on="payment_no", how="left", suffix="_ours", maintain_order="left").with_columns(
        trouble=trouble
    )
