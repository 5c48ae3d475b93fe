"""The truth about other payers and signed receipts: what the payers before the city leave, and which receipt a signed
row takes yen from. Line by line, in plain Python: such lines are few.

Belongs here: one frame of receipts. Does not belong here: who is entitled, and what a month makes of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

PAYERS_IN_ORDER = ("21", "16", "23", "52", "54", "51", "38", "53", "12")
"""国の公費の順. The city pays after the last."""
PATIENT_PERCENT = {"12": 0, "53": 0, "16": 10, "21": 10, "52": 20, "54": 20}
"""The share of the whole cost that a payer leaves at most; of the others nothing is known."""
CEILINGS_YEN = {"52": (500, 1_250, 2_500, 5_000, 10_000, 15_000)}
"""月額の自己負担上限: what is left below the share is one of these."""
IN_KIND_CARE = ("1", "2", "3", "4", "5", "6")
"""Bonesetters (7) and braces (8) are repaid, never paid in kind."""
_STATED = [f"{what}_{at}" for at in range(1, 5) for what in ("payer", "borne", "copay")]
_SAME = ["review_body", "institution_code", "child_resident_code", "service_month", "care"]


def stated_payers() -> list[pl.Expr]:
    """payer_n, borne_n and copay_n of the receipts feed: who pays before the city, how much, and what is left."""
    return [
        pl.col(f"rcpt_other_public_{item}{'' if at == 1 else f'_{at}'}").alias(f"{name}_{at}")
        for at in range(1, 5)
        for name, item in (("payer", "payer_no"), ("borne", "yen"), ("copay", "copay_yen"))
    ]


class Left(NamedTuple):
    """What the payers leave to the city, and whether the paper adds up and the law allows it."""

    yen: int
    adds_up: bool
    lawful: bool


def left_by(self_yen: int, total_yen: int, payers: Iterable[tuple[str | None, int | None, int | None]]) -> Left:
    """Each payer in turn takes what is above its copay."""
    left, adds_up, lawful, last = self_yen, True, True, -1
    for at, (number, borne, copay) in enumerate(payers):
        if number is None:
            left -= (borne or 0) if at == 0 else 0
            adds_up = adds_up and (at == 0 or not (borne or copay))
            continue
        if copay is None:
            return Left(left, False, False)
        adds_up = adds_up and borne in (None, left - copay)
        code = number[:2]
        place = PAYERS_IN_ORDER.index(code) if code in PAYERS_IN_ORDER else -1
        lawful = lawful and place > last and 0 <= copay <= left and _allowed(code, copay, left, total_yen)
        left, last = copay, max(last, place)
    return Left(left, adds_up, lawful)


def _allowed(code: str, copay: int, before: int, total_yen: int) -> bool:
    share = total_yen * PATIENT_PERCENT[code] if code in PATIENT_PERCENT else None
    ceilings = CEILINGS_YEN.get(code)
    if share is not None and copay * 100 > share:
        return False
    if ceilings is None:
        return True
    return copay <= max(ceilings) and (copay in (*ceilings, before) or copay * 100 == share)


def with_payers(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with left_yen (after the payers), payers_add_up and payers_lawful."""
    some = lines.with_row_index("row").filter(pl.any_horizontal(pl.col(name).is_not_null() for name in _STATED))
    found = [
        (row[0], *left_by(row[1], row[2], zip(row[3::3], row[4::3], row[5::3], strict=True)))
        for row in some.select("row", "self_yen", "total_yen", *_STATED).iter_rows()
    ]
    told = pl.DataFrame(
        found,
        schema={"row": pl.UInt32, "left_yen": pl.Int64, "payers_add_up": pl.Boolean, "payers_lawful": pl.Boolean},
        orient="row",
    )
    joined = lines.with_row_index("row").join(told, on="row", how="left", maintain_order="left").drop("row")
    return joined.with_columns(
        pl.coalesce("left_yen", "self_yen").alias("left_yen"),
        pl.col("payers_add_up", "payers_lawful").fill_null(True),
    )


@dataclass(slots=True)
class Bill:
    """A first receipt, and what is left of its yen."""

    delivery: str
    line_no: int
    number: str | None
    yen: int
    left: int = 0


@dataclass(slots=True)
class Signed:
    """A row that changes one: from which, and by how much in the end."""

    delivery: str
    line_no: int
    number: str | None
    yen: int
    bill: Bill | None = None
    move: int = 0


