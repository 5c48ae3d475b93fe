"""Four months of a production home in which the bank gives two payments back: each guardian is asked for an account
once, the one who states a new one is paid there, and every obligation is paid at most once.

The ledger's clock is set to the days of the story; the rest of the machine keeps its own.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

import dagster as dg
import polars as pl
import pyrage
import pytest
from rich.console import Console
from typer.testing import CliRunner

from assets.calendar import key_of, keys_between
from assets.months import last_day, next_month
from assets.payment.rules import last_business_day
from pipelines.batch import approved, erased, released, sealed
from pipelines.city.city import generate
from pipelines.cli import app
from pipelines.definitions import defs
from pipelines.runs import Exit, Outcome, run_all
from reports.certificate.signed import public_text
from resources.house import House
from resources.keys import OPERATOR, KeyRing, key_file
from resources.ledger_attempts import AFTER_RETURN
from resources.ledger_journal import DECIDED as OWED
from resources.ledger_journal import PAID, RECALLED, RETURNED
from resources.ledger_states import State
from resources.ledger_tables import CASH, EXPENSE, IN_TRANSIT, PAYABLE
from resources.release import JAPAN, file_name_of
from schemas.records.certificate import CERTIFICATE
from schemas.records.feeds import APPLICATIONS, BANK_RESULTS, FEEDS, accepted
from schemas.records.notices import LETTERS, PIECES
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT, RESULTS_ENTERED, RESULTS_WORK, WORK
from schemas.records.register import REGISTRATIONS
from schemas.records.statistics import EQUATIONS, FIGURES
from tests.reports.zengin.zengin_reader import Transfer, read_transfer
from tests.support.deliveries import CITY, Office
from tests.support.month import digests, living_in, take_nights, volumes

pytestmark = [pytest.mark.xdist_group("again"), pytest.mark.slow, pytest.mark.timeout(3600)]
DECIDED, BETWEEN, ASKED, AGAIN = (date(2026, month, 1) for month in (6, 7, 8, 9))
MONTHS = (DECIDED, BETWEEN, ASKED, AGAIN)
ANSWERED, RECALL, SECOND, LAST = date(2026, 8, 4), date(2026, 8, 10), date(2026, 9, 4), date(2026, 11, 4)
NIGHT = ["bank_results", "bank_results_refused", "bank_results_entered", "bank_results_work"]
MONEY = [record.name for record in (ORDERS, PREFLIGHT, WORK, BANK_FILES, FIGURES, EQUATIONS, CERTIFICATE)]
CHILDREN, SEED = 120, 5
YUCHO = "9900"
BANK = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]
_REASONS = {"2": "該当口座なし", "K": "組戻済"}


def evening(day: date) -> datetime:
    return datetime.combine(day, time(20, tzinfo=JAPAN))


@dataclass
class Clock:
    """What the ledger takes for now."""

    now: datetime


@dataclass(frozen=True)
class Snapshot:
    """Every generation on the shelf, every file that goes out, every order and every entry."""

    volumes: list[tuple[object, ...]]
    outbox: dict[str, str]
    orders: list[tuple[object, ...]]
    journal: list[tuple[object, ...]]


@dataclass(frozen=True)
class Lived:
    """The home, how its months ended, whether the bank's nights ended well, the two payments that came back, the
    account that the guardian of the first stated afterwards, and the home before and after everything ran again."""

    place: Path
    ends: list[Outcome]
    nights: list[bool]
    returned_no: str
    recalled_no: str
    new_account: str
    before: Snapshot
    once_more: Snapshot


@contextmanager
def production(place: Path) -> Iterator[House]:
    with living_in(place) as house, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KODOMO_MODE", "production")
        yield house


def value_date_of(month: date) -> date:
    """The day of the file that a month makes."""
    return last_business_day(next_month(month))


def two_to_come_back(orders: pl.DataFrame) -> list[str]:
    """The first two payments to guardians with only this one, at a bank whose account numbers have no form of their
    own."""
    alone = orders.filter((pl.len().over("guardian_resident_code") == 1) & (pl.col("bank_code") != YUCHO))
    return alone.sort("payment_no")["payment_no"].head(2).to_list()


def tables_made(job: str, key: str, tables: Iterable[str]) -> bool:
    """Some tables of a night or a month; whether they were made with every check passed."""
    with dg.DagsterInstance.ephemeral() as instance:
        ended = defs.resolve_job_def(job).execute_in_process(
            partition_key=key,
            instance=instance,
            raise_on_error=False,
            asset_selection=[dg.AssetKey(name) for name in tables],
        )
        checks = ended.get_asset_check_evaluations()
        return ended.success and bool(checks) and all(check.passed for check in checks)


def bank_night(day: date) -> bool:
    """The bank's part of a night; whether it ended well with every check."""
    return tables_made("nightly", f"{day}", NIGHT)


