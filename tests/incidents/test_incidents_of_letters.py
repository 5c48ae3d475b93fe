"""What happened to other cities' letters and cards, replayed against the rules that write ours."""

from dataclasses import dataclass, replace
from datetime import date

import polars as pl
import pytest

from assets.eligibility.reading import certificates, changes
from assets.notices.rules import letters_of_month, owed, people
from assets.statistics.rules import standing_people
from reports.letters.addressee import address_letters
from reports.letters.batch import render
from reports.letters.context import letter_context
from reports.letters.fonts import bundled_fonts
from reports.letters.kinds import CARD, KINDS, TERMINATION, Kind
from schemas.record import Record
from schemas.records.benefit import DECISIONS
from schemas.records.payment import ORDERS
from schemas.records.register import ELIGIBILITY, IDENTITIES
from schemas.records.settlement import PAYABLES
from tests.reports.letters.letter_rows import TIMESTAMP, frame, person
from tests.support.cases import LAW, Register, application, known_rows, register, resident

OCTOBER = date(2026, 10, 1)
BORN = date(2026, 9, 20)
SENTENCES = pl.DataFrame({"code": ["02"], "reason": ["川口市から転出したため。"]})
CONTEXT = letter_context("112038", date(2026, 11, 2), "D-202610")
CHILDREN = 6


def code(number: int) -> str:
    return f"{number:015d}"


@dataclass(frozen=True)
class Town:
    """Families of one child and one mother each, all newly registered in October unless `gone` says otherwise."""

    known: Register
    applications: pl.DataFrame

    def shuffled(self, seed: int) -> "Town":
        """The same rows in another order."""
        found = self.known.found
        mixed = {name: _mixed(getattr(found, name), seed) for name in ("persons", "registration_periods")}
        known = replace(self.known, found=replace(found, **mixed), eligibility=_mixed(self.known.eligibility, seed))
        return Town(known, _mixed(self.applications, seed))

    def changes(self) -> pl.DataFrame:
        return changes(
            ELIGIBILITY.empty(),
            self.known.eligibility,
            self.known.registrations,
            self.applications,
            IDENTITIES.empty(),
            OCTOBER,
        )

    def certificates(self) -> pl.DataFrame:
        return certificates(self.known.eligibility, self.known.registrations, self.known.persons, LAW, OCTOBER)

    def letters(self) -> dict[str, pl.DataFrame]:
        everyone = people(self.known.registrations, self.applications, self.known.persons)
        cards, nothing = self.certificates(), empty(DECISIONS)
        return letters_of_month(
            everyone, self.changes(), cards, nothing, empty(PAYABLES), empty(ORDERS), SENTENCES, OCTOBER
        )