@dataclass(slots=True)
class File:
    """Everything ever billed for one child, month, institution and 入外 by one reviewing body, in order."""

    bills: list[Bill] = field(default_factory=list)
    signed: list[Signed] = field(default_factory=list)

    def settle(self) -> None:
        """Every signed row finds its bill, then they take their yen one after the other."""
        taken: dict[int, int] = defaultdict(int)
        for row in self.signed:
            row.bill = self._bill_of(row, taken)
        for bill in self.bills:
            bill.left = bill.yen
        for row in self.signed:
            if row.bill is not None:
                row.move = max(row.yen, -row.bill.left)
                row.bill.left += row.move

    def _bill_of(self, row: Signed, taken: dict[int, int]) -> Bill | None:
        named = [bill for bill in self.bills if row.number is not None and bill.number == row.number]
        if named:
            return named[0] if len(named) == 1 else None
        possible = [bill for bill in self.bills if row.number is None or bill.number is None]
        whole = [bill for bill in possible if bill.yen == -row.yen and not self._named_away(bill)]
        if whole:
            taken[row.yen] += 1
            return whole[min(taken[row.yen], len(whole)) - 1]
        return possible[0] if len(possible) == 1 else None

    def _named_away(self, bill: Bill) -> bool:
        return any(row.number is not None and row.number == bill.number and row.yen == -bill.yen for row in self.signed)


def with_corrections(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of receipts, in order of arrival, with the bill a signed row changes (bill_delivery, bill_line_no), by how
    much (move_yen), and whether nothing of a bill is left (withdrawn). Withdrawals that add yen change nothing."""
    files: dict[tuple[object, ...], File] = defaultdict(File)
    touched = lines.filter(pl.col("receipt_change") != "0", pl.col("child_resident_code").is_not_null())
    mine = lines.join(touched.select(_SAME).unique(), on=_SAME, how="semi", maintain_order="left")
    for *same, change, delivery, line_no, number, yen in mine.select(
        *_SAME, "receipt_change", "delivery", "line_no", "search_no", "public_yen"
    ).iter_rows():
        file = files[tuple(same)]
        if change == "0":
            file.bills.append(Bill(delivery, line_no, number, yen))
        elif change == "3" or yen <= 0:
            file.signed.append(Signed(delivery, line_no, number, yen))
    return _told(lines, files)


def _told(lines: pl.DataFrame, files: dict[tuple[object, ...], File]) -> pl.DataFrame:
    moved: list[tuple[str, int, str, int, int]] = []
    gone: list[tuple[str, int]] = []
    for file in files.values():
        file.settle()
        changed = [row for row in file.signed if row.bill is not None]
        moved += [
            (row.delivery, row.line_no, row.bill.delivery, row.bill.line_no, row.move) for row in changed if row.bill
        ]
        gone += {(row.bill.delivery, row.bill.line_no) for row in changed if row.bill and row.bill.left == 0}
    line = {"delivery": pl.String, "line_no": pl.Int64}
    moves = pl.DataFrame(
        moved, schema=line | {"bill_delivery": pl.String, "bill_line_no": pl.Int64, "move_yen": pl.Int64}, orient="row"
    )
    withdrawn = pl.DataFrame(gone, schema=line, orient="row").with_columns(pl.lit(True).alias("withdrawn"))
    on = ["delivery", "line_no"]
    return lines.join(moves, on=on, how="left", maintain_order="left").join(
        withdrawn, on=on, how="left", maintain_order="left"
    )


def with_moves(decided: pl.DataFrame, held: Iterable[str]) -> pl.DataFrame:
    """Decided lines with what becomes of the signed ones: R0 and their yen where the bill is paid, R1 while it is held
    or not found, R2 where it is not paid."""
    bills = decided.select(
        pl.col("delivery").alias("bill_delivery"), pl.col("line_no").alias("bill_line_no"),
        pl.col("subject"), pl.col("reason").alias("bill_reason"),
    )  # fmt: skip
    found = decided.join(
        bills.filter(subject="receipt").drop("subject"),
        on=["bill_delivery", "bill_line_no"],
        how="left",
        maintain_order="left",
    )
    signed = pl.col("reason") == "R1"
    waits = pl.col("bill_reason").is_null() | pl.col("bill_reason").is_in(list(held))
    reason = (
        pl.when(~signed | waits).then("reason")
        .when(pl.col("bill_reason") == "P0").then(pl.lit("R0"))
        .otherwise(pl.lit("R2"))
    )  # fmt: skip
    told = found.with_columns(reason.alias("reason"))
    return told.with_columns(pl.when(pl.col("reason") == "R0").then("move_yen").otherwise("yen").alias("yen"))
