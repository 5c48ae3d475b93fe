"""What happened to other cities' transfer files, beside the naive way that lets it happen again."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyrage
import pytest

from assets.payment.alarms import waiting_batches
from resources.database import open_engine, sqlite_url
from resources.ledger_checks import LedgerError
from resources.ledger_states import State
from resources.ledger_tables import BATCH_ORDERS
from resources.outbox import OutboxError
from resources.release import Releases, file_name_of
from tests.incidents.test_incidents_of_money import COSTLY, ordered
from tests.resources.children import bank_bytes, clock, payment_entries, prepare, releases
from tests.support.cases import LAW, answer, claim, decided_claims

DAY, DEADLINE = date(2026, 10, 30), date(2026, 10, 27)
BANK, STRANGER = (pyrage.x25519.Identity.generate() for _ in range(2))  # type: ignore[attr-defined]
RECIPIENT = str(BANK.to_public())


def home(place: Path, environment: str = "production") -> Releases:
    return releases(open_engine(sqlite_url(place / "kodomo.sqlite")), place, environment)


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Releases]:
    hand = home(tmp_path)
    yield hand
    hand.ledger.engine.dispose()


def sealed(hand: Releases) -> str:
    """A batch of five orders, approved and sealed."""
    hand.ledger.enter_orders(payment_entries(5), run_id="r")
    number = prepare(hand, DAY)
    assert number is not None
    hand.approve(number, person="乙")
    hand.seal(number, person="乙")
    return number


def send(hand: Releases, number: str) -> bytes:
    """Hand it over and pick it up, as the bank's transmission does: the folder is empty afterwards."""
    file = hand.release(number, RECIPIENT, deadline=DEADLINE, person="丙")
    content = file.read_bytes()
    file.unlink()
    return content


def naively_sent(outbox: Path) -> list[bytes]:
    """Send what lies in the outbox."""
    return [path.read_bytes() for path in sorted(outbox.rglob("zengin_*.txt"))]


def test_inc_01_a_transfer_sent_again_pays_nobody_twice(hand: Releases) -> None:
    """仙台市 2023-02-15: the data went twice, 1,522 people were paid twice, a recipient noticed."""
    number = sealed(hand)
    naive = naively_sent(hand.outbox.root) + naively_sent(hand.outbox.root)
    assert len(naive) == 2

    sent = [send(hand, number)]
    for person in ("丙", "丁"):
        with pytest.raises(LedgerError, match="丙 が引き渡しました"):
            hand.release(number, RECIPIENT, deadline=DEADLINE, person=person)
    assert len(sent) == 1
    assert list(hand.handover.iterdir()) == []


def test_inc_01_a_trial_of_the_transmission_cannot_send(tmp_path: Path) -> None:
    """仙台市 2023-02-15: the test of 2/9 left real data behind; one ward alone was in test mode."""
    trial = home(tmp_path, "test")
    number = sealed(trial)
    assert naively_sent(trial.outbox.root)
    with pytest.raises(LedgerError, match="試験環境"):
        send(home(tmp_path, "production"), number)
    assert not trial.handover.exists()


def test_inc_02_a_file_nobody_sent_is_told_the_day_before(hand: Releases) -> None:
    """仙台市: 382 people, 14,522,263円, not paid: everybody thought it had been sent."""
    number = sealed(hand)
    naive_all_is_well = hand.ledger.unbatched(DAY).is_empty() and bool(naively_sent(hand.outbox.root))
    assert naive_all_is_well

    (told,) = waiting_batches(LAW, hand.ledger.batches(), date(2026, 10, 26))
    assert f"{number}(確定済み" in told
    send(hand, number)
    assert waiting_batches(LAW, hand.ledger.batches(), date(2026, 10, 26)) == []


def test_inc_10_nothing_is_paid_before_the_high_cost_benefit_is_decided(hand: Releases) -> None:
    """延岡市 2024: paid before 高額療養費 was decided, and then the benefit came on top."""
    held, steps = decided_claims([claim(**COSTLY)])
    naive = COSTLY["partial"]
    waiting = ordered(held, steps)
    assert waiting.is_empty()

    told = answer(high_cost_benefit_yen=10_000, supplementary_benefit_yen=0)
    decided, steps = decided_claims([claim(**COSTLY)], answers=[told])
    paid = ordered(decided, steps)
    assert naive - paid["amount_yen"].item() == 10_000
    hand.ledger.enter_orders(paid, run_id="r")
    with pytest.raises(LedgerError, match="違う支払が1件"):
        hand.ledger.enter_orders(paid.with_columns(amount_yen=pl.lit(naive, pl.Int64)), run_id="r2")


def test_inc_17_what_is_slipped_into_an_extraction_after_the_count_was_signed_stops_it(hand: Releases) -> None:
    """延岡市 R3: the vendor's extraction held people on 保留; nobody compared counts."""
    hand.ledger.enter_orders(payment_entries(5), run_id="r")
    number = prepare(hand, DAY)
    assert number is not None
    hand.approve(number, person="乙")
    hand.ledger.enter_orders(payment_entries(6), run_id="r2")
    naive = bank_bytes(hand.ledger.orders())
    assert naive.count(b"\n") == 1 + 6

    slipped = {"payment_no": "0000000006", "batch_no": number, "turn": 1}
    with pytest.raises(LedgerError, match="書き込めませんでした"), hand.ledger.writing() as connection:
        connection.execute(BATCH_ORDERS.insert().values(**slipped))
    assert hand.ledger.batch_orders(number).height == 5
    with pytest.raises(OutboxError, match="確定済み"):
        hand.outbox.write("2026-10", file_name_of(number), naive, purpose="総合振込", sealed=True)


def test_inc_29_a_lost_medium_tells_nothing_and_the_plaintext_is_gone(hand: Releases) -> None:
    """H29: a USB stick with 1,457 transfer rows in plain text was lost."""
    number = sealed(hand)
    (naive,) = naively_sent(hand.outbox.root)
    assert b"0000000005,104" in naive

    medium = send(hand, number)
    assert b"0000000005" not in medium
    with pytest.raises(pyrage.DecryptError):  # type: ignore[attr-defined]
        pyrage.decrypt(medium, [STRANGER])  # type: ignore[attr-defined]
    assert pyrage.decrypt(medium, [BANK]) == naive  # type: ignore[attr-defined]

    erased = hand.erase(number, person="乙")
    assert erased.state == State.ERASED
    assert naively_sent(hand.outbox.root) == []
    (_, _, _, _, (state, person, at)) = hand.ledger.people(number)
    assert (state, person, at) == (State.ERASED, "乙", clock())
    assert isinstance(at, datetime)
