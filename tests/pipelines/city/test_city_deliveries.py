"""What the city delivers: reproducible, readable by the adapters, complete, and wrong only where listed."""

import hashlib
import json
import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.city.calendar import Run
from pipelines.city.city import CitySummary, generate
from pipelines.city.imagined import imagined
from schemas.checkdigits import is_my_number
from schemas.feeds.adapter import Adapter
from schemas.records.feeds import CONTROL_YEN, FEEDS, accepted
from tests.pipelines.city.deliveries import Deliveries, data_files

pytestmark = pytest.mark.xdist_group("city")

MONTH = date(2026, 8, 1)


def _digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(tmp_path / name, children=150, first=MONTH, last=MONTH, seed=5, defects=0.02)
    one = _digest(tmp_path / "one")
    assert len(one) > 400
    assert one == _digest(tmp_path / "two")


def test_another_seed_makes_other_people() -> None:
    one, other = (imagined(150, Run(MONTH, MONTH), seed).kids for seed in (5, 6))
    assert one["birth_date"].to_list() != other["birth_date"].to_list()
    assert one["name"].to_list() != other["name"].to_list()


def test_without_defects_nothing_is_refused(tmp_path: Path) -> None:
    made = generate(tmp_path, children=150, first=MONTH, last=MONTH, seed=9)
    listed = pl.read_parquet(made.defects)
    assert listed.is_empty()
    assert made.defect_count == 0
    assert made.decisions == made.rows["receipts"] + made.rows["claims"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"children": 0},
        {"last": date(2026, 7, 1)},
        {"first": date(2026, 8, 2)},
        {"defects": 0.5},
    ],
)
def test_impossible_arguments_are_refused(tmp_path: Path, arguments: dict[str, object]) -> None:
    usual: dict[str, object] = {"children": 10, "first": MONTH, "last": MONTH, "seed": 1, "defects": 0.0}
    with pytest.raises(ValueError):
        generate(tmp_path, **{**usual, **arguments})  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_every_accepted_row_is_its_record(delivered: Deliveries) -> None:
    for feed, rows in delivered.items():
        valid = accepted(FEEDS[feed]).validated(
            rows.accepted.unique([*FEEDS[feed].key], keep="last", maintain_order=True)
        )
        assert valid.height > 0, feed


def test_exactly_the_listed_rows_are_refused_for_the_listed_rule(delivered: Deliveries, defects: pl.DataFrame) -> None:
    found = pl.concat(
        rows.refused.select(pl.lit(feed).alias("feed"), "file", "line_no", "rule") for feed, rows in delivered.items()
    )
    listed = defects.filter(pl.col("expected") == "refused").select("feed", "file", "line_no", "rule")
    order = ["feed", "file", "line_no"]
    assert found.sort(order).equals(listed.sort(order))
    assert listed["feed"].n_unique() >= 6


def test_control_files_state_rows_yen_and_digest_of_the_data(summary: CitySummary, delivered: Deliveries) -> None:
    for feed, rows in delivered.items():
        folder, extension = summary.inbox / "112038" / feed, Adapter.load(feed).extension
        controls = [json.loads((folder / f"{stem}.control.json").read_text("utf-8")) for stem in rows.stems]
        for stem, control in zip(rows.stems, controls, strict=True):
            data = (folder / f"{stem}.{extension}").read_bytes()
            assert control["sha256"] == hashlib.sha256(data).hexdigest()
            assert stem == f"{feed}_{control['load']}_{control['as_of'].replace('-', '')}_{control['sequence']:04d}"
        assert sum(control["rows"] for control in controls) == summary.rows[feed]
        own = sum(int(rows.accepted[item].sum()) for item in CONTROL_YEN.get(feed, ()))
        assert sum(control["yen"] for control in controls) == own + int(rows.refused["yen"].sum())


def test_daily_feeds_come_every_day_and_sequences_have_no_gap(summary: CitySummary, delivered: Deliveries) -> None:
    days = [date(2026, 6, 1) + timedelta(days=step) for step in range(92)]
    for feed, rows in delivered.items():
        order = sorted(rows.stems, key=lambda stem: int(stem[-4:]))
        assert [int(stem[-4:]) for stem in order] == list(range(1, len(order) + 1))
        told = [stem[-13:-5] for stem in order]
        assert told == sorted(told)
        due = Adapter.load(feed).due
        if due == "every_day":
            assert told == [f"{day:%Y%m%d}" for day in days]
        if due == "every_month":
            assert len(told) == 3


def test_no_number_of_12_digits_is_a_my_number(summary: CitySummary) -> None:
    for feed in summary.rows:
        adapter = Adapter.load(feed)
        text = "".join(path.read_bytes().decode(adapter.encoding) for path in data_files(summary, feed))
        fields = re.findall(r"(?<![0-9])[0-9]{12}(?![0-9])", text) if adapter.kind == "csv" else []
        assert [number for number in fields if is_my_number(number)] == []
        assert adapter.kind == "csv" or feed == "claims"


def test_no_item_of_a_claim_is_a_my_number(delivered: Deliveries) -> None:
    claims = delivered["claims"].accepted.select(pl.col(pl.String))
    twelve = [value for column in claims for value in column.drop_nulls().unique() if is_my_number(value)]
    assert twelve == []
    assert claims.height > 0


def test_a_key_stands_once_in_a_delivery(delivered: Deliveries) -> None:
    for feed, rows in delivered.items():
        assert not rows.accepted.select("delivery", *FEEDS[feed].key).is_duplicated().any()