@dataclass(frozen=True)
class Story:
    """A home whose ledger lives by a clock of ours, and how its months and the bank's nights ended so far."""

    house: House
    place: Path
    clock: Clock
    ends: list[Outcome] = field(default_factory=list)
    nights: list[bool] = field(default_factory=list)

    def month(self, month: date) -> None:
        """The month is decided on its last day; two other people bring its file to the bank and its plaintext goes."""
        self.clock.now = evening(last_day(month))
        self.ends.append(run_all("monthly", [key_of(month)], Console(stderr=True)))
        (batch,) = self.house.ledger.standing_batches(value_date_of(month))
        approved(self.house, batch.batch_no, "乙")
        sealed(self.house, batch.batch_no, "乙")
        released(self.house, batch.batch_no, "丙", str(BANK.to_public()))
        erased(self.house, batch.batch_no, "乙")

    def paid_until(self, value_date: date) -> dict[str, str]:
        """振込済 for everything handed over up to a value date that has no answer yet."""
        return dict.fromkeys(self.house.ledger.unanswered(value_date)["payment_no"], "0")

    def answers(self, day: date, results: dict[str, str]) -> None:
        """The bank delivers a result for each of these payments, and the night takes them."""
        self.clock.now = evening(day)
        orders = self.house.ledger.orders().filter(pl.col("payment_no").is_in(list(results)))
        result = pl.col("payment_no").replace_strict(results, return_dtype=pl.String)
        reason = result.replace_strict(_REASONS, default=None, return_dtype=pl.String)
        told = orders.with_columns(result.alias("result"), reason.alias("reason_text"))
        office = Office(self.place / "inbox", BANK_RESULTS.name)
        office.lay(told.select(BANK_RESULTS.names), sequence=len(self.nights) + 1, as_of=day)
        self.nights.append(bank_night(day))


def lay_new_account(house: House, place: Path, payment_no: str) -> str:
    """On the last day of the month the guardian of a payment applies with another account at the same branch."""
    (order,) = house.all_before(ORDERS, AGAIN).filter(payment_no=payment_no).to_dicts()
    (child,) = house.shelf.read(REGISTRATIONS, key_of(ASKED)).filter(beneficiary_no=order["beneficiary_no"]).to_dicts()
    filed = house.shelf.read_many(accepted(APPLICATIONS), keys_between(DECIDED, last_day(ASKED)))
    last = filed.filter(application_no=child["application_no"]).tail(1)
    number, day = f"{int(order['account_number']) + 1:07d}", last_day(AGAIN)
    stated = last.with_columns(
        pl.lit("N00000001").alias("application_no"),
        pl.lit("03").alias("application_type"),
        pl.lit("99").alias("application_reason"),
        pl.lit(day).alias("application_date"),
        pl.lit(day).alias("event_date"),
        pl.lit(number).alias("account_number"),
    )
    sequence = len(keys_between(DECIDED, day)) + 1
    rows = stated.select(FEEDS[APPLICATIONS.name].names)
    Office(place / "inbox", APPLICATIONS.name).lay(rows, sequence=sequence, as_of=day)
    return number


def snapshot(house: House, place: Path) -> Snapshot:
    return Snapshot(
        volumes(place), digests(place / "outbox"), house.ledger.orders().rows(), house.ledger.journal().rows()
    )


def run_again() -> None:
    """Once more: every night of the bank, what the earlier months say of money, and the last month."""
    assert [bank_night(day) for day in (ANSWERED, RECALL, SECOND, LAST)] == [True] * 4
    assert [tables_made("monthly", key_of(month), MONEY) for month in MONTHS[:3]] == [True] * 3
    assert run_all("monthly", [key_of(AGAIN)], Console(stderr=True)).exit is Exit.DONE


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    place, clock = tmp_path_factory.mktemp("again"), Clock(evening(DECIDED))
    generate(place, municipality=CITY, children=CHILDREN, first=MONTHS[0], last=MONTHS[-1], seed=SEED)
    with production(place) as house, pytest.MonkeyPatch.context() as patch:
        KeyRing.create(key_file(), OPERATOR)
        patch.setattr(house.ledger, "_clock", lambda: clock.now)
        story = Story(house, place, clock)
        for month in (DECIDED, BETWEEN):
            take_nights(house, keys_between(month, last_day(month)))
            story.month(month)
        first = house.shelf.read(ORDERS, key_of(DECIDED)).filter(value_date=value_date_of(DECIDED))
        returned_no, recalled_no = two_to_come_back(first)
        take_nights(house, keys_between(ASKED, last_day(ASKED)))
        story.answers(ANSWERED, story.paid_until(value_date_of(DECIDED)) | {returned_no: "2"})
        story.answers(RECALL, {recalled_no: "K"})
        story.month(ASKED)
        new_account = lay_new_account(house, place, returned_no)
        take_nights(house, keys_between(AGAIN, last_day(AGAIN)))
        story.answers(SECOND, story.paid_until(value_date_of(BETWEEN)))
        story.month(AGAIN)
        story.answers(LAST, story.paid_until(value_date_of(AGAIN)) | {returned_no: "0"})
        before = snapshot(house, place)
        run_again()
        again = snapshot(house, place)
        yield Lived(place, story.ends, story.nights, returned_no, recalled_no, new_account, before, again)


