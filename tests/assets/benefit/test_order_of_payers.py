"""Other public payers looked at by themselves: what each leaves and bears, whose law says what, whose yen are wrong."""

from datetime import date
from itertools import pairwise

import polars as pl

from assets.benefit.other_payers import any_stands, borne_by, left_after, with_payers
from schemas.records.feeds import RECEIPTS, accepted
from tests.support.cases import LAW, frame, law_with, receipt

Payer = tuple[str | None, int | None, int | None]
NONE: Payer = (None, None, None)
ENDINGS = ("", "_2", "_3", "_4")


def row(*payers: Payer, **more: object) -> dict[str, object]:
    """A receipt of 60,000 yen, 18,000 the patient's, with payers (法別番号, yen borne, 一部負担 left)."""
    stated: dict[str, object] = {}
    for ending, (law_code, yen, copay) in zip(ENDINGS, payers, strict=False):
        stated[f"rcpt_other_public_payer_no{ending}"] = law_code and f"{law_code}110000"
        stated[f"rcpt_other_public_yen{ending}"] = yen
        stated[f"rcpt_other_public_copay_yen{ending}"] = copay
    return receipt(total=60_000) | stated | more


def rows(*given: dict[str, object]) -> pl.DataFrame:
    return frame(accepted(RECEIPTS), list(given))


def faults(*given: dict[str, object]) -> list[str | None]:
    return with_payers(rows(*given), LAW)["payer_fault"].to_list()


def test_what_is_left_after_each_payer_and_what_each_bears() -> None:
    """One line of yen a receipt: the self pay, then what the first to the fourth payer leave."""
    given = rows(
        row(("21", 12_000, 6_000), ("16", 1_000, 5_000), ("52", 2_500, 2_500), ("54", 100, 2_400)),
        row(("16", None, 6_000), NONE, ("52", None, 5_000)),
        row(NONE, ("52", 8_000, 10_000)),
        row((None, 7_000, None)),
        row((None, 7_000, 1), ("52", None, 500)),
        row(("16", None, 6_000), (None, 1_000, None)),
        row(("52", None, None)),
        row(),
    )
    left = given.select(left_after(payer).alias(f"{payer}") for payer in range(5)).rows()
    assert left == [
        (18_000, 6_000, 5_000, 2_500, 2_400),
        (18_000, 6_000, 6_000, 5_000, 5_000),
        (18_000, 18_000, 10_000, 10_000, 10_000),
        (18_000, 11_000, 11_000, 11_000, 11_000),
        (18_000, 11_000, 500, 500, 500),
        (18_000, 6_000, 6_000, 6_000, 6_000),
        (18_000, None, None, None, None),
        (18_000, 18_000, 18_000, 18_000, 18_000),
    ]
    borne = given.select(borne_by(payer).alias(f"{payer}") for payer in range(1, 5)).rows()
    assert borne[:3] == [(12_000, 1_000, 2_500, 100), (12_000, 0, 1_000, 0), (0, 8_000, 0, 0)]
    assert borne[3:5] == [(7_000, 0, 0, 0), (7_000, 10_500, 0, 0)]
    assert given.select(any_stands()).to_series().to_list() == [True, True, True, False, True, True, True, False]


def test_each_payer_is_told_by_its_article_and_words_and_a_place_without_payer_by_none() -> None:
    found = with_payers(rows(row(), row(("16", None, 6_000), NONE, ("52", 1_000, 5_000)), row()), LAW)
    assert found["left_yen"].to_list() == [18_000, 5_000, 18_000]
    assert found.select(pl.col("^payer_article_.$")).row(1) == (
        "障害者総合支援法58条", None, "児童福祉法19条の2", None,
    )  # fmt: skip
    assert found.select(pl.col("^payer_words_.$")).row(1) == (
        "法別16 育成医療、一部負担6000円", None, "法別52 小児慢性特定疾病医療、一部負担5000円", None,
    )  # fmt: skip
    told = [name for name in found.columns if name.startswith("payer_")]
    assert told == [
        *(f"payer_article_{payer}" for payer in range(1, 5)),
        *(f"payer_words_{payer}" for payer in range(1, 5)),
        "payer_fault",
    ]
    assert found.select(told).row(0) == found.select(told).row(2) == (None,) * 9
    assert found.columns == [*rows().columns, *told, "left_yen"]


def test_a_receipt_without_other_payers_keeps_its_place_among_the_others() -> None:
    given = [row(line_no=9), row(("52", None, 10_001), line_no=3), row(line_no=1), row(("23", 1, 8_700), line_no=2)]
    found = with_payers(rows(*given), LAW)
    assert found.select("line_no", "payer_fault").rows() == [(9, None), (3, "HA"), (1, None), (2, "H2")]


