"""`kodomo batch`: a bank file on its way out, one sentence per step.

Belongs here: the sentences. Does not belong here: what is allowed (resources/ledger_states.py, resources/release.py).
"""

from assets.payment.alarms import release_deadline
from resources.house import House
from resources.ledger_batches import Batch
from resources.ledger_states import STATE_LABELS


def listed(house: House) -> str:
    """One line per batch."""
    batches = house.ledger.batches()
    return "".join(f"{_line(batch)}\n" for batch in batches) or "振込データはありません\n"


def shown(house: House, batch_no: str) -> str:
    """A batch, its file's digest, its deadline, and who did what when."""
    batch = house.ledger.batch(batch_no)
    deadline = release_deadline(house.law, batch.value_date)
    lines = [_line(batch), f"sha256 {batch.digest}", f"引渡しの期限 {deadline}"]
    steps = [
        f"{STATE_LABELS[state]} {at:%Y-%m-%d %H:%M:%S}Z {person}" for state, person, at in house.ledger.people(batch_no)
    ]
    return "".join(f"{line}\n" for line in (*lines, *steps))


def approved(house: House, batch_no: str, person: str) -> str:
    """Approve it."""
    return _done(house.releases.approve(batch_no, person=person), "を承認しました")


def sealed(house: House, batch_no: str, person: str) -> str:
    """Seal it."""
    return _done(house.releases.seal(batch_no, person=person), "を確定しました")


def released(house: House, batch_no: str, person: str, recipient: str) -> str:
    """Hand it over."""
    deadline = release_deadline(house.law, house.ledger.batch(batch_no).value_date)
    file = house.releases.release(batch_no, recipient, deadline=deadline, person=person)
    return f"{_done(house.ledger.batch(batch_no), 'を引き渡しました')}: {file}"


def erased(house: House, batch_no: str, person: str) -> str:
    """Remove its plaintext."""
    return _done(house.releases.erase(batch_no, person=person), "の平文を消去しました")


def withdrawn(house: House, batch_no: str, person: str, reason: str) -> str:
    """Give its payments back for another file."""
    return _done(house.releases.withdraw(batch_no, reason, person=person), "を取り下げました")


def _done(batch: Batch, what: str) -> str:
    return f"振込データ {batch.batch_no}({batch.orders:,}件 {batch.total_yen:,}円){what}"


def _line(batch: Batch) -> str:
    trial = "" if batch.environment == "production" else " 試験"
    return (
        f"{batch.batch_no} {STATE_LABELS[batch.state]}{trial} 振込指定日 {batch.value_date}"
        f" {batch.orders:,}件 {batch.total_yen:,}円"
    )
