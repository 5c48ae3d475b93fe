"""A feed may come in several layouts; one that nobody has confirmed reads nothing and says what to ask."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from schemas.feeds import adapter as adapters
from schemas.feeds.adapter import FOLDER, Adapter
from schemas.feeds.errors import AdapterError, DeliveryError
from schemas.feeds.layout import Source
from schemas.records.feeds import FEEDS
from tests.support.rows import valid_rows

UNCONFIRMED = ("fwma001", "jiko", "renmeibo")


def stated(extension: str) -> dict[str, object]:
    return dict(yaml.safe_load((FOLDER / "receipts" / f"{extension}.yaml").read_text("utf-8")))


def parsed(extension: str, **changes: object) -> Adapter:
    return Adapter.parse(yaml.safe_dump({**stated(extension), **changes}, allow_unicode=True), "receipts")


def test_receipts_come_in_five_layouts_told_by_extension() -> None:
    assert Adapter.variants("receipts") == ("fwma001", "jiko", "renmeibo", "uke")
    assert Adapter.variants("claims") == ()
    for extension in Adapter.variants("receipts"):
        adapter = Adapter.variant("receipts", extension)
        assert (adapter.feed, adapter.extension) == ("receipts", extension)
        assert adapter.name


@pytest.mark.parametrize("extension", UNCONFIRMED)
def test_a_layout_whose_columns_are_not_public_reads_nothing_and_says_what_to_ask(extension: str) -> None:
    adapter = Adapter.variant("receipts", extension)
    assert not adapter.confirmed
    assert adapter.items == ()
    assert adapter.known
    for data in (b"", b"a,b\r\n"):
        with pytest.raises(DeliveryError) as caught:
            adapter.read(data, "f")
        assert caught.value.code == "unconfirmed"
        assert adapter.ask in caught.value.message
        assert adapter.office in caught.value.action


def test_what_is_public_of_the_okinawa_statement_is_three_items() -> None:
    assert [(one.number, one.column) for one in Adapter.variant("receipts", "jiko").known] == [
        (6, "保険者番号"),
        (16, "自己負担支払額"),
        (17, "食事療養費"),
    ]


@pytest.mark.parametrize("extension", UNCONFIRMED)
@pytest.mark.parametrize("header", [True, False])
def test_once_the_columns_are_supplied_it_reads(extension: str, header: bool) -> None:
    items = [item.name for item in FEEDS["receipts"].items]
    columns = [{"column": f"列{chr(0x3042 + at)}", "item": item} for at, item in enumerate(items)]
    adapter = parsed(extension, columns=columns, confirmed=True, header=header)
    rows = valid_rows(FEEDS["receipts"], 20)
    data = adapter.write(rows)
    assert data.startswith("列".encode("cp932")) == header
    found = adapter.typed(adapter.read(data, "f"), FEEDS["receipts"], Source("f", date(2026, 12, 10)))
    assert found.refused.is_empty()
    assert found.accepted.select(rows.columns).equals(rows)
    assert found.accepted["line_no"][0] == 1 + header


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ask": ""}, "照会"),
        ({"confirmed": True}, "必須の項目"),
        ({"columns": [{"column": "請求年月", "item": "billing_month"}]}, "照会"),
        ({"known": [{"column": "x", "source": "y", "item": "nothing"}]}, "nothing"),
        ({"known": [{"column": "x"}]}, "source"),
    ],
)
def test_a_layout_is_not_half_confirmed(changes: dict[str, object], told: str) -> None:
    with pytest.raises(AdapterError, match=told):
        parsed("fwma001", **changes)


def test_an_extension_without_a_layout_has_none() -> None:
    for extension in ("xlsx", "../claims", ""):
        with pytest.raises(AdapterError, match="定義されていません"):
            Adapter.variant("receipts", extension)
    with pytest.raises(AdapterError, match="定義されていません"):
        Adapter.variants("nobody")


def test_one_municipality_may_state_a_layout_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "119999" / "receipts"
    own.mkdir(parents=True)
    text = yaml.safe_dump({**stated("uke"), "office": "別の機関", "own_payers": ["81119999"]}, allow_unicode=True)
    (own / "uke.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(adapters, "FOLDER", tmp_path)
    adapter = Adapter.variant("receipts", "uke", "119999")
    assert (adapter.office, adapter.own_payers) == ("別の機関", {"81119999"})
    assert Adapter.variants("receipts", "119999") == ("uke",)