def test_yen_are_wrong_where_no_copay_is_said_or_what_is_borne_is_not_what_goes() -> None:
    assert faults(row(("52", None, None)), row(("52", 8_001, 10_000)), row(("52", 8_000, 10_000))) == ["H2", "H2", None]
    second = [row(("16", 12_000, 6_000), ("52", yen, 5_000)) for yen in (None, 1_000, 999)]
    assert faults(*second) == [None, None, "H2"]


def test_yen_without_a_number_are_wrong_but_for_those_of_the_first_place() -> None:
    first = row(("16", None, 6_000))
    assert faults(
        row((None, 7_000, None)),
        row((None, None, 7_000)),
        first | row(NONE, (None, 0, 0)) | {"rcpt_other_public_payer_no": "16110000"},
        row((None, 1, None), (None, 1, None)),
        row(NONE, (None, None, 1)),
        row(NONE, NONE, (None, 0, None)),
        row(NONE, NONE, NONE, (None, None, -1)),
        row((None, 7_000, None), ("52", None, 500)),
    ) == [None, None, "H2", "H2", "H2", None, "H2", None]


def test_a_copay_stays_within_the_rate_and_at_a_ceiling_or_what_was_left() -> None:
    """小児慢性特定疾病: 20 %, or 500, 1,250, 2,500, 5,000, 10,000 or 15,000 yen."""
    said = {12_000: None, 12_001: "HA", 10_000: None, 9_999: "HA", 5_000: None, 500: None, 499: "HA", 0: "HA"}
    assert faults(*(row(("52", None, copay)) for copay in said)) == list(said.values())
    dear = [row(("52", None, copay), rcpt_total_medical_cost_yen=100_000) for copay in (15_000, 15_001, 18_000)]
    assert faults(*dear) == [None, "HA", "HA"]
    assert faults(row(("52", None, 18_000), rcpt_total_medical_cost_yen=90_000)) == ["HA"]
    cheap = [row(("52", None, copay), rcpt_self_pay_yen=own) for copay, own in ((700, 700), (700, 900))]
    assert faults(*cheap) == [None, "HA"]


def test_a_payer_without_ceilings_is_held_to_its_rate_alone_and_one_without_a_rate_to_nothing() -> None:
    said = {("16", 6_000): None, ("16", 6_001): "HA", ("16", 1): None, ("23", 17_999): None, ("12", 0): None}
    assert faults(*(row((code, None, copay)) for code, copay in said)) == list(said.values())
    assert faults(row(("12", None, 1)), row(("38", None, 18_000)), row(("23", None, 18_001))) == ["HA", None, "HA"]
    assert faults(row(("23", None, -1))) == ["HA"]


def test_a_single_ceiling_is_a_ceiling() -> None:
    """Where the rate is not known, less than the ceiling may be the share of that rate."""
    said = [(20, 5_000, None), (20, 4_999, "HA"), (20, 5_001, "HA"), (None, 4_999, None), (None, 5_001, "HA")]
    for rate, copay, fault in said:
        one = {"law_code": "23", "rate_percent": rate, "ceiling_yen": 5_000, "whose": "ひとつだけ"}
        found = with_payers(rows(row(("23", None, copay))), law_with(public_payers__ceilings=[one]))
        assert found["payer_fault"].to_list() == [fault], (rate, copay)


def test_what_the_last_of_four_leaves_is_left() -> None:
    four = row(*((code, None, copay) for code, copay in (("21", 900), ("16", 800), ("23", 700), ("54", 600))))
    assert with_payers(rows(four), LAW)["left_yen"].to_list() == [600]


def test_payers_stand_in_the_order_of_the_law_whatever_stands_between_them() -> None:
    def pair(first: str, second: str) -> dict[str, object]:
        return row((first, None, 500), NONE, (second, None, 500), rcpt_total_medical_cost_yen=6_000_000)

    order = ("21", "16", "23", "52", "54", "51", "38")
    assert faults(*(pair(*two) for two in pairwise(order))) == [None] * 6
    assert faults(*(pair(*two[::-1]) for two in pairwise(order))) == ["HA"] * 6
    assert faults(pair("52", "52"), row(("99", None, 500)), row(("23", None, 0), ("53", None, 0))) == ["HA", "HA", None]


def test_the_order_of_one_receipt_says_nothing_about_the_next() -> None:
    assert faults(row(("53", None, 0)), row(("16", None, 500)), row(("52", None, 500))) == [None, None, None]


def test_the_law_is_that_of_the_service_month() -> None:
    months = [date(2014, 12, 1), date(2015, 1, 1), date(2009, 4, 1), date(2026, 8, 1)]
    assert faults(*(row(("52", None, 10_000), service_month=month) for month in months)) == ["HA", None, "HA", None]


def test_a_sum_that_is_wrong_is_said_before_a_law_that_does_not_allow_it() -> None:
    one_wrong = row(("52", 1, 10_001), ("16", None, 500))
    other_wrong = row(("52", None, 10_001), ("54", 1, 500))
    assert faults(one_wrong, other_wrong, row(("99", None, None))) == ["H2", "H2", "H2"]
