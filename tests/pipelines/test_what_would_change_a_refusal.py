"""Every refusal of a city drawn by lot names the smallest set of facts that would change it.

All of them laid into the register make the child entitled on that day; leaving any one out does not.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
import yaml

from assets.eligibility import deciding
from assets.eligibility.deciding import Register
from assets.explanation.changing import what_would_change
from assets.explanation.grounds import grounds, on_first_days
from assets.explanation.sentences import change_sentence
from schemas.codes import DECISION_REASON
from schemas.law.book import HERE, Law
from tests.pipelines.drawn_register import drawn_register
from tests.pipelines.flipping import KEY, each_alone, not_flipped, outcome, refused_on_a_middle_day, superfluous


@dataclass(frozen=True)
class Refused:
    """A drawn city under one reading of the law: the register with doubles, what was refused, the facts wanted."""

    law: Law
    register: Register
    asked: pl.DataFrame
    wanted: pl.DataFrame

    @classmethod
    def of(cls, law: Law, families: int, seed: int) -> "Refused":
        drawn = drawn_register(law, families, seed)
        register, asked = each_alone(drawn, refused_on_a_middle_day(drawn, law))
        return cls(law, register, asked, what_would_change(asked, register, law))


def as_written(folder: Path) -> Law:
    """The law as it stands."""
    return Law.load("112038")


def income_or_arrears(folder: Path) -> Law:
    """The reading in which 2014-10 raised nothing: income and arrears both stop a child until 2024-09."""
    shutil.copytree(HERE, folder)
    page = folder / "kawaguchi" / "eligibility.yaml"
    law = yaml.safe_load(page.read_text("utf-8"))
    law["restriction.mode"]["versions"][2]["value"] = "income_or_arrears"
    for name, parameter in law.items():
        if name.startswith("restriction.income"):
            parameter["versions"][-1].pop("until")
    page.write_text(yaml.safe_dump(law, allow_unicode=True), "utf-8")
    return Law.load("112038", folder)


READINGS = [
    pytest.param((as_written, 100), id="as_written"),
    pytest.param((income_or_arrears, 40), id="income_or_arrears", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module", params=READINGS)
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Refused:
    """Each reading's city."""
    reading, families = request.param
    return Refused.of(reading(tmp_path_factory.mktemp("reading") / "law"), families, seed=3)


def test_every_reason_and_many_together_occur(city: Refused) -> None:
    assert city.asked.height > 500
    assert set(city.wanted["code"]) >= set(DECISION_REASON.labels) - {"00", "08"}
    assert city.wanted.group_by(KEY).len()["len"].max() >= 5


def test_a_child_is_refused_already_in_its_double(city: Refused) -> None:
    assert set(outcome(city.register, city.asked, city.law)) == {"0"}


def test_all_the_facts_together_make_every_refused_child_entitled(city: Refused) -> None:
    assert city.asked.join(city.wanted, on=KEY, how="anti").is_empty()
    assert not_flipped(city.register, city.asked, city.wanted, city.law).is_empty()


def test_leaving_any_one_fact_out_changes_nothing(city: Refused) -> None:
    assert superfluous(city.register, city.asked, city.wanted, city.law) == []


def test_every_fact_is_told_in_japanese(city: Refused) -> None:
    once = city.wanted.unique(["fact", "code"], keep="first", maintain_order=True)
    told = [change_sentence(row["fact"], row["code"], row["day"], city.law) for row in once.iter_rows(named=True)]
    assert all(sentence.endswith(("こと", ")")) for sentence in told)
    assert len(set(told)) >= 14


def test_the_grounds_miss_exactly_the_requirements_the_decision_misses() -> None:
    law = Law.load("112038")
    register = drawn_register(law, 40, seed=5)
    rows = on_first_days(deciding.decided(register, law))
    told = grounds(rows, register, law)
    missed = told.filter(~pl.col("holds") & ~pl.col("code").is_in(["16", "99"]))
    required = missed.filter(~((pl.col("parameter") == "age.outpatient_until_years").fill_null(False)))
    ours = required.group_by(KEY).agg(pl.col("code").unique().sort())
    theirs = rows.drop_nulls("faults").select(*KEY, pl.col("faults").str.split(" ").list.sort().alias("code"))
    assert ours.sort(KEY).equals(theirs.sort(KEY))
    assert told.filter(pl.col("article") == "").is_empty()


def test_a_missed_requirement_of_a_file_names_its_row() -> None:
    law = Law.load("112038")
    register = drawn_register(law, 40, seed=5)
    told = grounds(on_first_days(deciding.decided(register, law)), register, law)
    with_row = told.filter(pl.col("code").is_in(["02", "03", "04", "05", "06", "07", "12"]) & ~pl.col("holds"))
    assert with_row.height > 100
    assert with_row.filter(pl.col("delivery").is_null() | pl.col("line_no").is_null()).is_empty()


def test_the_decider_of_a_decision_is_among_its_grounds() -> None:
    law = Law.load("112038")
    register = drawn_register(law, 40, seed=5)
    rows = on_first_days(deciding.decided(register, law)).drop_nulls("delivery")
    told = grounds(rows, register, law).select(*KEY, "delivery", "line_no")
    assert rows.join(told, on=[*KEY, "delivery", "line_no"], how="anti").is_empty()
