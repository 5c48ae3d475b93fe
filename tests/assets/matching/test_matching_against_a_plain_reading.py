"""The same outcome as a reading of the specification in plain Python, whatever people and papers say."""

import unicodedata
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.assets.matching.named_people import City, Row, answer, application, decision, person
from tests.support.draws import draws

CODES = [f"{number:015d}" for number in range(1, 6)]
NAMES = ["髙田　花", "高田花", "佐藤　花", "高田　蓮"]
KANA = ["タカダ　ハナ", "ﾀｶﾀﾞ ﾊﾅ", "サトウ　ハナ", "タカダ　レン"]
SEXES = ["1", "2", "9"]
BIRTHS = [date(2018, 6, 15), date(2018, 6, 16)]
HOMES = ["青木１－１", "青木1-1", "前川２"]

PEOPLE = st.lists(
    st.tuples(*(st.sampled_from(values) for values in (CODES, NAMES, KANA, SEXES, BIRTHS, HOMES))),
    max_size=5,
    unique_by=lambda row: row[0],
)
FORMER = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(HOMES)), max_size=2)
ALIASES = st.lists(
    st.tuples(st.sampled_from(CODES[3:]), st.sampled_from(CODES[:3])), max_size=2, unique_by=lambda r: r[0]
)
FORMS = st.lists(
    st.tuples(*(st.sampled_from(values) for values in (CODES, NAMES, KANA, SEXES, BIRTHS, HOMES, CODES, NAMES, KANA))),
    max_size=3,
)
ANSWERS = st.lists(
    st.tuples(*(st.sampled_from(values) for values in (NAMES, [*KANA, None], SEXES, BIRTHS, [*HOMES, None]))),
    max_size=2,
)


def plain(text: str) -> str:
    """What is left of a text when only its writing is taken away, of the characters used here."""
    return unicodedata.normalize("NFKC", text).replace(" ", "").replace("髙", "高")


def graded(told: str | date | None, held: str | date, former: tuple[str, ...] = ()) -> str:
    if told is None or told == "9" or held == "9":
        return "9"
    if told == held:
        return "1"
    if isinstance(told, str) and isinstance(held, str) and plain(told) in {plain(text) for text in (held, *former)}:
        return "2"
    return "3"


def candidate(stated: str | None, told: tuple[str | None, ...], held: Row) -> bool:
    """The stated number, or the birth date with the reading or the name."""
    if stated is not None and held["resident_code"] == stated:
        return True
    name, kana, _, birth, _ = told
    reads = kana is not None and plain(kana) == plain(str(held["name_kana"]))
    return birth == held["birth_date"] and (reads or plain(str(name)) == plain(str(held["name"])))


def outcome(city: City, stated: str | None, told: tuple[str | None, ...], guardian: bool) -> tuple[str, dict[str, str]]:
    """(result, grades by number) of one person who is named."""
    person_of = {row["resident_code"]: row["person_code"] for row in city.identities}
    found: dict[str, str] = {}
    fitting: set[object] = set()
    for held in city.persons:
        code = str(held["resident_code"])
        if not candidate(stated, told, held):
            continue
        former = tuple(str(row["address"]) for row in city.addresses if row["resident_code"] == code)
        columns = ("name", "name_kana", "sex", "birth_date", "address")
        grades = [
            graded(value, held[column], former if column == "address" else ())  # type: ignore[arg-type]
            for value, column in zip(told, columns, strict=True)
        ]
        found[code] = "".join(grades)
        enough = code == stated if guardian else all(grades[at] in "12" for at in (1, 2, 3))
        if "3" not in grades and enough:
            fitting.add(person_of.get(code, code))
    stated_fits = stated is None or person_of.get(stated, stated) in fitting
    if len(fitting) > 1:
        return "3", found
    if len(fitting) == 1 and stated_fits:
        return "1", found
    return ("2" if found else "0"), found


@given(PEOPLE, FORMER, ALIASES, FORMS, ANSWERS)
@draws(60)
def test_every_outcome_and_every_grade_is_that_of_a_plain_reading(
    people: list[tuple[str, ...]],
    former: list[tuple[str, str]],
    aliases: list[tuple[str, str]],
    forms: list[tuple[str, ...]],
    answers: list[tuple[str, ...]],
) -> None:
    keys = ("resident_code", "name", "name_kana", "sex", "birth_date", "address")
    city = City(
        persons=[person(row[0], **dict(zip(keys[1:], row[1:], strict=True))) for row in people],
        addresses=[{"resident_code": code, "address": home} for code, home in former],
        identities=[{"resident_code": code, "person_code": other} for code, other in aliases],
        applications=[_form(at, row) for at, row in enumerate(forms)],
        answers=[answer(answer_no=f"R{at}", **dict(zip(keys[1:], row, strict=True))) for at, row in enumerate(answers)],
    )
    expected = {}
    for at, row in enumerate(forms):
        expected[f"A{at}", "child"] = outcome(city, row[0], row[1:6], guardian=False)
        expected[f"A{at}", "guardian"] = outcome(city, row[6], (*row[7:], None, None, None), guardian=True)
    for at, row in enumerate(answers):
        expected[f"R{at}", "person"] = outcome(city, None, row, guardian=False)
    assert _told(city) == expected
    _chosen_and_waiting_are_two_sides(city)


def _form(at: int, row: tuple[str, ...]) -> Row:
    names = ("resident_code", "name", "name_kana", "sex", "birth_date", "address")
    child = {f"child_{name}": value for name, value in zip(names, row, strict=False)}
    guardian = {f"guardian_{name}": value for name, value in zip(names, row[6:], strict=False)}
    return application(application_no=f"A{at}", **child, **guardian)


def _told(city: City) -> dict[tuple[str, str], tuple[str, dict[str, str]]]:
    told: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}
    grades = [name for name in city.matches.columns if name.endswith("_grade")]
    for row in city.matches.iter_rows(named=True):
        result, found = told.setdefault((row["source_no"], row["subject"]), (row["result"], {}))
        assert result == row["result"]
        if row["resident_code"] is not None:
            found[row["resident_code"]] = "".join(row[name] for name in grades)
    return told


def _chosen_and_waiting_are_two_sides(city: City) -> None:
    """Everyone who is named is either matched to exactly one number or waits."""
    subjects = ["source_feed", "source_no", "subject"]
    chosen = city.matches.filter(pl.col("chosen") == "1").select(subjects)
    everyone = city.matches.select(subjects).unique()
    assert chosen.is_unique().all()
    assert chosen.join(city.queue.select(subjects), on=subjects).is_empty()
    assert chosen.height + city.queue.height == everyone.height


@given(FORMS, st.randoms(use_true_random=False))
@draws(15)
def test_the_order_of_rows_changes_nothing(forms: list[tuple[str, ...]], order: object) -> None:
    people = [person(code, name=name) for code, name in zip(CODES, NAMES, strict=False)]
    rows = [_form(at, row) | {"line_no": at + 1} for at, row in enumerate(forms)]
    decisions = [decision(source_no=f"A{at}", decision_no=f"D{at}", resident_code=CODES[at]) for at in range(2)]
    straight = City(people, rows, decisions=decisions).matches
    for part in (people, rows, decisions):
        order.shuffle(part)  # type: ignore[attr-defined]
    assert City(people, rows, decisions=decisions).matches.equals(straight)
