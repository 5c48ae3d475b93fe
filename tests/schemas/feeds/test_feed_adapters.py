"""The adapter files: complete, strict, and overridable by one municipality."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from schemas.feeds import adapter as adapters
from schemas.feeds.adapter import FOLDER, Adapter
from schemas.feeds.errors import AdapterError, DeliveryError
from schemas.feeds.layout import Source
from schemas.records.feeds import DAILY, FEEDS
from tests.support.rows import valid_rows


def stated(feed: str) -> dict[str, object]:
    return dict(yaml.safe_load((FOLDER / f"{feed}.yaml").read_text(encoding="utf-8")))


def parsed(of_feed: str, **changes: object) -> Adapter:
    return Adapter.parse(yaml.safe_dump({**stated(of_feed), **changes}, allow_unicode=True), of_feed)


def columns(feed: str, of_item: str, **changes: object) -> list[dict[str, object]]:
    """The feed's columns, one of them changed."""
    found = stated(feed)["columns"]
    assert isinstance(found, list)
    return [{**column, **changes} if column["item"] == of_item else column for column in found]


def test_every_feed_has_one_adapter_and_every_adapter_a_feed() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(FEEDS)


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_an_adapter_holds_every_item_of_its_record_in_order(feed: str) -> None:
    adapter = Adapter.load(feed)
    assert adapter.items == FEEDS[feed].names
    assert adapter.label == FEEDS[feed].label


def test_the_files_are_as_the_offices_send_them() -> None:
    adapters_of = {feed: Adapter.load(feed) for feed in FEEDS}
    assert {feed for feed, each in adapters_of.items() if each.encoding == "cp932"} == {
        "claims",
        "receipts",
        "insurer_answers",
        "review_body_demands",
        "bank_results",
    }
    assert {feed for feed, each in adapters_of.items() if each.kind == "fixed"} == {"claims"}
    assert {feed for feed, each in adapters_of.items() if each.due == "every_day"} < {each.name for each in DAILY}
    assert {feed for feed, each in adapters_of.items() if each.due == "every_month"} == {"claims", "receipts"}


def test_an_unknown_feed_has_no_adapter() -> None:
    for feed, municipality in (("../codes", "112038"), ("nobody", "112038"), ("residents", "../..")):
        with pytest.raises(AdapterError, match="定義されていません"):
            Adapter.load(feed, municipality)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"surprise": 1}, "surprise"),
        ({"columns": "all"}, "列の並び"),
        ({"columns": [1]}, "鍵と値"),
        ({"columns": []}, "必須の項目"),
        ({"columns": columns("receipts", "service_month", witdh=3)}, "witdh"),
        ({"columns": columns("receipts", "service_month", bytes=6)}, "bytes"),
        ({"columns": columns("receipts", "service_month", format="YYYYMMDD")}, "format"),
        ({"columns": columns("receipts", "service_month", item="nothing")}, "nothing"),
        ({"columns": columns("receipts", "service_month", column="レセプト番号")}, "二度"),
        ({"columns": columns("receipts", "receipt_change", map={"A": "0", "B": "0"})}, "重なる"),
        ({"columns": columns("receipts", "receipt_change", map={"A": "7"})}, "コード表にない"),
        ({"kind": "xml"}, "kind"),
        ({"kind": "fixed"}, "固定長"),
        ({"kind": "uke", "header": True, "columns": []}, "見出し"),
        ({"encoding": "euc-jp"}, "encoding"),
        ({"due": "every_day"}, "due"),
        ({"due": "sometimes"}, "due"),
        ({"shrink_share": 2}, "shrink_share"),
        ({"maximum_bytes": 0}, "maximum_bytes"),
        ({"maximum_bytes": "many"}, "maximum_bytes"),
        ({"feed": "claims"}, "feed"),
        ({"twelve_digit_items": ["nobody"]}, "nobody"),
        ({"check_digits": {"insurer_no": "perhaps"}}, "check_digits"),
        ({"check_digits": {"rcpt_patient_name": "error"}}, "番号ではない"),
    ],
    ids=str,
)
def test_a_contradictory_adapter_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(AdapterError, match=told):
        parsed("receipts", **changes)


def test_text_that_is_no_adapter_is_refused() -> None:
    for text in ("", "[]", "feed: [", "label: x"):
        with pytest.raises(AdapterError):
            Adapter.parse(text, "receipts")


