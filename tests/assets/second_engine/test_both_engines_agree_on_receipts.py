"""Rules and second engine over the same drawn receipts: not one reason or yen differs, and no yen is paid twice."""

from collections import Counter

import polars as pl
from hypothesis import Phase, given, settings

from assets.second_engine.differences import differences
from tests.assets.second_engine.drawn_receipts import Row, as_receipts, judged, ruled, sets
from tests.support.draws import draws

SAID = ["judgement", "reason", "amount_yen"]
KEY = ["child_resident_code", "service_month", "institution_code", "care"]
EVERY = {"P0", "N1", "E1", "E2", "E3", "D1", "H2", "H3", "H4", "H5", "H6", "H7", "HA", "R0", "R1", "R2"}
_YEN = pl.col("amount_yen")


def test_rules_and_second_engine_say_the_same_of_every_receipt_whatever_its_reason() -> None:
    met: Counter[str] = Counter()

    @settings(max_examples=14, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
    @given(sets)
    def same(rows: list[Row]) -> None:
        receipts = as_receipts(rows)
        decisions = ruled(receipts)
        found = differences(decisions, judged(receipts), ["delivery", "line_no"], SAID)
        assert found.is_empty(), found.rows()
        met.update(decisions["reason"])

    same()
    assert set(met) >= EVERY
    assert met["R0"] > 20


@draws(14, shrink=False)
@given(sets)
def test_no_key_falls_below_nothing_and_what_stands_of_it_is_no_more_than_one_receipt(rows: list[Row]) -> None:
    decisions = ruled(as_receipts(rows)).filter(pl.col("child_resident_code").is_not_null())
    paid, changed = pl.col("reason") == "P0", pl.col("reason") == "R0"
    stands = decisions.group_by(KEY).agg(
        _YEN.sum().alias("stands"),
        _YEN.filter(paid).max().fill_null(0).alias("most"),
        _YEN.filter(changed).clip(lower_bound=0).sum().alias("raised"),
    )
    assert stands.filter(pl.col("stands") < 0).is_empty()
    assert stands.filter(pl.col("stands") > pl.col("most") + pl.col("raised")).is_empty()
