"""Four months in which late news makes a 返還: what a payment meets is offset, the rest is claimed by one letter, once.

The law waits one month before it claims instead of three; nothing else is changed.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import copytree, ignore_patterns

import polars as pl
import pytest
import yaml
from pypdf import PdfReader
from rich.console import Console

from assets.calendar import key_of, keys_between
from assets.months import last_day, next_month
from pipelines.city.city import generate
from pipelines.runs import Exit, Outcome, run_all
from resources.house import House
from resources.keys import KeyRing, key_file
from schemas.law.book import HERE, Law
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import FEEDS, PUBLIC_ASSISTANCE
from schemas.records.notices import LETTERS, PIECES, WITHHELD
from schemas.records.settlement import DEBTS, OFFSETS
from tests.support.cases import frame
from tests.support.deliveries import Office
from tests.support.month import CITY, living_in, take_nights

pytestmark = [pytest.mark.xdist_group("debt"), pytest.mark.slow, pytest.mark.timeout(3600)]
PAID, LEARNED, CLAIMED, AFTER = (date(2026, month, 1) for month in (6, 7, 8, 9))
MONTHS = (PAID, LEARNED, CLAIMED, AFTER)
CHILDREN, SEED = 300, 4
LEAST_YEN = 1_000


@dataclass(frozen=True)
class Owing:
    """A child with one receipt of a month, and what its family is paid afterwards, which is less."""

    child: str
    service_month: date
    yen: int
    paid_after_yen: int


@dataclass(frozen=True)
class Lived:
    """The home, how its months ended, and who owes."""

    place: Path
    ends: list[Outcome]
    owing: Owing


def who_will_owe(place: Path) -> Owing:
    """The first child whose one receipt of a service month the first month pays, and whose family has claims, about
    something else, that the next two months pay; none of the family's lines is ever in doubt."""
    family = pl.col("child_resident_code").str.head(14)
    said = pl.read_parquet(place / "truth_decisions.parquet").group_by("delivery", "line_no").len("times")
    truth = pl.read_parquet(place / "truth.parquet").drop_nulls("child_resident_code")
    lines = truth.join(said, on=["delivery", "line_no"]).with_columns(family.alias("family"))
    plain = lines.filter(((pl.col("reason") == "P0") & (pl.col("times") == 1)).all().over("family"))
    month = ["child_resident_code", "service_month"]
    alone = plain.filter(
        (pl.len().over(month) == 1) & (pl.col("decided_month") == PAID) & (pl.col("subject") == "receipt")
    )
    soon = plain.filter((pl.col("subject") == "claim") & pl.col("decided_month").is_in([LEARNED, CLAIMED]))
    after = soon.group_by("family").agg(pl.col("yen").sum().alias("paid_after_yen"))
    both = alone.join(after, on="family").filter(pl.col("yen") - pl.col("paid_after_yen") >= LEAST_YEN)
    return Owing(*both.sort(month).select(*month, "yen", "paid_after_yen").row(0))


def lay_news(place: Path, owing: Owing) -> None:
    """The night of the last day of July learns that the child was on 生活保護 in that month."""
    day = last_day(LEARNED)
    office = Office(place / "inbox", PUBLIC_ASSISTANCE.name)
    (laid,) = office.folder.glob(f"*_diff_{day:%Y%m%d}_*.csv")
    said = {
        "resident_code": owing.child, "start_date": owing.service_month, "end_date": next_month(owing.service_month),
        "suspended_from_date": None, "suspended_to_date": None, "medical_aid": "1", "operated_date": day,
        "history_no": 1, "history_branch_no": 0, "latest_flag": "1", "deleted_flag": "0",
    }  # fmt: skip
    office.lay(frame(FEEDS[PUBLIC_ASSISTANCE.name], [said]), sequence=int(laid.stem[-4:]), as_of=day)


def law_that_waits_one_month(folder: Path) -> Law:
    copytree(HERE, folder, ignore=ignore_patterns("__pycache__"))
    (page,) = (path for path in folder.rglob("settlement.yaml"))
    book = yaml.safe_load(page.read_text("utf-8"))
    for version in book["settlement.offset_wait_months"]["versions"]:
        version["value"] = 1
    page.write_text(yaml.safe_dump(book, allow_unicode=True), "utf-8")
    return Law.load(CITY, folder)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    place, law = tmp_path_factory.mktemp("debt"), law_that_waits_one_month(tmp_path_factory.mktemp("law") / "law")
    generate(place, municipality=CITY, children=CHILDREN, first=MONTHS[0], last=MONTHS[-1], seed=SEED)
    owing, ends = who_will_owe(place), []
    lay_news(place, owing)
    with pytest.MonkeyPatch.context() as patch, living_in(place) as house:
        patch.setattr(House, "law", property(lambda _: law))
        KeyRing.create(key_file())
        for month in MONTHS:
            take_nights(house, keys_between(month, last_day(month)))
            ends.append(run_all("monthly", [key_of(month)], Console(stderr=True)))
        yield Lived(place, ends, owing)


