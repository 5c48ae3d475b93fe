"""A key file is private, whole, and in production not the demo's."""

import json
from pathlib import Path

import pytest

from resources.keys import OPERATOR, KeyRing, KeyRingError, key_file


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.create(tmp_path / "keys.json")


def refusal(path: Path, **environ: str) -> str:
    with pytest.raises(KeyRingError) as caught:
        KeyRing.open({"KODOMO_KEY_FILE": str(path), **environ})
    return caught.value.code


def test_a_new_ring_is_the_owners_alone_and_is_made_once(ring: KeyRing) -> None:
    assert ring.path.stat().st_mode & 0o777 == 0o600
    again = KeyRing.create(ring.path)
    assert again.derived("k1", "x") == ring.derived("k1", "x")


def test_every_purpose_and_every_installation_has_its_own_key(ring: KeyRing, tmp_path: Path) -> None:
    other = KeyRing.create(tmp_path / "other.json")
    made = {ring.derived("k1", "a"), ring.derived("k1", "b"), other.derived("k1", "a")}
    assert len(made) == 3
    assert {len(key) for key in made} == {32}


def test_a_ring_never_shows_its_keys(ring: KeyRing) -> None:
    secret = json.loads(ring.path.read_text())["keys"]["k1"]
    assert secret not in repr(ring)
    assert repr(bytes.fromhex(secret)) not in repr(ring)


def test_turning_the_ring_keeps_the_older_keys(ring: KeyRing) -> None:
    turned = ring.rotated().rotated()
    assert turned.current == "k3"
    assert turned.derived("k1", "x") == ring.derived("k1", "x") != turned.derived("k3", "x")
    assert turned.path.stat().st_mode & 0o777 == 0o600


def test_an_unknown_key_is_refused(ring: KeyRing) -> None:
    with pytest.raises(KeyRingError, match="書いたときの鍵がありません"):
        ring.derived("k9", "x")


def test_the_file_is_where_the_setting_says_else_in_the_home() -> None:
    assert key_file({"KODOMO_KEY_FILE": "/k/a.json", "KODOMO_HOME": "/h"}) == Path("/k/a.json")
    assert key_file({"KODOMO_HOME": "/h"}) == Path("/h/keys.json")


@pytest.mark.parametrize("mode", [{}, {"KODOMO_MODE": "production"}], ids=["trial", "production"])
def test_without_a_key_file_nothing_starts_and_none_is_made(tmp_path: Path, mode: dict[str, str]) -> None:
    assert refusal(tmp_path / "keys.json", **mode) == "no_key"
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_key_file_open_to_others_is_refused(ring: KeyRing, mode: int) -> None:
    ring.path.chmod(mode)
    assert refusal(ring.path) == "open_key"


def test_the_demos_key_file_is_refused_in_production_only(ring: KeyRing) -> None:
    assert KeyRing.open({"KODOMO_KEY_FILE": str(ring.path)}) == ring
    assert refusal(ring.path, KODOMO_MODE="production") == "demo_key"


def test_an_operators_key_file_serves_production(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "keys.json", OPERATOR)
    assert KeyRing.open({"KODOMO_KEY_FILE": str(ring.path), "KODOMO_MODE": "production"}) == ring
    assert ring.rotated().origin == OPERATOR


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"origin": "demo", "current": "k1", "keys": {}}',
        '{"origin": "demo", "current": "k1", "keys": {"k1": "00"}}',
        '{"origin": "demo", "current": "k1", "keys": {"k1": "zz"}}',
        '{"origin": "demo", "current": "k1", "keys": ["k1"]}',
    ],
)
def test_a_broken_key_file_is_refused(ring: KeyRing, content: str) -> None:
    ring.path.write_text(content)
    assert refusal(ring.path) == "broken_key"


def test_the_signing_key_is_the_same_every_time_and_another_after_a_rotation(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "keys.json")
    first = ring.signing_key().public_key()
    assert KeyRing.load(ring.path).signing_key().public_key() == first
    assert ring.rotated().signing_key().public_key() != first
    assert ring.signing_key().private_bytes_raw() != ring.derived(ring.current, "shelf")


def test_the_signing_keys_of_before_every_rotation_stay_the_newest_first(ring: KeyRing) -> None:
    turned = ring.rotated()
    last = turned.rotated()
    firsts = [each.signing_key().public_key() for each in (last, turned, ring)]
    assert [key.public_key() for key in last.signing_keys()] == firsts
