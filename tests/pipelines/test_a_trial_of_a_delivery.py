"""`kodomo drift`: what a delivery of taxes or a changed law would change is what it changes, and nothing is written."""

from datetime import date
from pathlib import Path
from shutil import copytree, ignore_patterns

import polars as pl
import pytest
import yaml

from pipelines.drift import told
from pipelines.trial import Arrived, Trial, tried
from schemas.law.book import HERE, Law
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import FEEDS, RESIDENT_TAXES, accepted
from schemas.records.register import PERSONS
from schemas.records.subsidy import SUBSIDIES
from tests.pipelines.conftest import Month
from tests.support import shares
from tests.support.deliveries import Office
from tests.support.month import KEY, MONTH, copied, files, invoked, living_in, rows_of, volumes

pytestmark = pytest.mark.xdist_group("month")
NOVEMBER, NOVEMBER_KEY = date(2026, 11, 1), "2026-11"
OLDER_FROM = date(2026, 7, 1)
BORN_TOO_EARLY = date(2011, 4, 1)
"""Children born by this day are past 15 by July 2026."""
STAYS = ["1", "3"]


def written(place: Path) -> tuple[object, ...]:
    """Everything a home holds: shelf, outbox, inbox, and what its database remembers."""
    tables = ("deliveries", "beneficiary_numbers")
    remembered = [rows_of(place, f"SELECT * FROM {name} ORDER BY 1, 2, 3") for name in tables]
    return volumes(place), remembered, *(files(place / name) for name in ("shelf", "outbox", "inbox"))


def trial_of(place: Path, month: date, law: Law | None = None) -> Trial:
    with living_in(place) as house:
        return tried(house, Arrived.of(house, month), law or house.law)


def law_until_15(folder: Path) -> Law:
    """通院 until the fiscal year in which 15 is reached, from July 2026."""
    copytree(HERE, folder, ignore=ignore_patterns("__pycache__"))
    page = folder / "kawaguchi" / "eligibility.yaml"
    book = yaml.safe_load(page.read_text("utf-8"))
    changed = {"from": f"{OLDER_FROM:%Y-%m}", "value": 15, "basis": "試験の改正", "source": "試験", "confirmed": True}
    book["age.outpatient_until_years"]["versions"].append(changed)
    page.write_text(yaml.safe_dump(book, allow_unicode=True), "utf-8")
    return Law.load("112038", folder)


@pytest.fixture(scope="module")
def first(taken: Path) -> tuple[Trial, bool]:
    """October tried before it ran, when no taxes were known; and whether anything was written."""
    before = written(taken)
    trial = trial_of(taken, MONTH)
    return trial, written(taken) != before


def test_a_trial_writes_nothing(first: tuple[Trial, bool]) -> None:
    assert not first[1]


def test_what_a_trial_decides_is_what_the_month_then_decided(first: tuple[Trial, bool], month: Month) -> None:
    within, names = first[0].within, ["decision_no", "judgement", "reason", "amount_yen"]
    assert within.lines.select(names).sort(names).equals(month.table(DECISIONS).select(names).sort(names))
    bears = ["decision_no", "reason", "prefecture_yen", "city_yen"]
    assert within.shares.select(bears).equals(month.table(SUBSIDIES).select(bears))


def test_the_first_taxes_settle_every_share_that_waited_for_an_income(first: tuple[Trial, bool], month: Month) -> None:
    trial = first[0]
    known = shares.known(month.place, MONTH)
    settled = known.filter(pl.col("reason").is_in(["S1", "S3", "S4"]))
    assert trial.shares.filter(pl.col("was_reason") == "U1").height == trial.shares.height == settled.height > 100
    assert trial.shares["difference_yen"].sum() == known["prefecture_yen"].sum()
    assert trial.lines.is_empty()


@pytest.fixture
def november(month: Month, tmp_path: Path) -> Path:
    """A home after October in which November brings no line."""
    return copied(month.place, tmp_path / "home")


def lay_taxes(place: Path, guardian: str, year: int, **changed: object) -> None:
    """A later revision of a guardian's year."""
    with living_in(place) as house:
        known = house.shelf.read(accepted(RESIDENT_TAXES), KEY)
    own = known.filter((pl.col("resident_code") == guardian) & (pl.col("tax_year") == year)).sort("revision_no").tail(1)
    names = FEEDS[RESIDENT_TAXES.name].names
    revised = own.select(names).with_columns(pl.col("revision_no") + 1, **{k: pl.lit(v) for k, v in changed.items()})
    office = Office(place / "inbox", RESIDENT_TAXES.name)
    office.lay(revised, sequence=2, as_of=date(2026, 11, 5))


def test_an_income_above_the_limit_takes_exactly_the_familys_share_of_the_prefecture(
    november: Path, month: Month
) -> None:
    stood = month.table(SUBSIDIES).filter(
        pl.col("reason").is_in(["S1", "S4"]) & (pl.col("service_month") >= date(2026, 6, 1))
    )
    most = stood.group_by("guardian_resident_code").agg(pl.col("prefecture_yen").sum()).sort("prefecture_yen").tail(1)
    guardian, prefecture_yen = most.row(0)
    lay_taxes(november, guardian, 2026, filing="1", taxed="1", total_income_yen=20_000_000)
    trial = trial_of(november, NOVEMBER)
    own = stood.filter(guardian_resident_code=guardian)
    assert sorted(trial.shares["decision_no"]) == sorted(own["decision_no"])
    assert set(trial.shares["is_reason"]) == {"S3"}
    assert trial.shares["difference_yen"].sum() == -prefecture_yen < 0
    assert trial.lines.is_empty()
    assert trial.eligibility.is_empty()
    said = invoked(november, "drift", "--month", NOVEMBER_KEY)
    assert said.exit_code == 0
    child = own["child_resident_code"][0]
    assert f"県補助の対象 → 所得が限度額を超える: {own.filter(reason='S1').height}件" in said.stdout
    assert f"***********{child[-4:]}" in said.stdout
    assert child not in said.stdout


def test_a_law_that_ends_visits_at_15_takes_every_visit_of_the_older_and_no_stay(
    november: Path, month: Month, tmp_path: Path
) -> None:
    births = month.table(PERSONS).select(pl.col("resident_code").alias("child_resident_code"), "birth_date")
    paid = month.table(DECISIONS).filter(judgement="1").join(births, on="child_resident_code")
    lost = paid.filter(
        (pl.col("birth_date") <= BORN_TOO_EARLY)
        & (pl.col("service_month") >= OLDER_FROM)
        & ~pl.col("care").is_in(STAYS)
    )
    trial = trial_of(november, NOVEMBER, law_until_15(tmp_path / "law"))
    line = ["feed", "delivery", "line_no"]
    changed = trial.lines.filter(pl.col("difference_yen") != 0)
    assert changed.select(line).sort(line).equals(lost.select(line).sort(line))
    assert trial.lines["difference_yen"].sum() == -lost["amount_yen"].sum() < 0
    assert set(trial.eligibility["is_benefit_class"].drop_nulls()) <= {"0", "2"}
    told_now = told(trial)
    assert told_now.children == trial.eligibility["child_resident_code"].n_unique() > 50
    assert sum(turn.difference_yen for turn in told_now.lines) == -lost["amount_yen"].sum()