@pytest.fixture
def house(lived: Lived) -> Iterator[House]:
    with production(lived.place) as house:
        yield house


def account_letters(house: House, month: date) -> pl.DataFrame:
    return house.shelf.read(LETTERS, key_of(month)).filter(kind="account")


def ordered_again(house: House) -> dict[str, object]:
    """The one order that is a second attempt."""
    (order,) = house.ledger.orders().filter(pl.col("attempt") > 1).to_dicts()
    return order


def transfers(place: Path, month: date) -> list[Transfer]:
    """What the bank reads in the file of a month."""
    day = value_date_of(month)
    (file,) = (place / "handover" / CITY).glob(f"{file_name_of(f'{CITY}-{day:%Y%m%d}-*')}.age")
    plain = pyrage.decrypt(file.read_bytes(), [BANK])  # type: ignore[attr-defined]
    return list(read_transfer(plain, b"\r\n").transfers)


def equation(house: House, month: date, name: str) -> tuple[int, int, int]:
    """Rows, yen and broken rows of an equation of a month's certificate."""
    (row,) = house.shelf.read(CERTIFICATE, key_of(month)).filter(equation=name).to_dicts()
    return row["left_rows"], row["left_yen"], row["broken"]


def events(house: House, payment_no: str) -> list[str]:
    """What the journal tells of a payment, in order."""
    return house.ledger.journal().filter(reference=payment_no)["event"].to_list()


def test_every_month_and_every_night_of_the_bank_ends_well(lived: Lived) -> None:
    assert [(end.exit, end.sentences) for end in lived.ends] == [(Exit.DONE, ())] * len(MONTHS)
    assert lived.nights == [True] * 4


def test_the_night_enters_what_the_bank_answered_and_leaves_no_work(lived: Lived, house: House) -> None:
    for day in (ANSWERED, RECALL, SECOND):
        assert house.shelf.read(RESULTS_WORK, f"{day}").is_empty()
    entered = house.shelf.read(RESULTS_ENTERED, f"{ANSWERED}")
    (batch,) = house.ledger.batches(value_date_of(DECIDED))
    assert entered["payment_no"].to_list() == house.ledger.batch_orders(batch.batch_no)["payment_no"].to_list()
    back = entered.filter(pl.col("result") != "0").select("payment_no", "result", "reason_text")
    assert back.rows() == [(lived.returned_no, "2", _REASONS["2"])]
    assert house.shelf.read(RESULTS_ENTERED, f"{RECALL}").select("payment_no", "result").rows() == [
        (lived.recalled_no, "K")
    ]


def test_exactly_the_guardians_of_what_came_back_are_asked_once(lived: Lived, house: House) -> None:
    back = [lived.returned_no, lived.recalled_no]
    asked = {month: sorted(account_letters(house, month)["subject_key"]) for month in MONTHS}
    assert asked == {DECIDED: [], BETWEEN: [], ASKED: sorted(back), AGAIN: []}
    orders = house.shelf.read(ORDERS, key_of(DECIDED)).filter(pl.col("payment_no").is_in(back)).sort("payment_no")
    letters = account_letters(house, ASKED).sort("subject_key")
    assert letters["guardian_resident_code"].equals(orders["guardian_resident_code"])
    printed = house.shelf.read(PIECES, key_of(ASKED)).filter(kind="account")["document_no"]
    assert sorted(printed) == sorted(letters["document_no"])


def test_the_certificates_account_for_the_answers_and_for_what_came_back(lived: Lived, house: House) -> None:
    amounts = dict(house.ledger.orders().select("payment_no", "amount_yen").iter_rows())
    back = (2, amounts[lived.returned_no] + amounts[lived.recalled_no], 0)
    assert [equation(house, month, "returned") for month in MONTHS] == [(0, 0, 0), (0, 0, 0), back, back]
    first, second = (house.ledger.batches(value_date_of(month))[0] for month in (DECIDED, BETWEEN))
    due = [(0, 0, 0), (first.orders, first.total_yen, 0)]
    due += [(first.orders + second.orders, first.total_yen + second.total_yen, 0)]
    assert [equation(house, month, "answered") for month in MONTHS[:3]] == due


