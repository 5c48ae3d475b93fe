"""Each night the bank's answers are entered or handed to a person, line by line, however often the night runs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from assets.payment import rules
from pipelines.definitions import defs
from resources.house import House
from resources.keys import OPERATOR, KeyRing, key_file
from resources.ledger import Ledger
from resources.ledger_batches import Release
from schemas.records.feeds import BANK_RESULTS
from schemas.records.payment import RESULTS_ENTERED, RESULTS_WORK
from tests.resources.children import payment_entries
from tests.support.deliveries import Office
from tests.support.month import living_in

FIRST, SECOND = date(2026, 11, 2), date(2026, 11, 4)
VALUE_DATE = date(2026, 10, 30)
NIGHT = ["bank_results", "bank_results_refused", "bank_results_entered", "bank_results_work"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A production home that handed five payments over, and has a sixth in no batch."""
    (tmp_path / "home").mkdir()
    with living_in(tmp_path / "home") as house, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KODOMO_MODE", "production")
        KeyRing.create(key_file(), OPERATOR)
        ledger = house.ledger
        ledger.enter_orders(payment_entries(6), run_id="r")
        numbers = ledger.loose_orders(VALUE_DATE)["payment_no"].to_list()[:5]
        batch = ledger.prepare(VALUE_DATE, numbers, "a" * 64, person="甲")
        ledger.approve(batch.batch_no, batch.digest, batch.orders, batch.total_yen, person="乙")
        ledger.seal(batch.batch_no, batch.digest, person="乙")
        with ledger.writing() as connection:
            release = Release(batch.batch_no, batch.digest, "age1", "c" * 64, "丙", ledger.now())
            ledger.enter_release(connection, release)
        yield house


def lay(house: House, tmp_path: Path, day: date, results: list[str], **changes: pl.Expr) -> None:
    """A delivery of answers to the first payments, one result each."""
    told = pl.DataFrame({"result": results}, schema={"result": pl.String})
    orders = house.ledger.orders().head(len(results)).with_columns(told["result"], reason_text=pl.lit(None, pl.String))
    rows = orders.with_columns(**changes).select(BANK_RESULTS.names)
    Office(tmp_path / "home" / "inbox", BANK_RESULTS.name).lay(rows, as_of=day, sequence=1 + (day > FIRST))


def night(day: date) -> dict[str, bool]:
    """The bank's part of a night; its checks and whether each passed."""
    job = defs.resolve_job_def("nightly")
    with dg.DagsterInstance.ephemeral() as instance:
        ended = job.execute_in_process(
            partition_key=f"{day}",
            instance=instance,
            raise_on_error=False,
            asset_selection=[dg.AssetKey(name) for name in NIGHT],
        )
        return {check.check_name: check.passed for check in ended.get_asset_check_evaluations()}


def tables(house: House, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What was entered that night, and what is for a person."""
    return house.shelf.read(RESULTS_ENTERED, f"{day}"), house.shelf.read(RESULTS_WORK, f"{day}")


def test_what_fits_is_entered_and_the_rest_is_for_a_person(house: House, tmp_path: Path) -> None:
    row = pl.col("payment_no").cast(pl.Int64)
    one_yen = pl.when(row == 3).then(pl.col("amount_yen") + 1).otherwise("amount_yen")
    lay(house, tmp_path, FIRST, ["0", "2", "0", "0", "0", "0"], amount_yen=one_yen)
    assert night(FIRST)["every_answer_is_in_the_ledger_or_on_the_work_list"]
    entered, work = tables(house, FIRST)
    assert list(entered.select("payment_no", "result").iter_rows()) == [
        (f"{number:010d}", result) for number, result in ((1, "0"), (2, "2"), (4, "0"), (5, "0"))
    ]
    assert list(work.select("payment_no", "trouble").iter_rows()) == [
        ("0000000003", "金額が違う"),
        ("0000000006", "引き渡した振込データにない支払"),
    ]
    assert house.ledger.results().height == 4
    assert house.ledger.unanswered(VALUE_DATE)["payment_no"].to_list() == ["0000000003"]


def test_a_night_run_again_after_later_nights_gives_the_same_rows(house: House, tmp_path: Path) -> None:
    lay(house, tmp_path, FIRST, ["0", "2"])
    night(FIRST)
    before = tables(house, FIRST)
    lay(house, tmp_path, SECOND, ["K", "0"])
    night(SECOND)
    entered, work = tables(house, SECOND)
    assert entered["result"].to_list() == ["K"]
    assert work["trouble"].to_list() == ["振込不能の後の振込済"]
    journal = house.ledger.journal()
    night(FIRST)
    night(SECOND)
    for again, first in zip(tables(house, FIRST), before, strict=True):
        assert again.equals(first)
    assert tables(house, SECOND)[1].equals(work)
    assert house.ledger.journal().equals(journal)


@pytest.mark.parametrize("lost", ["the ledger", "the work list"])
def test_a_line_that_is_nowhere_fails_the_night(
    house: House, tmp_path: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(house, tmp_path, FIRST, ["0", "0", "0", "0", "0", "0"])
    if lost == "the ledger":
        told = Ledger.results
        monkeypatch.setattr(Ledger, "results", lambda ledger: told(ledger).head(1))
    else:
        whole = rules.sorted_out
        monkeypatch.setattr(rules, "sorted_out", lambda *frames: (whole(*frames)[0], RESULTS_WORK.empty()))
    assert not night(FIRST)["every_answer_is_in_the_ledger_or_on_the_work_list"]
