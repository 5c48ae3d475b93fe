"""The certificate of a real month holds, is signed, is read elsewhere; any fault in the tables is named."""

import json
import subprocess
import sys

import pytest

from assets.certificate.frames import Frames
from reports.certificate.signed import public_text, verified
from resources.house import House
from schemas.records.certificate import CERTIFICATE
from tests.pipelines.conftest import Month
from tests.support.month import KEY, MONTH, ROOT, invoked
from tests.support.month_certificate import (
    CHANGED,
    DOUBLED,
    LOST,
    MOVED,
    PAID_TWICE,
    faults,
    frames_of,
    newly_broken,
)

pytestmark = pytest.mark.xdist_group("month")
FAULTS, SEED = 200, 5
NAME = f"certificate_{KEY}"


@pytest.fixture
def frames(month: Month, house: House) -> Frames:
    """What the certificate of the month is about."""
    return frames_of(house, MONTH)


def test_every_equation_of_the_month_holds_in_rows_and_yen(month: Month) -> None:
    told = month.table(CERTIFICATE)
    assert told["broken"].sum() == 0
    assert told["left_rows"].equals(told["right_rows"].rename("left_rows"))
    assert told["left_yen"].equals(told["right_yen"].rename("left_yen"))
    yen = dict(told.select("equation", "left_yen").iter_rows())
    assert yen["ordered"] == yen["batch"] == yen["trailer"] == yen["due"] > 0
    assert yen["lines"] == yen["outcomes"] > yen["steps"] > 0


def test_the_certificate_is_signed_and_verified_with_the_public_key(month: Month, house: House) -> None:
    path = month.outbox / f"{NAME}.json"
    key = public_text(house.signing_key.public_key())
    assert verified(path.read_bytes(), key).month == KEY
    done = invoked(month.place, "verify", str(path), "--key", key)
    assert (done.exit_code, "残差 0件 0円" in done.output) == (0, True)
    other = invoked(month.place, "verify", str(path), "--key", "00" * 31 + "01")
    assert other.exit_code == 1
    assert invoked(month.place, "public-key").output.strip() == key


def test_the_certificate_is_read_without_the_pipeline(month: Month) -> None:
    words = "import sys, reports.certificate.__main__ as read; code = read.main(sys.argv[1:]);"
    words += "print([m for m in ('polars', 'dagster', 'resources', 'assets') if m in sys.modules], code)"
    path = month.outbox / f"{NAME}.json"
    done = subprocess.run(
        [sys.executable, "-c", words, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_the_page_prints_every_equation_with_its_numbers(month: Month) -> None:
    page = (month.outbox / f"{NAME}.html").read_text()
    told = json.loads((month.outbox / f"{NAME}.json").read_bytes())["certificate"]["equations"]
    for equation in told:
        assert equation["label"] in page
        for term in equation["left"] + equation["right"]:
            assert f"{term['label']}</th><td>{term['rows']:,}件</td><td>{term['yen']:,}円" in page


@pytest.mark.slow
def test_two_hundred_faults_are_each_named_by_equation_and_row(frames: Frames) -> None:
    drawn = faults(frames, FAULTS, SEED)
    assert {fault.kind for fault in drawn} == {LOST, DOUBLED, CHANGED, MOVED, PAID_TWICE}
    assert len(drawn) == FAULTS
    missed = [
        (fault.place.table, fault.place.column, fault.kind, sorted(fault.names))
        for fault in drawn
        if not newly_broken(frames, fault) & fault.names
    ]
    assert missed == []


def test_a_claim_paid_in_an_earlier_month_is_named(frames: Frames) -> None:
    twice = [fault for fault in faults(frames, 40, SEED) if fault.kind == PAID_TWICE]
    assert {fault.place.table for fault in twice} == {"orders", "ledger"}
    for fault in twice:
        assert fault.names <= newly_broken(frames, fault)
