"""The release: an approved bank file leaves once, encrypted to the bank, whatever stops or starts on the way.

Belongs here: seal over the bytes in the outbox, hand-over through staging and witness, erasure. Does not belong here:
the rows of a batch (ledger_batches.py), what the file says (reports/zengin).

Order of a hand-over: ciphertext in staging, witness, row, commit, rename. The rename is the hand-over; a ciphertext is
never made again once the witness or the row names one.
"""

import os
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from resources.durable import make_directory, sync_directory, write_atomically
from resources.ledger import Ledger
from resources.ledger_batches import JAPAN, Batch, Release, named, refuse_earlier
from resources.ledger_checks import LedgerError
from resources.ledger_states import Event, refuse_unless_possible
from resources.outbox import Outbox, Sent, encrypt_for
from resources.witness import Witness

_STOP = "引渡しを止め、情報システム担当に連絡してください。"


def file_name_of(batch_no: str) -> str:
    """The name of a batch's file in the outbox."""
    return f"zengin_{batch_no}.txt"


class Releases:
    """The hand-overs of one municipality: `staging` and `handover` lie on one file system."""

    def __init__(self, ledger: Ledger, outbox: Outbox, witness: Witness, root: Path) -> None:
        self.ledger = ledger
        self.outbox = outbox
        self.witness = witness
        self.staging = root / "staging" / ledger.municipality
        self.handover = root / "handover" / ledger.municipality

    def approve(self, batch_no: str, *, person: str) -> Batch:
        """Approve the bytes that lie in the outbox, with the count and total of the batch."""
        batch = self.ledger.batch(batch_no)
        refuse_unless_possible(batch_no, batch.state, Event.APPROVE)
        digest = sha256(self._plaintext(batch)).hexdigest()
        return self.ledger.approve(batch_no, digest, batch.orders, batch.total_yen, person=person)

    def seal(self, batch_no: str, *, person: str) -> Batch:
        """Seal the approved bytes, which lie in the outbox."""
        batch = self.ledger.batch(batch_no)
        refuse_unless_possible(batch_no, batch.state, Event.SEAL)
        return self.ledger.seal(batch_no, sha256(self._plaintext(batch)).hexdigest(), person=person)

    def withdraw(self, batch_no: str, reason: str, *, person: str) -> Batch:
        """Take a batch back that was not handed over: its file is gone, its orders are free for another one.

        Raises LedgerError where a hand-over was begun: it is finished, not taken back.
        """
        with self.witness.locked(), self.ledger.writing() as connection:
            if batch_no in self.witness.releases():
                refuse_unless_possible(batch_no, self.ledger.batch(batch_no).state, Event.WITHDRAW)
                raise _unfinished(batch_no)
            self.ledger.enter_withdrawal(connection, batch_no, reason, person=person)
            file = self.outbox.find(file_name_of(batch_no))
            if file is not None:
                file.path.unlink(missing_ok=True)
                sync_directory(file.path.parent)
            self._clear_staging(batch_no)
        return self.ledger.batch(batch_no)

    def release(self, batch_no: str, recipient: str, *, deadline: date, person: str) -> Path:
        """Hand a sealed batch over, once for ever; the file the bank gets.

        A hand-over that was cut off is finished, not repeated. Raises LedgerError with the reason for any other.
        """
        releaser = named(person)
        with self.witness.locked():
            with self.ledger.writing() as connection:
                release, started = self._recorded(connection, batch_no)
                if release is None:
                    release = self._made(connection, batch_no, recipient, deadline, releaser)
            return self._handed_over(release, started)

    def erase(self, batch_no: str, *, person: str) -> Batch:
        """Remove the plaintext of a batch that was handed over, and record that it is gone."""
        named(person)
        with self.ledger.writing() as connection:
            release = self.ledger.release_of(connection, batch_no)
            refuse_unless_possible(batch_no, self.ledger.batch(batch_no).state, Event.ERASE)
            if release is not None and self._staged(release).exists():
                raise _unfinished(batch_no)
            file = self._file(batch_no)
            self.ledger.enter_erasure(connection, batch_no, file.path.name, file.bytes, person=person)
            file.path.unlink(missing_ok=True)
            sync_directory(file.path.parent)
        return self.ledger.batch(batch_no)

    def _recorded(self, connection: Connection, batch_no: str) -> tuple[Release | None, bool]:
        """The release of a batch that the database or the witness knows; whether it was there before this call.

        Raises LedgerError when they contradict each other: a backup was put back, or the witness lost something.
        """
        told, rows = self.witness.releases(), self.ledger.released_batches(connection)
        untold = rows.items() - {(number, one.cipher_sha256) for number, one in told.items()}
        unknown = set(told) - set(rows)
        cut_off = told.get(batch_no) if unknown == {batch_no} else None
        if cut_off is not None and not untold and self._staged(cut_off).exists():
            _on_disk(self.staging, self.witness.place)
            self.ledger.enter_release(connection, cut_off)
            return cut_off, True
        if unknown:
            raise LedgerError(
                "restored",
                f"引渡しの控えにある{len(unknown)}件が、台帳にありません。台帳が古い控えから戻されたおそれがあります。",
                _STOP,
            )
        if untold:
            raise LedgerError("untold", f"台帳にある引渡し{len(untold)}件が、引渡しの控えにありません。", _STOP)
        return self.ledger.release_of(connection, batch_no), batch_no in rows

    def _made(
        self, connection: Connection, batch_no: str, recipient: str, deadline: date, person: str
    ) -> Release:  # fmt: skip
        batch = self.ledger.batch(batch_no)
        now = self.ledger.now()
        refuse_unless_possible(batch_no, batch.state, Event.RELEASE)
        _refuse_test(batch, self.ledger.environment)
        self.ledger.refuse_doubted(connection, batch_no)
        self._refuse_day(connection, batch, deadline, now)
        approvers = {who for state, who, _ in self.ledger.people(batch_no) if state == "approved"}
        if person in approvers:
            raise LedgerError("same_person", "承認した人は引き渡せません。", "別の人が引き渡してください。")
        cipher = encrypt_for(recipient, self._plaintext(batch))
        release = Release(batch_no, batch.digest, recipient, sha256(cipher).hexdigest(), person, now)
        write_atomically(self._staged(release), cipher)
        self.witness.tell(release)
        self.ledger.enter_release(connection, release)
        return release

    def _handed_over(self, release: Release, started: bool) -> Path:
        staged, handed = self._staged(release), self.handover / f"{file_name_of(release.batch_no)}.age"
        make_directory(handed.parent)
        moved = _moved(staged, handed)
        _on_disk(handed.parent, staged.parent)
        self._clear_staging(release.batch_no)
        if started and not moved:
            raise LedgerError(
                "released",
                f"振込データ {release.batch_no} は、{release.at.astimezone(JAPAN):%Y-%m-%d %H:%M} に"
                f" {release.person} が引き渡しました。",
                "二度は引き渡せません。",
            )
        return handed

    def _clear_staging(self, batch_no: str) -> None:
        """Ciphertexts of hand-overs that were cut off before anybody was told of them."""
        for left in self.staging.glob(f"{batch_no}.*.age"):
            left.unlink(missing_ok=True)

    def _refuse_day(self, connection: Connection, batch: Batch, deadline: date, now: datetime) -> None:
        today = now.astimezone(JAPAN).date()
        told = [release.at for release in self.witness.releases().values()]
        refuse_earlier(now, max([self.ledger.last_instant(connection, batch.batch_no), *told]))
        if today >= batch.value_date:
            raise LedgerError(
                "value_date", "振込指定日に間に合いません。", "指定日の変更を金融機関と協議してください。"
            )
        if today > deadline:
            raise LedgerError(
                "deadline", f"引渡しの期限({deadline})を過ぎています。", "受け付けられるか金融機関に確認してください。"
            )

    def _plaintext(self, batch: Batch) -> bytes:
        content = self.outbox.content(self._file(batch.batch_no).path.name)
        if sha256(content).hexdigest() != batch.digest:
            raise LedgerError("digest", f"振込データ {batch.batch_no} のファイルがないか、作成時と違います。", _STOP)
        return content

    def _file(self, batch_no: str) -> Sent:
        found = self.outbox.find(file_name_of(batch_no))
        if found is None:
            raise LedgerError(
                "no_file", f"振込データ {batch_no} のファイルがありません。", "kodomo monthly を再実行してください。"
            )
        return found

    def _staged(self, release: Release) -> Path:
        return self.staging / f"{release.batch_no}.{release.cipher_sha256[:16]}.age"


def _unfinished(batch_no: str) -> LedgerError:
    return LedgerError(
        "unfinished",
        f"振込データ {batch_no} の引渡しが終わっていません。",
        "kodomo batch release をもう一度実行してください。",
    )


def _moved(staged: Path, handed: Path) -> bool:
    """Whether there was a staged file; it is handed over then."""
    try:
        os.rename(staged, handed)
    except FileNotFoundError:
        return False
    return True


def _on_disk(*directories: Path) -> None:
    """What is in them survives a power cut, also where the call that put it there was cut off before it made sure."""
    for directory in directories:
        make_directory(directory)
        sync_directory(directory)


def _refuse_test(batch: Batch, environment: str) -> None:
    if "test" in {batch.environment, environment}:
        raise LedgerError(
            "test", "試験環境の振込データは引き渡せません。", "本番環境(KODOMO_MODE=production)で作成してください。"
        )
