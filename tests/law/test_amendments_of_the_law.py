"""The law book kept as a table, and amended by one dated line: which months change, and who is decided again."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree, ignore_patterns

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.law.book import HERE, Law, LawError, Version
from schemas.records.statistics import LAW_BOOK
from tests.support.cases import LAW
from tests.support.draws import draws

_DAYS = st.dates(date(2009, 4, 1), date(2030, 12, 31))
_TEXTS = st.text(min_size=1, max_size=8)
_VALUES = st.one_of(
    st.integers(-(10**12), 10**12),
    st.booleans(),
    _TEXTS,
    st.lists(_TEXTS, min_size=1, max_size=3),
    st.dictionaries(_TEXTS, st.one_of(st.integers(), _TEXTS), min_size=1, max_size=3),
    st.lists(st.fixed_dictionaries({"b": st.integers(), "a": st.none() | _TEXTS}), min_size=1, max_size=3),
)


@st.composite
def _versions(draw: st.DrawFn, name: str) -> Version:
    start = draw(_DAYS)
    return Version(
        parameter=name, label=draw(_TEXTS), unit="text", layer="national", from_date=start,
        until_date=draw(st.none() | st.just(start + timedelta(days=400))), value=draw(_VALUES), basis=draw(_TEXTS),
        source=draw(_TEXTS), confirmed=draw(st.booleans()), ask=draw(st.none() | _TEXTS),
        enacted=draw(st.booleans()), unused=draw(st.none() | _TEXTS),
    )  # fmt: skip


@st.composite
def _books(draw: st.DrawFn) -> Law:
    names = draw(st.lists(st.sampled_from(["age.a", "income.b", "letters.c", "x.d"]), unique=True))
    return Law("999999", {name: tuple(draw(st.lists(_versions(name), min_size=1, max_size=3))) for name in names})


@draws(60)
@given(_books(), _DAYS)
def test_a_book_kept_as_a_table_is_the_same_book_when_read_again(law: Law, day: date) -> None:
    kept = LAW_BOOK.validated(law.as_frame()).sample(fraction=1.0, shuffle=True, seed=1)
    again = Law.from_frame(law.municipality, kept)
    assert again == law
    assert again.digest(day) == law.digest(day)
    assert again.eligibility_digest() == law.eligibility_digest()


def test_the_book_of_the_city_is_the_same_in_every_month_when_read_again() -> None:
    again = Law.from_frame("112038", LAW_BOOK.validated(LAW.as_frame()))
    assert again == LAW
    months = [date(year, month, 1) for year in range(2009, 2028) for month in range(1, 13)][3:]
    assert [again.digest(month) for month in months] == [LAW.digest(month) for month in months]
    columns = [list(book.at(months[0]).rows("reasons.eligibility").columns) for book in (LAW, again)]
    assert columns[0] == columns[1]


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"parameter": "x.y"}', "nonsense"])
def test_a_row_that_is_no_version_is_refused(line: str) -> None:
    kept = pl.DataFrame({"parameter": ["x.y"], "version_no": [1], "version": [line]})
    with pytest.raises(LawError):
        Law.from_frame("112038", kept)


def _amended(folder: Path, path: str, edit: Callable[[str], str]) -> Law:
    """The city's book with one file edited as text, as an official would."""
    copytree(HERE, folder, dirs_exist_ok=True, ignore=ignore_patterns("__pycache__"))
    text = (folder / path).read_text(encoding="utf-8")
    assert edit(text) != text
    (folder / path).write_text(edit(text), encoding="utf-8")
    return Law.load("112038", folder)


_AMENDMENT = """age.outpatient_until_years:
  label: 通院の対象年齢（その年齢に達した日以後の最初の3月31日まで）
  unit: years
  versions:
    - {from: 2027-04, value: 22, basis: 条例の改正案, source: 試験, confirmed: true}
"""


def test_an_amendment_is_one_dated_line_and_changes_exactly_the_months_from_it_on(tmp_path: Path) -> None:
    stated = _AMENDMENT.rsplit("versions:\n", 1)
    new = _amended(
        tmp_path, "kawaguchi/eligibility.yaml", lambda text: text.replace(stated[0] + "versions:\n", _AMENDMENT)
    )
    months = [date(year, month, 1) for year in (2009, 2012, 2024, 2026, 2027, 2028) for month in range(4, 13)]
    changed = [month for month in months if LAW.digest(month) != new.digest(month)]
    assert changed == [month for month in months if month >= date(2027, 4, 1)]
    assert new.at(date(2027, 4, 1)).number("age.outpatient_until_years") == 22
    assert new.at(date(2027, 3, 1)).number("age.outpatient_until_years") == 18
    assert new.eligibility_digest() != LAW.eligibility_digest()


def test_only_a_value_that_a_rule_of_eligibility_reads_asks_for_deciding_everyone_again(tmp_path: Path) -> None:
    edits = {
        "kawaguchi/eligibility.yaml": ("ask: 15日目が閉庁日のとき", "ask: 十五日目が閉庁日のとき"),
        "kawaguchi/benefit.yaml": ("value: 25000", "value: 26000"),
        "national/income.yaml": ("value: 100000", "value: 110000"),
        "kawaguchi/reasons.yaml": ("川口市から転出したため。", "市外へ転出したため。"),
    }
    same = {}
    for at, (path, (old, new)) in enumerate(edits.items()):
        book = _amended(tmp_path / str(at), path, lambda text, old=old, new=new: text.replace(old, new))  # type: ignore[misc]
        assert book.digest(date(2026, 9, 1)) != LAW.digest(date(2026, 9, 1))
        same[path] = book.eligibility_digest() == LAW.eligibility_digest()
    assert same == dict(zip(edits, (True, True, True, False), strict=True))
