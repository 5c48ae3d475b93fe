"""Up to four other public payers before this benefit: their order, what each leaves, and what the city pays."""

from datetime import date

import polars as pl
import pytest

from assets.benefit.checker import unexplained
from assets.benefit.other_payers import with_payers
from schemas.records.feeds import FEEDS, accepted
from tests.support.cases import LAW, decided_receipts, frame, receipt

TOTAL = 60_000
ENDINGS = ("", "_2", "_3", "_4")


def under(*payers: tuple[str | None, int | None, int | None], **more: object) -> dict[str, object]:
    """A receipt of 60,000 yen, 18,000 of it the patient's, with these payers (法別番号, yen borne, 一部負担 left);
    the city is asked for what is left after the last."""
    stated: dict[str, object] = {}
    left = 18_000
    cost = {"total": more.pop("total", TOTAL)}
    for ending, (law_code, yen, copay) in zip(ENDINGS, payers, strict=False):
        stated |= {
            f"rcpt_other_public_payer_no{ending}": law_code and f"{law_code}110000",
            f"rcpt_other_public_yen{ending}": yen,
            f"rcpt_other_public_copay_yen{ending}": copay,
        }
        left = left if copay is None else copay
    return receipt(**cost) | {"rcpt_public_expense_yen": left} | stated | more


def outcome(row: dict[str, object]) -> tuple[str, int]:
    decisions, steps = decided_receipts([row])
    assert unexplained(decisions, steps).is_empty()
    return decisions["reason"].item(), decisions["amount_yen"].item()


def test_each_payer_bears_its_part_in_one_step_of_its_own_article() -> None:
    row = under(("21", 12_000, 6_000), ("16", 1_000, 5_000), ("52", 2_500, 2_500), ("54", 100, 2_400))
    decisions, steps = decided_receipts([row])
    assert decisions.select("reason", "amount_yen").rows() == [("P0", 2_400)]
    yen = steps.filter(pl.col("yen").is_not_null()).select("label", "yen", "text", "article")
    assert yen.row(0)[:3] == ("自己負担額", 18_000, "総医療費60000円×3割")
    assert yen.rows()[1:] == [
        ("他の公費の負担", -12_000, "法別21 精神通院医療、一部負担6000円", "障害者総合支援法58条"),
        ("第2の他の公費の負担", -1_000, "法別16 育成医療、一部負担5000円", "障害者総合支援法58条"),
        ("第3の他の公費の負担", -2_500, "法別52 小児慢性特定疾病医療、一部負担2500円", "児童福祉法19条の2"),
        ("第4の他の公費の負担", -100, "法別54 特定医療（指定難病）、一部負担2400円",
         "難病の患者に対する医療等に関する法律5条"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "row", "expected"),
    [
        ("the share of 20 %", under(("52", 6_000, 12_000)), ("P0", 12_000)),
        ("above 20 %", under(("52", None, 12_001)), ("HA", 0)),
        ("above the highest ceiling, below 20 %", under(("52", None, 20_000), total=110_000), ("HA", 0)),
        *((f"a ceiling of {yen}", under(("52", None, yen)), ("P0", yen)) for yen in (500, 1_250, 2_500, 5_000, 10_000)),
        ("one yen off a ceiling", under(("52", None, 4_999)), ("HA", 0)),
        ("one yen above a ceiling", under(("52", None, 10_001)), ("HA", 0)),
        ("育成 of 10 %", under(("16", None, 6_000)), ("P0", 6_000)),
        ("育成 above 10 %", under(("16", None, 6_001)), ("HA", 0)),
        ("育成 of any ceiling", under(("16", None, 1_234)), ("P0", 1_234)),
        ("養育 of any 徴収金", under(("23", None, 8_700)), ("P0", 8_700)),
        ("生活保護 leaves nothing", under(("12", None, 0)), ("N1", 0)),
        ("生活保護 leaves something", under(("12", None, 1)), ("HA", 0)),
        ("a payer the law has no place for", under(("99", None, 5_000)), ("HA", 0)),
        ("less than nothing is left", under(("23", 18_001, -1)), ("HA", 0)),
        ("more is left than before", under(("23", -1, 18_001), rcpt_public_expense_yen=18_000), ("H2", 0)),
        ("a copay that increases", under(("23", None, 5_000), ("52", None, 10_000)), ("HA", 0)),
        ("a copay that stays", under(("23", None, 5_000), ("52", 0, 5_000)), ("P0", 5_000)),
        ("in the order of the law", under(("16", None, 5_000), ("52", None, 2_500)), ("P0", 2_500)),
        ("against the order of the law", under(("52", None, 5_000), ("16", None, 2_500)), ("HA", 0)),
        ("the same payer twice", under(("52", None, 5_000), ("52", None, 2_500)), ("HA", 0)),
        ("the last against the order", under(("16", None, 6_000), ("23", None, 5_000), ("21", None, 0)), ("HA", 0)),
        ("the second without the first", under((None, None, None), ("52", 8_000, 10_000)), ("P0", 10_000)),
        ("the third after a gap", under(("16", None, 6_000), (None, None, None), ("52", 1_000, 5_000)), ("P0", 5_000)),
    ],
)  # fmt: skip
def test_what_a_payer_may_leave_is_what_its_law_allows(
    case: str, row: dict[str, object], expected: tuple[str, int]
) -> None:
    assert outcome(row) == expected, case


@pytest.mark.parametrize(
    ("case", "row"),
    [
        ("yen borne off by one", under(("52", 8_001, 10_000))),
        ("the second's yen off by one", under(("16", 12_000, 6_000), ("52", 999, 5_000))),
        ("a payer without a copay", under(("52", None, None))),
        ("the second without a copay", under(("16", None, 6_000), ("52", None, None))),
        ("yen of a second payer without its number", under(("16", None, 6_000), (None, 1_000, None))),
        ("a copay of a third without its number", under(("16", None, 6_000), ("52", None, 5_000), (None, None, 1))),
        ("the city asked for what the first leaves",
         under(("16", None, 6_000), ("52", None, 5_000), rcpt_public_expense_yen=6_000)),
    ],
)  # fmt: skip
def test_yen_of_payers_that_do_not_add_up_wait_as_a_sum_that_is_wrong(case: str, row: dict[str, object]) -> None:
    assert outcome(row) == ("H2", 0), case


def test_what_does_not_add_up_is_looked_at_before_what_the_payers_law_allows() -> None:
    assert outcome(under(("52", 1, 10_001))) == ("H2", 0)
    assert outcome(under(("52", None, 10_001), total=70_000)) == ("HA", 0)


@pytest.mark.parametrize(("month", "fault"), [(date(2014, 12, 1), "HA"), (date(2015, 1, 1), None)])
def test_in_a_month_without_an_order_of_payers_no_payer_has_a_place(month: date, fault: str | None) -> None:
    rows = frame(accepted(FEEDS["receipts"]), [under(("52", None, 10_000)) | {"service_month": month}])
    assert with_payers(rows, LAW)["payer_fault"].to_list() == [fault]


@pytest.mark.parametrize(("care", "reason"), [*((care, "P0") for care in "123456"), ("7", "H4"), ("8", "H4")])
def test_bonesetters_and_braces_cannot_come_in_kind(care: str, reason: str) -> None:
    decisions, steps = decided_receipts([receipt(rcpt_inpatient_outpatient_code=care)])
    assert decisions["reason"].to_list() == [reason]
    words = steps.filter(pl.col("label") == "現物給付の範囲")["text"].to_list()
    assert words == (["この入外は現物給付の対象ではありません（償還払い）。"] if reason == "H4" else [])