def _mixed(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    return rows.sample(fraction=1, shuffle=True, seed=seed)


def empty(record: Record) -> pl.DataFrame:
    return record.empty()


def town(gone: tuple[int, ...] = (), protected: tuple[int, ...] = (), strangers: tuple[int, ...] = ()) -> Town:
    """`gone`: children who moved away in October; `protected`: under 支援措置; `strangers`: their mother is unknown."""
    left = {"resident_to_date": date(2026, 10, 10), "resident_to_reason": "51"}
    rows: dict[str, list[dict[str, object]]] = {"residents": [], "applications": [], "protected_persons": []}
    for at in range(1, CHILDREN + 1):
        child, mother = code(at), code(at + 100)
        home = {"address": f"埼玉県川口市見本町{at}番地", "postal_code": "3320031", "name": f"見本　{at}子"}
        rows["residents"].append(resident(child, BORN, **home, **(left if at in gone else {})))
        if at not in strangers:
            rows["residents"].append(resident(mother, date(1990, 1, 1), **home))
        filed = {"application_date": date(2026, 10, 2), "event_date": BORN, "known_date": date(2026, 10, 2)}
        rows["applications"].append(application(child, mother, f"10000{at}0", application_no=f"A{at}", **filed))
        if at in protected:
            begun = {"protection": "1", "start_date": BORN, "history_no": 1, "latest_flag": "1"}
            rows["protected_persons"].append({"resident_code": mother, **begun})
    return Town(register(**rows), known_rows("applications", rows["applications"]))


def made(town: Town) -> pl.DataFrame:
    """(kind, child_resident_code) of every letter."""
    return pl.concat(
        rows.select(pl.lit(kind).alias("kind"), "child_resident_code") for kind, rows in town.letters().items()
    )


def test_inc_16_everyone_owed_a_letter_is_sent_one_or_counted_as_forgotten() -> None:
    """延岡市 2024: 194 of 16,303 certificates were not sent, because the extraction used another population."""
    whole = town()
    entitled = whole.known.eligibility.filter(pl.col("entitled") == "1")["child_resident_code"].unique()
    wanted = owed(whole.changes(), DECISIONS.empty(), PAYABLES.empty())
    assert wanted.filter(pl.col("kind") == "card")["child_resident_code"].sort().equals(entitled.sort())
    assert wanted.sort(wanted.columns).equals(made(whole).sort(wanted.columns))
    assert wanted.height == 2 * CHILDREN


def test_inc_16_a_child_that_falls_out_of_a_join_is_missed() -> None:
    """延岡市 2024: nobody compared the certificates made with the children entitled."""
    whole = town()
    persons = whole.known.persons.filter(pl.col("resident_code") != code(103))
    short = Town(replace(whole.known, found=replace(whole.known.found, persons=persons)), whole.applications)
    forgotten = owed(whole.changes(), DECISIONS.empty(), PAYABLES.empty()).join(
        made(short), on=["kind", "child_resident_code"], how="anti"
    )
    assert forgotten.sort("kind").rows() == [("card", code(3)), ("recognition", code(3))]


def test_inc_16_a_child_without_a_known_guardian_is_counted_as_held() -> None:
    """延岡市 2024: eligible = sent + held, and the rest has a reason."""
    unknown = town(strangers=(3,), gone=(2,))
    people_of_october = standing_people(unknown.known.eligibility, date(2026, 10, 31))
    cards = unknown.letters()["card"].height
    assert (people_of_october.held, people_of_october.registered) == (1, CHILDREN)
    assert people_of_october.eligible == cards == CHILDREN - 2
    assert code(3) not in owed(unknown.changes(), DECISIONS.empty(), PAYABLES.empty())["child_resident_code"]


def test_inc_21_no_card_for_a_child_who_is_not_entitled_when_it_is_issued() -> None:
    """大阪市 2019: a certificate was sent to an ineligible person."""
    moved = town(gone=(2, 5))
    cards = moved.letters()["card"]["child_resident_code"].to_list()
    assert set(cards) == {code(at) for at in (1, 3, 4, 6)}
    assert not {code(2), code(5)} & set(moved.certificates()["child_resident_code"])


def test_inc_21_a_card_that_has_run_out_is_not_printed() -> None:
    """大阪市 2019: eligibility is proved again at the moment of printing."""
    late = [person(1, valid_to_date=date(2026, 11, 1))]
    addressed, _ = address_letters(frame(late, CARD), CARD.columns)
    with pytest.raises(ValueError, match="発行日に資格のない人"):
        render(addressed, CARD, CONTEXT, bundled_fonts(), TIMESTAMP)


@pytest.mark.parametrize("kind", ["recognition", "card"])
def test_inc_23_and_24_a_protected_address_reaches_no_letter(kind: str) -> None:
    """日南市・柏市: cards mailed to the abuser's address; 日野市・徳島市: a protected address printed on a form."""
    letters = town(protected=(1, 4)).letters()[kind]
    addressed, withheld = address_letters(letters, KINDS[kind].columns)
    shown = str(addressed.frame.rows())
    assert withheld.height == 2
    assert len(addressed) == CHILDREN - 2
    assert not [at for at in (1, 4) if f"見本町{at}番地" in shown]
    assert [at for at in (2, 3, 5, 6) if f"見本町{at}番地" not in shown] == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_inc_25_letters_do_not_depend_on_the_order_of_rows(seed: int) -> None:
    """つくば市: 43 notices to the wrong person, two data sets joined by place instead of by key."""
    ordered, mixed = town(gone=(2,)).letters(), town(gone=(2,)).shuffled(seed).letters()
    assert [kind for kind in ordered if not ordered[kind].equals(mixed[kind])] == []
    assert ordered["card"].height == CHILDREN - 1
    assert (
        ordered["card"]["child_resident_code"].str.slice(-2) == ordered["card"]["guardian_resident_code"].str.slice(-2)
    ).all()


def test_inc_28_a_template_takes_only_the_letters_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """秋田市 2019: some 300 letters went out with the enclosure of another segment."""
    monkeypatch.setattr(Kind, "template", property(lambda _: "refusal.typ"))
    addressed, _ = address_letters(frame([person(1)], TERMINATION), TERMINATION.columns)
    with pytest.raises(ValueError, match="組版ができません"):
        render(addressed, TERMINATION, CONTEXT, bundled_fonts(), TIMESTAMP)