@pytest.fixture
def house(lived: Lived) -> Iterator[House]:
    with living_in(lived.place) as house:
        yield house


def debt_of(house: House, owing: Owing, month: date) -> pl.DataFrame:
    """The debt of the news as a month leaves it."""
    debts = house.shelf.read(DEBTS, key_of(month))
    return debts.filter(child_resident_code=owing.child, service_month=owing.service_month)


def letters_of(house: House, month: date) -> pl.DataFrame:
    return house.shelf.read(LETTERS, key_of(month)).filter(kind="debt")


def text_of(place: Path, piece: dict[str, object]) -> str:
    """The bare text of a printed letter."""
    (path,) = (place / "outbox").rglob(str(piece["file_name"]))
    first, pages = int(str(piece["first_page"])) - 1, int(str(piece["pages"]))
    text = "".join(page.extract_text() for page in PdfReader(path).pages[first : first + pages])
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_every_month_ends_well(lived: Lived) -> None:
    assert [(end.exit, end.sentences) for end in lived.ends] == [(Exit.DONE, ())] * len(MONTHS)


def test_late_news_makes_a_debt_and_the_payments_after_it_are_offset(lived: Lived, house: House) -> None:
    owing = lived.owing
    (debt,) = debt_of(house, owing, LEARNED).to_dicts()
    assert (debt["first_yen"], debt["since_month"], debt["claimed_month"]) == (owing.yen, LEARNED, None)
    assert debt["news_feed"] == "public_assistance"
    offsets = house.shelf.read_many(OFFSETS, [key_of(month) for month in MONTHS])
    before = offsets.filter(debt_no=debt["debt_no"]).filter(pl.col("decided_month") <= CLAIMED)
    assert before["offset_yen"].sum() == owing.paid_after_yen
    (then,) = debt_of(house, owing, CLAIMED).to_dicts()
    assert (then["open_yen"], then["claimed_month"]) == (owing.yen - owing.paid_after_yen, CLAIMED)


def test_the_rest_is_claimed_by_one_letter_in_one_month_only(lived: Lived, house: House) -> None:
    (debt,) = debt_of(house, lived.owing, CLAIMED).to_dicts()
    about = {month: letters_of(house, month).filter(subject_key=debt["debt_no"]).height for month in MONTHS}
    assert about == {PAID: 0, LEARNED: 0, CLAIMED: 1, AFTER: 0}
    still = debt_of(house, lived.owing, AFTER)
    assert still.select("claimed_month", "owed_yen").rows() == [(CLAIMED, debt["open_yen"])]
    every = pl.concat([letters_of(house, month) for month in MONTHS])
    assert every["subject_key"].is_unique().all()


def test_the_letter_shows_what_was_paid_what_was_offset_and_what_is_left(lived: Lived, house: House) -> None:
    (debt,) = debt_of(house, lived.owing, CLAIMED).to_dicts()
    (letter,) = letters_of(house, CLAIMED).filter(subject_key=debt["debt_no"]).to_dicts()
    key = key_of(CLAIMED)
    assert house.shelf.read(WITHHELD, key).filter(document_no=letter["document_no"]).is_empty()
    (piece,) = house.shelf.read(PIECES, key).filter(document_no=letter["document_no"]).to_dicts()
    text = text_of(lived.place, piece)
    offsets = house.shelf.read_many(OFFSETS, [key_of(month) for month in MONTHS[:3]]).filter(debt_no=debt["debt_no"])
    assert text.count("この判定の支給から差引き") == offsets.height > 0
    taken = [f"▲{yen:,}円" for yen in offsets["offset_yen"]]
    assert [said for said in (f"{lived.owing.yen:,}円", *taken, f"{debt['open_yen']:,}円") if said not in text] == []
    assert debt["paid_no"].replace("-", "") in text.replace("-", "")
    decided = house.shelf.read_many(DECISIONS, [key_of(month) for month in MONTHS])
    assert decided.filter(decision_no=debt["debt_no"])["amount_yen"].to_list() == [0]
