"""The shelf keeps what was published, byte for byte, and refuses everything else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.durable import TEMPORARY
from resources.keys import KeyRing
from resources.registry import Registry, Source, StaleGeneration, Volume
from resources.shelf import Shelf, ShelfError, content_digest
from schemas.record import Item, Record, RecordError, text
from tests.resources.children import PAPERS, papers
from tests.support.draws import draws
from tests.support.postgres import on_both_databases

MONTH = "2026-10"
CANARY = "秘密の氏名"
on_one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What is about files and names alone needs no second database."""


def put(shelf: Shelf, frame: pl.DataFrame, partition: str = MONTH, **options: int) -> Volume:
    return shelf.publish(PAPERS, partition, frame, run_id="r1", **options)


def file_of(shelf: Shelf, volume: Volume) -> Path:
    return shelf.root / volume.path


def refusal(shelf: Shelf, partition: str = MONTH) -> ShelfError:
    with pytest.raises(ShelfError) as caught:
        shelf.read(PAPERS, partition)
    return caught.value


@on_both_databases
def test_what_is_published_is_read_back_sorted_on_the_key(shelf: Shelf) -> None:
    volume = put(shelf, papers(20))
    assert (volume.generation, volume.rows, volume.unchanged) == (1, 20, False)
    assert shelf.read(PAPERS, MONTH).equals(papers(20).sort("paper_no"))


@on_one_database
def test_the_file_holds_no_readable_value(shelf: Shelf) -> None:
    volume = put(shelf, papers(3).with_columns(title=pl.lit(CANARY)))
    content = file_of(shelf, volume).read_bytes()
    assert CANARY.encode() not in content
    assert b"paper_no" not in content


def test_the_same_rows_in_another_order_are_unchanged(shelf: Shelf) -> None:
    first = put(shelf, papers(20))
    again = put(shelf, papers(20).sample(fraction=1, shuffle=True, seed=1))
    assert again == first
    assert again.unchanged
    assert len(list(shelf.root.rglob("*.parquet"))) == 1


def test_other_rows_make_a_generation_and_the_earlier_one_stays(shelf: Shelf) -> None:
    put(shelf, papers(20))
    second = put(shelf, papers(21))
    assert second.generation == 2
    assert shelf.read(PAPERS, MONTH).height == 21
    assert shelf.read(PAPERS, MONTH, generation=1).height == 20


@on_both_databases
def test_a_decision_can_be_read_as_it_stood_at_an_instant(tmp_path: Path, engine: object, keys: KeyRing) -> None:
    clock = iter(datetime(2026, 10, day, tzinfo=UTC) for day in (1, 1, 5, 5))
    shelf = Shelf(tmp_path / "shelf", Registry(engine, lambda: next(clock)), keys, "112038")
    put(shelf, papers(1))
    put(shelf, papers(2))
    stood = shelf.as_of("papers", MONTH, datetime(2026, 10, 4, tzinfo=UTC))
    assert stood is not None
    assert shelf.open(PAPERS, stood).height == 1
    assert shelf.as_of("papers", MONTH, datetime(2026, 9, 30, tzinfo=UTC)) is None


def test_a_clock_that_goes_back_never_reorders_generations(tmp_path: Path, engine: object, keys: KeyRing) -> None:
    noon = datetime(2026, 10, 1, 12, tzinfo=UTC)
    clock = iter([noon, noon, noon - timedelta(hours=1), noon - timedelta(hours=1)])
    shelf = Shelf(tmp_path / "shelf", Registry(engine, lambda: next(clock)), keys, "112038")
    assert put(shelf, papers(1)).published_at < put(shelf, papers(2)).published_at


def test_several_partitions_come_in_the_order_asked_for(shelf: Shelf) -> None:
    put(shelf, papers(1), "2026-10")
    put(shelf, papers(1, first_yen=7), "2026-09")
    assert shelf.partitions("papers") == ["2026-09", "2026-10"]
    assert shelf.read_many(PAPERS, ["2026-10", "2026-09"])["amount_yen"].to_list() == [1, 7]
    assert shelf.read_many(PAPERS, []).equals(PAPERS.empty())


