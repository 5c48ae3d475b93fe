"""What leaves is journalled first, whole, and once sealed never another."""

from pathlib import Path
from typing import NoReturn

import pyrage
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from resources.outbox import Outbox, OutboxError, encrypt_for

CITY = "112038"


@pytest.fixture
def outbox(tmp_path: Path, engine: Engine) -> Outbox:
    return Outbox(tmp_path / "outbox", engine, CITY)


def refusal(outbox: Outbox, name: str, content: bytes, partition: str = "2026-10") -> str:
    with pytest.raises(OutboxError) as caught:
        outbox.write(partition, name, content, purpose="振込", sealed=True)
    return caught.value.code


def test_a_file_lies_under_city_and_partition_with_its_entry(outbox: Outbox) -> None:
    sent = outbox.write("2026-10", "総合振込.txt", b"1", purpose="振込")
    assert sent.path == outbox.root / CITY / "2026-10" / "総合振込.txt"
    assert sent.path.read_bytes() == b"1"
    assert sent.path.stat().st_mode & 0o777 == 0o600
    entry = outbox.journal()[0]
    assert (entry["name"], entry["sha256"], entry["bytes"], entry["purpose"]) == (
        "総合振込.txt",
        sent.sha256,
        1,
        "振込",
    )


def test_the_same_bytes_again_touch_nothing(outbox: Outbox) -> None:
    first = outbox.write("2026-10", "a.txt", b"1", purpose="振込", sealed=True)
    written = first.path.stat()
    again = outbox.write("2026-10", "a.txt", b"1", purpose="振込", sealed=True)
    assert again.unchanged
    assert not first.unchanged
    assert (first.path.stat().st_mtime_ns, first.path.stat().st_ino) == (written.st_mtime_ns, written.st_ino)
    assert outbox.verify() == 1


def test_an_open_file_may_be_replaced_and_both_are_journalled(outbox: Outbox) -> None:
    for content in (b"1", b"2", b"1"):
        outbox.write("2026-10", "report.html", content, purpose="月報")
    assert [entry["bytes"] for entry in outbox.journal()] == [1, 1, 1]
    assert outbox.verify() == 3


def test_other_bytes_under_a_sealed_name_are_refused(outbox: Outbox) -> None:
    sent = outbox.write("2026-10", "a.txt", b"1", purpose="振込", sealed=True)
    assert refusal(outbox, "a.txt", b"2") == "sealed"
    with pytest.raises(OutboxError):
        outbox.write("2026-10", "a.txt", b"2", purpose="振込")
    assert sent.path.read_bytes() == b"1"
    assert outbox.verify() == 1
    assert outbox.write("2026-11", "a.txt", b"2", purpose="振込", sealed=True).path.read_bytes() == b"2"


def test_an_open_file_can_be_sealed_as_it_stands(outbox: Outbox) -> None:
    outbox.write("2026-10", "a.txt", b"1", purpose="振込")
    assert outbox.write("2026-10", "a.txt", b"1", purpose="振込", sealed=True).unchanged
    assert refusal(outbox, "a.txt", b"2") == "sealed"


def test_a_sealed_file_changed_on_disk_is_noticed(outbox: Outbox) -> None:
    sent = outbox.write("2026-10", "a.txt", b"1", purpose="振込", sealed=True)
    sent.path.write_bytes(b"9")
    assert refusal(outbox, "a.txt", b"1") == "changed"


def test_a_file_that_was_replaced_can_be_removed_and_stays_in_the_journal(outbox: Outbox) -> None:
    sent = outbox.write("2026-10", "a.html", b"1", purpose="点検")
    outbox.remove("2026-10", "a.html")
    outbox.remove("2026-10", "a.html")
    outbox.remove("2026-10", "never.html")
    assert not sent.path.exists()
    assert (outbox.content("a.html"), outbox.verify()) == (b"", 1)
    assert outbox.write("2026-10", "a.html", b"1", purpose="点検").path.read_bytes() == b"1"
    assert outbox.verify() == 1


def test_a_sealed_file_is_never_removed(outbox: Outbox) -> None:
    sent = outbox.write("2026-10", "a.txt", b"1", purpose="振込", sealed=True)
    with pytest.raises(OutboxError, match="確定済み"):
        outbox.remove("2026-10", "a.txt")
    assert sent.path.read_bytes() == b"1"


def test_a_crash_between_entry_and_file_is_mended_by_writing_again(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("resources.outbox.write_atomically", power_cut)
        with pytest.raises(KeyboardInterrupt):
            outbox.write("2026-10", "a.txt", b"1", purpose="振込", sealed=True)
    assert not list(outbox.root.rglob("a.txt"))
    assert outbox.verify() == 1
    assert outbox.write("2026-10", "a.txt", b"1", purpose="振込", sealed=True).path.read_bytes() == b"1"
    assert outbox.verify() == 1


def test_without_its_entry_no_file_leaves(outbox: Outbox, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE outbox_journal"))
    with pytest.raises(DBAPIError, match="outbox_journal"):
        outbox.write("2026-10", "a.txt", b"1", purpose="振込")
    assert not list(outbox.root.rglob("*.txt"))


@pytest.mark.parametrize("change", ["sha256 = 'f'", "purpose = '他'", "sealed = NOT sealed", "previous = 'f'"])
def test_a_rewritten_journal_is_noticed(outbox: Outbox, engine: Engine, change: str) -> None:
    for name in ("a", "b", "c"):
        outbox.write("2026-10", name, b"1", purpose="振込")
    guard = (
        "DROP TRIGGER outbox_journal_no_UPDATE"
        if engine.dialect.name == "sqlite"
        else "ALTER TABLE outbox_journal DISABLE TRIGGER USER"
    )
    with engine.begin() as connection:
        connection.execute(text(guard))
        connection.execute(text(f"UPDATE outbox_journal SET {change} WHERE sequence = 2"))
    with pytest.raises(OutboxError, match="2番目"):
        outbox.verify()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "a\\b", "/etc/x", ".hidden", "a\nb"])
def test_a_name_cannot_leave_the_outbox(outbox: Outbox, name: str) -> None:
    assert refusal(outbox, name, b"1") == "name"
    assert refusal(outbox, "a", b"1", partition=name) == "name"
    assert outbox.journal() == []


def test_only_the_named_recipient_opens_what_leaves() -> None:
    office, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    closed = encrypt_for(str(office.to_public()), "氏名".encode())
    assert closed.startswith(b"age-encryption.org/v1")
    assert "氏名".encode() not in closed
    assert pyrage.decrypt(closed, [office]).decode() == "氏名"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(closed, [stranger])


def test_an_unknown_recipient_is_refused() -> None:
    with pytest.raises(OutboxError, match="公開鍵"):
        encrypt_for("age1nobody", b"1")