def test_a_municipality_may_have_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {**stated("residents"), "office": "住民課"}
    (tmp_path / "119999").mkdir()
    (tmp_path / "119999" / "residents.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    (tmp_path / "residents.yaml").write_text((FOLDER / "residents.yaml").read_text("utf-8"), encoding="utf-8")
    monkeypatch.setattr(adapters, "FOLDER", tmp_path)
    assert Adapter.load("residents", "119999").office == "住民課"
    assert Adapter.load("residents", "119998").office == "市民課"


def test_a_city_with_its_own_codes_dates_and_columns_reads_and_writes_the_same_rows() -> None:
    rows = valid_rows(FEEDS["residents"], 40)
    changed = columns("residents", "sex", map={"M": "1", "F": "2", "X": "0", "-": "9"})
    changed = [
        {**column, "column": f"住民{column['column']}", "format": "YYYYMMDD"}
        if column["item"] == "birth_date"
        else {**column, "map": {"9999-12-31": ""}}
        if column["item"] == "resident_to_date"
        else column
        for column in changed
        if column["item"] != "alias_name"
    ]
    adapter = parsed("residents", columns=changed)
    data = adapter.write(rows)
    assert b"9999-12-31" in data
    assert rows["sex"].is_in(["1", "2"]).any()
    found = adapter.typed(adapter.read(data, "f"), FEEDS["residents"], Source("f", date(2026, 10, 14)))
    assert found.accepted.select(rows.columns).equals(rows.with_columns(alias_name=pl.lit(None, pl.String)))
    wrong = adapter.read(data.replace(b",M,", b",1,").replace(b",F,", b",2,"), "f")
    refused = adapter.typed(wrong, FEEDS["residents"], Source("f", date(2026, 10, 14))).refused
    assert refused.select("item", "rule").unique().rows() == [("sex", "コード")]
    assert refused.height == rows["sex"].is_in(["1", "2"]).sum()


def test_a_fixed_width_city_with_japanese_text_counts_two_bytes_a_character() -> None:
    adapter = parsed("claims", columns=columns("claims", "claim_no", bytes=16))
    names = ["山﨑ﾊﾅA", "12", "髙"]
    rows = valid_rows(FEEDS["claims"], 3).with_columns(claim_no=pl.Series(names))
    data = adapter.write(rows)
    lines = data.split(b"\r\n")
    assert [len(line) for line in lines] == [adapter.line_bytes] * 3 + [0]
    found = adapter.typed(adapter.read(data, "f"), FEEDS["claims"], Source("f", date(2026, 10, 14)))
    assert found.accepted.select(rows.columns).equals(rows)
    cut = b" " + data[:14] + "山".encode("cp932") + data[17:]
    reading = adapter.read(cut, "f")
    assert reading.malformed.select("line_no", "rule").rows() == [(1, "文字境界")]
    assert reading.rows.height == 2


def without(data: bytes, labels: list[str]) -> bytes:
    """The CSV file with these columns left out of every line."""
    lines = [line.split(b",") for line in data.removesuffix(b"\r\n").split(b"\r\n")]
    kept = [at for at, label in enumerate(lines[0]) if label.decode("cp932") not in labels]
    return b"".join(b",".join(line[at] for at in kept) + b"\r\n" for line in lines)


@pytest.mark.parametrize("share", [1, 2, 5])
def test_a_file_without_optional_columns_is_taken_with_their_items_empty(share: int) -> None:
    adapter, record, source = Adapter.load("receipts"), FEEDS["receipts"], Source("f", date(2026, 10, 14))
    optional = [column for column in adapter.columns if column.optional][::share]
    rows = valid_rows(record, 30)
    found = adapter.typed(
        adapter.read(without(adapter.write(rows), [column.column for column in optional]), "f"), record, source
    )
    emptied = rows.with_columns(pl.lit(None, record.schema[one.item]).alias(one.item) for one in optional)
    assert found.accepted.select(record.names).equals(emptied)
    assert found.refused.is_empty()


def test_a_file_without_a_column_that_is_not_optional_is_refused() -> None:
    adapter = Adapter.load("receipts")
    data = without(adapter.write(valid_rows(FEEDS["receipts"], 3)), ["検索番号", "診療年月"])
    with pytest.raises(DeliveryError, match=r"「診療年月」") as refused:
        adapter.read(data, "f")
    assert "検索番号" not in str(refused.value)


def test_an_optional_column_holds_an_item_that_may_be_empty_and_stands_in_a_csv_file() -> None:
    with pytest.raises(AdapterError, match="optional"):
        parsed("receipts", columns=columns("receipts", "service_month", optional=True))
    with pytest.raises(AdapterError, match="optional"):
        parsed("claims", columns=columns("claims", "other_adjustment_yen", optional=True))
