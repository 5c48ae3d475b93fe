"""Letters and extracts of the month: every piece counted, no protected address anywhere, only who was asked about."""

import csv
import io
import re
import unicodedata

import polars as pl
import pytest
from pypdf import PdfReader

from resources.house import House
from schemas.records.feeds import TRANSFER_REQUESTS, accepted
from schemas.records.notices import LETTERS, PIECES, WITHHELD
from schemas.records.register import PERSONS
from schemas.records.transfers import TRANSFERS
from tests.pipelines.conftest import Month
from tests.support.month import night_of_a_request

pytestmark = pytest.mark.xdist_group("month")


@pytest.fixture(scope="module")
def texts(month: Month) -> dict[str, list[str]]:
    """PDF → the bare text of each page."""
    return {
        path.name: [bare(page.extract_text()) for page in PdfReader(path).pages]
        for path in month.outbox.glob("2026-10_*.pdf")
    }


def bare(text: str) -> str:
    """Without blanks and line breaks, in compatibility form: radicals drawn by a font read as their kanji."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def protected_families(month: Month) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(persons under 支援措置 and all who live in their households, everybody else)."""
    persons = month.table(PERSONS)
    homes = persons.filter(pl.col("protected") == "1").select("household_no").drop_nulls().unique()
    alone = pl.col("protected") == "1"
    with_them = persons.join(homes, on="household_no", how="semi")
    families = pl.concat([with_them, persons.filter(alone)]).unique("resident_code")
    return families, persons.join(families, on="resident_code", how="anti")


def test_the_manifest_counts_every_piece_of_every_pdf(month: Month, texts: dict[str, list[str]]) -> None:
    pieces = month.table(PIECES)
    counted = pieces.group_by("file_name").agg(pl.col("pages").sum())
    assert dict(counted.iter_rows()) == {name: len(pages) for name, pages in texts.items()}
    for row in pieces.to_dicts():
        page = texts[row["file_name"]][row["first_page"] - 1]
        assert bare(row["document_no"]) in page
    assert pieces.height > 40


def test_every_letter_is_a_piece_or_withheld(month: Month) -> None:
    letters, pieces, withheld = (month.table(record)["document_no"] for record in (LETTERS, PIECES, WITHHELD))
    assert sorted(letters) == sorted([*pieces, *withheld])
    assert letters.n_unique() == letters.len()
    assert withheld.len() > 0


def test_some_protected_families_get_their_letters_at_the_address_they_stated(
    month: Month, texts: dict[str, list[str]]
) -> None:
    families, _ = protected_families(month)
    mine = month.table(LETTERS).filter(pl.col("guardian_resident_code").is_in(families["resident_code"].to_list()))
    sent = month.table(PIECES).join(mine, on="document_no", how="semi")
    pages = [texts[row["file_name"]][row["first_page"] - 1] for row in sent.to_dicts()]
    assert sum(bare("東京都千代田区見本町9番9号") in page for page in pages) >= 2
    assert month.table(WITHHELD).join(mine, on="document_no", how="semi").height >= 2


def test_a_protected_familys_registered_address_is_in_no_letter_and_no_outgoing_file(
    month: Month, texts: dict[str, list[str]]
) -> None:
    families, others = protected_families(month)
    shared = "\n".join(others["address"].drop_nulls())
    secret = [address for address in families["address"].drop_nulls().unique() if address not in shared]
    pages = "\n".join(page for each in texts.values() for page in each)
    plain = "\n".join(
        bare(path.read_bytes().decode("cp932", errors="replace") + path.read_bytes().decode("utf-8", errors="replace"))
        for path in (month.place / "outbox").rglob("*")
        if path.is_file() and path.suffix != ".pdf"
    )
    assert [address for address in secret if bare(address) in pages or bare(address) in plain] == []
    assert len(secret) >= 5


def test_other_families_addresses_can_be_read_from_their_letters(month: Month, texts: dict[str, list[str]]) -> None:
    _, others = protected_families(month)
    mine = month.table(LETTERS).join(others, left_on="guardian_resident_code", right_on="resident_code", suffix="_home")
    sent = month.table(PIECES).join(mine.select("document_no", "address"), on="document_no")
    found = [bare(row["address"]) in texts[row["file_name"]][row["first_page"] - 1] for row in sent.to_dicts()]
    assert sum(found) > 0.95 * len(found) > 20


def test_an_extract_holds_exactly_who_was_asked_about(month: Month, house: House) -> None:
    night = night_of_a_request(month.place)
    asked = house.shelf.read(accepted(TRANSFER_REQUESTS), night)
    wanted, answered = set(), set()
    for office, record in TRANSFERS.items():
        answers = house.shelf.read(record, night)
        answered |= {(office, *row) for row in answers.select("request_no", "resident_code").iter_rows()}
    wanted = set(asked.select("office", "request_no", "resident_code").iter_rows())
    assert answered == wanted
    assert len(wanted) > 0


def test_an_extract_file_holds_the_record_columns_and_the_requests_of_its_office_only(
    month: Month, house: House
) -> None:
    night = night_of_a_request(month.place)
    asked = house.shelf.read(accepted(TRANSFER_REQUESTS), night)
    found = {path.name: path for path in (month.place / "outbox").rglob("transfer_*.csv")}
    offices = set(asked["office"])
    assert set(found) == {f"{TRANSFERS[office].name}_{night}.csv" for office in offices}
    for office in offices:
        record = TRANSFERS[office]
        content = found[f"{record.name}_{night}.csv"].read_text("utf-8-sig")
        header, *rows = list(csv.reader(io.StringIO(content)))
        assert header == [item.label for item in record.items]
        people = asked.filter(pl.col("office") == office)["resident_code"]
        assert sorted(row[header.index("対象者住民コード")] for row in rows) == sorted(people)