def test_an_empty_table_is_a_table(shelf: Shelf) -> None:
    put(shelf, PAPERS.empty())
    assert shelf.read(PAPERS, MONTH).equals(PAPERS.empty())


def test_what_a_table_was_made_from_is_kept(shelf: Shelf) -> None:
    source = Source("receipts", MONTH, 3)
    shelf.publish(PAPERS, MONTH, papers(1), run_id="r1", inputs=[source])
    current = shelf.current("papers", MONTH)
    assert current is not None
    assert current.inputs == (source,)


def test_rows_that_break_their_record_publish_nothing(shelf: Shelf) -> None:
    with pytest.raises(RecordError) as caught:
        put(shelf, papers(2).with_columns(paper_no=pl.lit(CANARY)))
    assert CANARY not in str(caught.value)
    assert shelf.partitions("papers") == []
    assert not list(shelf.root.rglob("*.parquet"))


@on_both_databases
def test_a_writer_holding_an_old_generation_is_refused_and_leaves_no_file(shelf: Shelf) -> None:
    put(shelf, papers(1))
    put(shelf, papers(2), expected=1)
    with pytest.raises(StaleGeneration, match="別の処理が先に公開"):
        put(shelf, papers(3), expected=1)
    assert shelf.read(PAPERS, MONTH).height == 2
    assert shelf.unregistered() == []


@on_one_database
@pytest.mark.parametrize("place", [0, 3, 4, 200, -300, -9, -5, -1])
def test_one_flipped_bit_is_refused(shelf: Shelf, place: int) -> None:
    file = file_of(shelf, put(shelf, papers(200)))
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert refusal(shelf).code in {"plain", "hash"}


@on_one_database
@pytest.mark.parametrize("keep", [0, 3, 4, 100, -1])
def test_a_truncated_file_is_refused(shelf: Shelf, keep: int) -> None:
    file = file_of(shelf, put(shelf, papers(200)))
    file.write_bytes(file.read_bytes()[:keep])
    assert refusal(shelf).code in {"plain", "hash"}


@on_one_database
def test_exchanged_partitions_are_refused(shelf: Shelf) -> None:
    one, other = (file_of(shelf, put(shelf, papers(20, yen), month)) for yen, month in ((1, MONTH), (2, "2026-09")))
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)
    assert refusal(shelf).code == refusal(shelf, "2026-09").code == "hash"


@on_one_database
def test_exchanged_files_are_refused_even_when_the_registry_agrees(shelf: Shelf) -> None:
    other = put(shelf, papers(20, 2), "2026-09")
    mine = put(shelf, papers(20, 1))
    exchanged = Volume(**{**vars(mine), "sha256": other.sha256})
    file_of(shelf, mine).write_bytes(file_of(shelf, other).read_bytes())
    with pytest.raises(ShelfError) as caught:
        shelf.open(PAPERS, exchanged)
    assert caught.value.code == "key"


@on_one_database
def test_an_earlier_generation_in_the_place_of_the_current_is_refused(shelf: Shelf) -> None:
    first, second = put(shelf, papers(20)), put(shelf, papers(21))
    file_of(shelf, second).write_bytes(file_of(shelf, first).read_bytes())
    assert refusal(shelf).code == "hash"


@on_one_database
def test_a_plain_parquet_file_is_refused(shelf: Shelf) -> None:
    volume = put(shelf, papers(20))
    papers(20).write_parquet(file_of(shelf, volume))
    assert refusal(shelf).code == "plain"


@on_one_database
def test_a_missing_file_is_refused_and_the_sentence_says_what_to_do(shelf: Shelf) -> None:
    volume = put(shelf, papers(20))
    file_of(shelf, volume).unlink()
    error = refusal(shelf)
    assert error.code == "missing"
    assert "papers 2026-10 第1世代" in str(error)
    assert "kodomo monthly --month 2026-10" in str(error)


def test_a_partition_never_made_names_the_command_that_makes_it(shelf: Shelf) -> None:
    assert "kodomo nightly --date 2026-10-14" in str(refusal(shelf, "2026-10-14"))
    assert refusal(shelf).code == "absent"


