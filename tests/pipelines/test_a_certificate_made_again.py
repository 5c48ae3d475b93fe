"""A certificate says what was so at its month's end: made again after the bank's later answers it is the same bytes.

A production home: September is paid in October, answered in October in every way, and answered again in November,
when October's own file has left, was answered and erased.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from assets.calendar import key_of
from assets.certificate.rules import equations
from pipelines.runs import Exit, Outcome
from reports.certificate.signed import Certificate, public_text, verified
from resources.ledger_states import State
from schemas.records.certificate import CERTIFICATE
from tests.support.month import digests, volumes
from tests.support.month_certificate import frames_of
from tests.support.paid_months import FIRST, FOURTH, OCTOBER, SECOND, SEPTEMBER, THIRD, Story, Told, story

pytestmark = [pytest.mark.xdist_group("certified_again"), pytest.mark.slow, pytest.mark.timeout(1500)]
MONTHS = (SEPTEMBER, OCTOBER)


@dataclass(frozen=True)
class Lived:
    """The home, how everything in it ended, and what lay in it before November's answers came."""

    story: Story
    told: Told
    ends: list[Outcome]
    nights: list[bool]
    files: dict[str, str]
    volumes: list[tuple[object, ...]]
    again: list[bool]


def monthly(story: Story) -> list[tuple[object, ...]]:
    """Every generation of a monthly table."""
    return [volume for volume in volumes(story.place) if len(str(volume[1])) == len("2026-09")]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    with story(tmp_path_factory.mktemp("paid")) as lived:
        lived.nights_pass(SEPTEMBER)
        lived.until(FIRST.replace(month=10, day=1))
        ends = [lived.month_ends(SEPTEMBER)]
        lived.hand_over(SEPTEMBER, erase=False)
        told = lived.told()
        paid = dict.fromkeys(lived.house.ledger.unanswered(FIRST)["payment_no"], "0")
        del paid[told.open]
        lived.lay_answers(FIRST, paid | {told.again: "2", told.doubted: "9"})
        lived.lay_answers(SECOND, {told.recalled: "K", told.doubted: "0", told.open: "0"}, other_yen=told.open)
        lived.lay_new_account(told.again)
        lived.nights_pass(OCTOBER)
        nights = [lived.bank_night(FIRST), lived.bank_night(SECOND)]
        lived.until(THIRD.replace(day=2))
        ends.append(lived.month_ends(OCTOBER))
        files, before = digests(lived.place / "outbox"), monthly(lived)
        lived.hand_over(OCTOBER, erase=True)
        lived.until(FOURTH)
        lived.lay_answers(THIRD, {told.late: "K", told.open: "0", told.recalled: "9"})
        nights.append(lived.bank_night(THIRD))
        october = dict.fromkeys(lived.house.ledger.unanswered(FOURTH.replace(day=30))["payment_no"], "0")
        lived.lay_answers(FOURTH, october)
        nights.append(lived.bank_night(FOURTH))
        again = [lived.certified_again(month) for month in MONTHS]
        yield Lived(lived, told, ends, nights, files, before, again)


def certificate(lived: Lived, month: object) -> Certificate:
    (path,) = (lived.story.place / "outbox").rglob(f"certificate_{month:%Y-%m}.json")
    return verified(path.read_bytes(), public_text(lived.story.house.signing_key.public_key()))


def term(lived: Lived, month: object, name: str) -> dict[str, int]:
    """The rows of each term of an equation's right side."""
    (found,) = (each for each in certificate(lived, month).equations if each.name == name)
    return {each.label: each.rows for each in found.right}


def test_every_month_and_every_night_of_the_bank_ends_well(lived: Lived) -> None:
    assert [(end.exit, end.sentences) for end in lived.ends] == [(Exit.DONE, ())] * len(MONTHS)
    assert lived.nights == [True] * 4
    assert lived.again == [True, True]


def test_october_answers_septembers_payments_in_every_way(lived: Lived) -> None:
    answered = term(lived, OCTOBER, "answered")
    assert (answered["銀行から戻ったもの"], answered["結果を待つもの"]) == (3, 1)
    assert answered["振込済"] >= 1
    assert term(lived, OCTOBER, "returned") == {
        "出し直したもの": 1,
        "口座の回答を待つもの": 1,
        "職員が調べるもの": 1,
    }
    assert term(lived, OCTOBER, "results")["職員が調べるもの"] == 2


def test_later_answers_and_a_later_hand_over_change_no_byte_of_what_was_certified(lived: Lived) -> None:
    """Both certificates ran again; October's own bank file is gone from the outbox, erased after its hand-over."""
    now = digests(lived.story.place / "outbox")
    (erased,) = (name for name in lived.files if "zengin_112038-20261130" in name)
    assert now == {name: digest for name, digest in lived.files.items() if name != erased}
    assert monthly(lived.story) == lived.volumes
    batch, (other,) = (lived.story.house.ledger.batches(day) for day in (FIRST, FOURTH.replace(day=30)))
    assert [batch[0].state, other.state] == [State.RELEASED, State.ERASED]


def test_the_whole_month_again_changes_nothing_of_it_either(lived: Lived) -> None:
    for month in MONTHS:
        assert lived.story.month_ends(month).exit is Exit.DONE
    assert monthly(lived.story) == lived.volumes
    assert digests(lived.story.place / "outbox").items() <= lived.files.items()


@pytest.mark.parametrize("month", MONTHS, ids=key_of)
def test_what_is_gathered_later_says_what_the_certificate_says(lived: Lived, month: object) -> None:
    found = equations(frames_of(lived.story.house, month))
    assert tuple(found) == certificate(lived, month).equations
    assert lived.story.house.shelf.read(CERTIFICATE, key_of(month))["broken"].sum() == 0
