"""The numbers of one month, ready to print.

Here: their shape and the equations between them. Not here: how they were counted, nor the page.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from reports.monthly.amounts import NOTHING, Amount, Equation
from reports.monthly.subsidy import Subsidies

AGE_BANDS: Final = ("0〜2歳", "3〜5歳", "小学生", "中学生", "高校生年代")
VISITS: Final = ("医科入院", "医科外来", "歯科", "調剤", "訪問看護", "その他")

HANDLED_SCHEMA: Final = pl.Schema({"flow": pl.String, "outcome": pl.String, "count": pl.Int64, "yen": pl.Int64})
BENEFIT_SCHEMA: Final = pl.Schema({"age_band": pl.String, "visit": pl.String, "count": pl.Int64, "yen": pl.Int64})
REASON_SCHEMA: Final = pl.Schema({"reason": pl.String, "count": pl.Int64, "yen": pl.Int64})


@dataclass(frozen=True)
class People:
    """Children at the end of the month: registered = eligible + refused + held + ended."""

    registered: int
    eligible: int
    refused: int
    held: int
    ended: int


@dataclass(frozen=True)
class Settled:
    """What a month settles with guardians: `more` is due to them, `back` they owe (what they owed before included);
    `offset_due` and `offset_owed` are the same yen, with the payments and the debts that end with it; `open` is what
    they still owe."""

    more: Amount = NOTHING
    back: Amount = NOTHING
    offset_due: Amount = NOTHING
    offset_owed: Amount = NOTHING
    open: Amount = NOTHING


@dataclass(frozen=True)
class Reconciliation:
    """From the feeds to the bank file. Claimed yen up to the decision, benefit yen from there on.

    `taken_in` and `accepted` hold what waited and what is decided again too; `unchanged` of the latter keeps its
    decision. `benefit` is what is paid for the first time: `in_kind` to the 国保連合会, the rest (`reimbursed`) to
    guardians. `not_ordered` waits for an account, `not_transferred` is ordered but not yet in the file.
    """

    taken_in: Amount
    accepted: Amount
    row_refused: Amount
    granted: Amount
    declined: Amount
    held: Amount
    benefit: Amount
    in_kind: Amount
    reimbursed: Amount
    not_ordered: Amount
    ordered: Amount
    not_transferred: Amount
    transferred: Amount
    unchanged: Amount = NOTHING
    settled: Settled = Settled()

    def equations(self) -> tuple[Equation, ...]:
        """The equations of a month, in the order of the flow."""
        of_guardians = self.settled
        return (
            Equation("請求額", ("取込", self.taken_in), (("受理", self.accepted), ("拒否", self.row_refused))),
            Equation(
                "請求額",
                ("受理", self.accepted),
                (
                    ("支給", self.granted),
                    ("不支給", self.declined),
                    ("保留", self.held),
                    ("前の判定のまま", self.unchanged),
                ),
            ),
            Equation("支給額", ("支給決定", self.benefit), (("現物給付", self.in_kind), ("償還払い", self.reimbursed))),
            Equation(
                "支給額",
                ("償還払いと追給", of_guardians.more),
                (("支払命令", self.ordered), ("相殺", of_guardians.offset_due), ("口座確認中", self.not_ordered)),
            ),
            Equation(
                "返還額",
                ("返還", of_guardians.back),
                (("相殺", of_guardians.offset_owed), ("返還の残り", of_guardians.open)),
            ),
            Equation(
                "支給額",
                ("支払命令", self.ordered),
                (("振込データ", self.transferred), ("次回振込", self.not_transferred)),
            ),
        )


@dataclass(frozen=True)
class MonthlyFigures:
    """Everything one monthly report shows.

    `month` is day 1; `handled` has HANDLED_SCHEMA (flow 現物レセプト/償還申請 × outcome), `benefits` BENEFIT_SCHEMA
    (bands and visits of AGE_BANDS, VISITS), `declined`, `on_hold` (decisions) and `refused`
    (rows at the gate) REASON_SCHEMA. `subsidies` is what the month adds to 県補助, `unconfirmed` names the law values
    that the city has not confirmed. Raises ValueError for a frame of another schema, or a band or visit outside the
    lists.
    """

    city: str
    month: date
    made_on: date
    people: People
    handled: pl.DataFrame
    benefits: pl.DataFrame
    declined: pl.DataFrame
    refused: pl.DataFrame
    on_hold: pl.DataFrame
    reconciliation: Reconciliation
    subsidies: Subsidies
    unconfirmed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check shapes and lists, see the class."""
        wanted = {
            "handled": HANDLED_SCHEMA,
            "benefits": BENEFIT_SCHEMA,
            "declined": REASON_SCHEMA,
            "refused": REASON_SCHEMA,
            "on_hold": REASON_SCHEMA,
        }
        if wrong := [name for name, schema in wanted.items() if getattr(self, name).schema != schema]:
            raise ValueError(f"月次報告の表の形が違います: {', '.join(wrong)}")
        known = pl.col("age_band").is_in(AGE_BANDS) & pl.col("visit").is_in(VISITS)
        if unknown := self.benefits.filter(~known.fill_null(False)).height:
            raise ValueError(f"年齢区分又は診療区分が一覧にない行が{unknown}行あります")

    def equations(self) -> tuple[Equation, ...]:
        """The equations of the flow, the table of benefits against the decisions, and those of 県補助."""
        total = Amount(int(self.benefits["count"].sum()), int(self.benefits["yen"].sum()))
        table = Equation("支給額", ("支給決定", self.reconciliation.benefit), (("年齢区分別の合計", total),))
        return (*self.reconciliation.equations(), table, *self.subsidies.equations())