@on_one_database
def test_another_installations_key_opens_nothing(shelf: Shelf, tmp_path: Path) -> None:
    put(shelf, papers(20))
    stranger = Shelf(shelf.root, shelf.registry, KeyRing.create(tmp_path / "other.json"), shelf.municipality)
    assert refusal(stranger).code == "key"


def test_another_city_does_not_see_the_table(shelf: Shelf, keys: KeyRing) -> None:
    put(shelf, papers(20))
    other = Shelf(shelf.root, shelf.registry, keys, "111007")
    assert other.partitions("papers") == []
    assert refusal(other).code == "absent"


def test_a_new_key_leaves_older_files_readable(shelf: Shelf, keys: KeyRing) -> None:
    put(shelf, papers(20), "2026-09")
    later = Shelf(shelf.root, shelf.registry, keys.rotated(), shelf.municipality)
    assert put(later, papers(20)).key_id == "k2"
    assert later.read(PAPERS, "2026-09").height == later.read(PAPERS, MONTH).height == 20


def test_a_damaged_file_is_healed_by_publishing_the_same_rows(shelf: Shelf) -> None:
    volume = put(shelf, papers(20))
    file_of(shelf, volume).write_bytes(b"")
    healed = put(shelf, papers(20))
    assert healed.generation == 2
    assert not healed.unchanged
    assert shelf.read(PAPERS, MONTH).height == 20


@on_one_database
def test_a_table_of_an_older_definition_is_refused(shelf: Shelf) -> None:
    put(shelf, papers(1))
    newer = Record("papers", "書類", "", (*PAPERS.items, Item("note", "備考", text(9), nullable=True)), PAPERS.key)
    with pytest.raises(ShelfError) as caught:
        shelf.read(newer, MONTH)
    assert caught.value.code == "schema"


@on_one_database
@pytest.mark.parametrize("name", ["../2026-10", "2026/10", "", ".hidden", "a b"])
def test_a_partition_name_cannot_leave_the_shelf(shelf: Shelf, name: str) -> None:
    with pytest.raises(ShelfError) as caught:
        put(shelf, papers(1), name)
    assert caught.value.code == "name"


def test_sweeping_removes_only_unfinished_files(shelf: Shelf) -> None:
    volume = put(shelf, papers(20))
    stray = file_of(shelf, volume).with_name(f".000002-ab.parquet.cd{TEMPORARY}")
    stray.write_bytes(b"half")
    whole = file_of(shelf, volume).with_name("000002-ab.parquet")
    whole.write_bytes(b"whole")
    assert shelf.sweep() == 1
    assert not stray.exists()
    assert shelf.unregistered() == [str(whole.relative_to(shelf.root))]
    assert shelf.read(PAPERS, MONTH).height == 20


@on_one_database
def test_files_and_directories_are_the_owners_alone(shelf: Shelf) -> None:
    file = file_of(shelf, put(shelf, papers(1)))
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


ROWS = st.lists(
    st.tuples(st.one_of(st.none(), st.text(max_size=4)), st.one_of(st.none(), st.integers(-9, 9))), max_size=6
)


def table(rows: list[tuple[str | None, int | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"a": pl.String, "b": pl.Int64}, orient="row")


@draws(150)
@given(ROWS, ROWS)
def test_two_tables_have_one_digest_exactly_when_they_are_equal(
    one: list[tuple[str | None, int | None]], other: list[tuple[str | None, int | None]]
) -> None:
    equal = one == other
    assert (content_digest(table(one)) == content_digest(table(other))) is equal
    assert content_digest(pl.concat([table(one), table(other)])) == content_digest(table(one + other))


@pytest.mark.parametrize("pair", [(None, ""), ("", '""'), ("a,b", "a"), ("\\N", None), ("null", None), ("1", "01")])
def test_values_that_look_alike_as_text_have_other_digests(pair: tuple[str | None, str | None]) -> None:
    first, second = (content_digest(table([(value, 1)])) for value in pair)
    assert first != second


def test_a_column_of_another_type_has_another_digest() -> None:
    numbers = pl.DataFrame({"a": [1]})
    assert content_digest(numbers) != content_digest(numbers.cast(pl.String))
