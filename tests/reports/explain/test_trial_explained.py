"""The words of a trial: counts and yen of every turn, the biggest differences, and no whole number of a child."""

from datetime import date

from reports.explain.trial import Biggest, Tried, Turn, masked, trial_text

CHILD = "000000012345678"
FOUND = Tried(
    children=2,
    entitlements=[Turn("資格あり 該当", "資格なし 所得超過", 3)],
    lines=[Turn("支給 支給", "不支給 資格期間外", 12, 34_000, 0), Turn("なし", "支給 支給", 1, 0, 500)],
    shares=[Turn("県補助の対象", "所得が限度額を超える", 4, 6_400, 0)],
    biggest=[Biggest(CHILD, date(2026, 6, 1), "医科外来 支給額", "支給 支給", "不支給 資格期間外", 3_000, 0)],
    missing=["レセプト"],
)


def test_every_turn_is_counted_with_its_yen() -> None:
    lines = trial_text(FOUND).splitlines()
    assert "  まだ届いていない: レセプト" in lines
    assert "資格: 2人" in lines
    assert "  資格あり 該当 → 資格なし 所得超過: 3期間" in lines
    assert "判定(支給額): 13件 34,000円 → 500円 差 ▲33,500円" in lines
    assert "  支給 支給 → 不支給 資格期間外: 12件 差 ▲34,000円" in lines
    assert "県補助(県費): 4件 6,400円 → 0円 差 ▲6,400円" in lines


def test_a_child_is_named_by_four_digits() -> None:
    text = trial_text(FOUND)
    assert text.endswith("***********5678 令和8年6月 医科外来 支給額: 支給 支給 3,000円 → 不支給 資格期間外 0円\n")
    assert CHILD not in text
    assert masked("123") == "123"


def test_nothing_that_differs_is_three_zeros() -> None:
    assert trial_text(Tried(0, [], [], [], [], [])).splitlines()[1:] == [
        "資格: 0人",
        "判定(支給額): 0件 0円 → 0円 差 0円",
        "県補助(県費): 0件 0円 → 0円 差 0円",
    ]