@pytest.mark.parametrize("month", MONTHS, ids=key_of)
def test_the_certificate_of_each_month_is_verified(lived: Lived, house: House, month: date) -> None:
    (path,) = (lived.place / "outbox").rglob(f"certificate_{key_of(month)}.json")
    key = public_text(house.signing_key.public_key())
    done = CliRunner().invoke(app, ["verify", str(path), "--key", key])
    assert (done.exit_code, "残差 0件 0円" in done.output) == (0, True)


def test_one_order_is_made_again_for_the_new_account(lived: Lived, house: House) -> None:
    (old,) = house.ledger.orders().filter(payment_no=lived.returned_no).to_dicts()
    new = ordered_again(house)
    assert (new["attempt"], new["replaces_no"], new["decided_month"]) == (2, lived.returned_no, AGAIN)
    same = ("subject_kind", "subject_key", "amount_yen", "bank_code", "branch_code", "account_holder_kana")
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    assert new["account_number"] == lived.new_account != old["account_number"]
    told = house.shelf.read(ORDERS, key_of(AGAIN)).filter(pl.col("attempt") > 1)
    assert told["payment_no"].to_list() == [new["payment_no"]]


def test_its_file_alone_carries_it_with_the_same_yen_and_the_new_account(lived: Lived, house: House) -> None:
    (old,) = house.ledger.orders().filter(payment_no=lived.returned_no).to_dicts()
    number = str(ordered_again(house)["payment_no"])
    carried = {month: [each for each in transfers(lived.place, month) if each.customer_1 == number] for month in MONTHS}
    assert {month: len(found) for month, found in carried.items()} == dict.fromkeys(MONTHS[:3], 0) | {AGAIN: 1}
    (sent,) = carried[AGAIN]
    assert (sent.yen, sent.account.zfill(7)) == (old["amount_yen"], lived.new_account)


def test_the_money_goes_out_once_for_each_obligation_and_the_journal_balances(lived: Lived, house: House) -> None:
    orders, journal = house.ledger.orders(), house.ledger.journal()
    subject, sign = pl.concat_str("subject_kind", "subject_key", separator=":"), {PAID: 1, RECALLED: -1}
    of_order = orders.select("payment_no", subject.alias("subject"))
    out = journal.filter(pl.col("event").is_in(list(sign))).join(of_order, left_on="reference", right_on="payment_no")
    yen = pl.col("amount_yen") * pl.col("event").replace_strict(sign, return_dtype=pl.Int64)
    paid_out = dict(out.group_by("subject").agg(yen.sum()).iter_rows())
    sent = house.ledger.batched_orders().filter(attempt=1)
    owed = dict(sent.select(subject, "amount_yen").iter_rows())
    (waiting,) = orders.filter(payment_no=lived.recalled_no).select(subject.alias("subject"), "amount_yen").rows()
    assert paid_out == owed | {waiting[0]: 0}
    balance = {
        account: int(journal.filter(debit_account=account)["amount_yen"].sum())
        - int(journal.filter(credit_account=account)["amount_yen"].sum())
        for account in (EXPENSE, PAYABLE, IN_TRANSIT, CASH)
    }
    decided, cash = journal.filter(event=OWED)["amount_yen"].sum(), sum(paid_out.values())
    assert balance == {EXPENSE: decided, PAYABLE: cash - decided, IN_TRANSIT: 0, CASH: -cash}
    assert decided - cash == waiting[1] + house.ledger.unbatched(date.max)["amount_yen"].sum()


def test_each_payment_that_came_back_tells_its_own_story(lived: Lived, house: House) -> None:
    assert events(house, lived.returned_no) == [OWED, RETURNED]
    assert events(house, lived.recalled_no) == [OWED, PAID, RECALLED]
    assert events(house, str(ordered_again(house)["payment_no"])) == [PAID]


def test_an_answer_that_the_first_was_paid_after_all_moves_nothing_and_is_work(lived: Lived, house: House) -> None:
    work = house.shelf.read(RESULTS_WORK, f"{LAST}").select("payment_no", "result", "trouble")
    assert work.rows() == [(lived.returned_no, "0", AFTER_RETURN)]
    assert house.ledger.contradicted() == {lived.returned_no, str(ordered_again(house)["payment_no"])}


def test_every_file_was_handed_over_once_and_lies_nowhere_in_plain(lived: Lived, house: House) -> None:
    assert [batch.state for batch in house.ledger.batches()] == [State.ERASED] * len(MONTHS)
    assert list((lived.place / "outbox").rglob("zengin_*")) == []


def test_the_nights_and_the_months_run_again_after_all_of_it_change_nothing(lived: Lived) -> None:
    assert lived.once_more == lived.before
