"""Every rule of a row refuses the row that breaks it, with its line and every reason, and no other row."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.feeds.adapter import Adapter
from schemas.feeds.layout import Sorted, Source
from schemas.record import Item
from schemas.records.feeds import CONTROL_YEN, FEEDS, accepted, refused
from tests.support.draws import draws
from tests.support.rows import valid_rows

SOURCE = Source("receipts_diff_20261014_0001.csv", date(2026, 10, 14))
RECEIPTS = FEEDS["receipts"]


def typed(feed: str, rows: pl.DataFrame, texts: dict[str, str]) -> Sorted:
    """Five rows of a feed; in the third (line 4, or 3 in a file without header) some items hold other text."""
    adapter = Adapter.load(feed)
    reading = adapter.read(adapter.write(rows), "f")
    third = pl.int_range(pl.len()) == 2
    changed = reading.rows.with_columns(
        pl.when(third).then(pl.lit(text or None, pl.String)).otherwise(pl.col(item)).alias(item)
        for item, text in texts.items()
    )
    found = adapter.typed(type(reading)(changed, reading.malformed), FEEDS[feed], SOURCE)
    if not found.doubled_lines:
        accepted(FEEDS[feed]).validated(found.accepted)
    refused(FEEDS[feed]).validated(found.refused)
    return found


def reasons(feed: str, texts: dict[str, str]) -> list[tuple[str, str]]:
    found = typed(feed, valid_rows(FEEDS[feed], 5), texts)
    line = 4 if Adapter.load(feed).header else 3
    assert found.refused["line_no"].unique().to_list() == ([line] if found.refused.height else [])
    assert found.accepted.height == 5 - (found.refused.height > 0)
    return found.refused.select("item", "rule").rows()


@pytest.mark.parametrize(
    ("feed", "texts", "told"),
    [
        ("residents", {"birth_date": "2026-02-30"}, ("birth_date", "型")),
        ("residents", {"birth_date": "2026-2-3"}, ("birth_date", "型")),
        ("residents", {"birth_date": "0226-02-03"}, ("birth_date", "型")),
        ("residents", {"birth_date": "20260203"}, ("birth_date", "型")),
        ("residents", {"birth_date": "２０２６-02-03"}, ("birth_date", "型")),
        ("residents", {"birth_date": ""}, ("birth_date", "必須")),
        ("residents", {"sex": "3"}, ("sex", "コード")),
        ("residents", {"sex": "男"}, ("sex", "コード")),
        ("residents", {"resident_code": "12345"}, ("resident_code", "書式")),
        ("residents", {"name": "あ" * 101}, ("name", "桁数")),
        ("residents", {"history_no": "1.0"}, ("history_no", "型")),
        ("residents", {"history_no": "+1"}, ("history_no", "型")),
        ("residents", {"history_no": "01"}, ("history_no", "型")),
        ("residents", {"history_no": " 1"}, ("history_no", "型")),
        ("residents", {"history_no": "10000"}, ("history_no", "上限")),
        ("residents", {"history_no": "9" * 30}, ("history_no", "型")),
        (
            "residents",
            {"resident_to_date": "2027-01-01", "resident_to_reason": ""},
            ("resident_to_date+resident_to_reason", "消除の組"),
        ),
        ("receipts", {"service_month": "202613"}, ("service_month", "型")),
        ("receipts", {"service_month": "20261001"}, ("service_month", "型")),
        ("receipts", {"rcpt_patient_beneficiary_no": "1234567"}, ("rcpt_patient_beneficiary_no", "検査数字")),
        ("receipts", {"rcpt_patient_beneficiary_no": "123"}, ("rcpt_patient_beneficiary_no", "書式")),
        (
            "receipts",
            {"receipt_change": "0", "rcpt_total_medical_cost_yen": "-5"},
            ("rcpt_total_medical_cost_yen+receipt_change", "総額の符号"),
        ),
        (
            "receipts",
            {"rcpt_self_pay_yen": "1", "rcpt_public_expense_yen": "2"},
            ("rcpt_public_expense_yen+rcpt_self_pay_yen", "公費が自己負担超"),
        ),
        ("claims", {"treatment_days": "1O"}, ("treatment_days", "型")),
        ("claims", {"treatment_days": " 1"}, ("treatment_days", "型")),
        ("claims", {"beneficiary_no": "1234567"}, ("beneficiary_no", "検査数字")),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_for_that_rule_alone(
    feed: str, texts: dict[str, str], told: tuple[str, str]
) -> None:
    assert reasons(feed, texts) == [told]


def test_a_row_that_breaks_several_rules_is_told_every_one_and_counts_its_yen_once() -> None:
    rows = valid_rows(RECEIPTS, 5)
    texts = {"rcpt_patient_sex": "7", "insurer_no": "1", "rcpt_patient_birth_date": "x", "receipt_no": ""}
    found = typed("receipts", rows, texts).refused
    assert found.select("item", "rule").rows() == [
        ("insurer_no", "書式"),
        ("rcpt_patient_birth_date", "型"),
        ("rcpt_patient_sex", "コード"),
        ("receipt_no", "必須"),
    ]
    assert found["yen"].to_list() == [rows["rcpt_public_expense_yen"][2], 0, 0, 0]
    assert found["delivery"].unique().to_list() == [SOURCE.delivery]
    assert found["known_date"].unique().to_list() == [SOURCE.known_date]


def test_a_row_whose_yen_cannot_be_read_counts_none_and_is_named() -> None:
    found = typed("receipts", valid_rows(RECEIPTS, 5), {"rcpt_public_expense_yen": "1O0"})
    assert found.unreadable_lines == (4,)
    assert found.refused["yen"].to_list() == [0]


def test_a_missing_yen_counts_none_and_is_readable() -> None:
    found = typed("receipts", valid_rows(RECEIPTS, 5), {"rcpt_public_expense_yen": ""})
    assert found.unreadable_lines == ()
    assert found.refused.select("rule", "yen").rows() == [("必須", 0)]


def test_doubled_keys_are_named_by_the_later_lines_even_in_refused_rows() -> None:
    rows = valid_rows(RECEIPTS, 5)
    doubled = pl.concat([rows, rows[[2, 4]]])
    found = typed("receipts", doubled, {"rcpt_patient_sex": "7"})
    assert found.doubled_lines == (7, 8)


def _sound(item: Item, text: str) -> bool:
    """Whether an item takes a text, written once more by hand."""
    kind = item.type
    if text == "":
        return item.nullable
    if kind.codes is not None:
        return text in kind.codes.labels
    if kind.name == "digits":
        return len(text) == kind.length and all(c in "0123456789" for c in text)
    if kind.name in ("yen", "count"):
        plain = text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) <= 12
        whole = plain and str(int(text)) == text
        lowest = -(10**11) if kind.minimum is None else kind.minimum
        return whole and lowest <= int(text) <= (kind.maximum or 0)
    if kind.name == "date":
        try:
            return f"{date(int(text[:4]), int(text[4:6]), int(text[6:])):%Y%m%d}" == text and text[:2] in ("19", "20")
        except ValueError:
            return False
    return len(text) <= (kind.length or 0)


HARD = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "00", "20260101", "20260230", "2026011", "19000229", "9" * 9, "12345678"]),
    st.integers(-(10**12), 10**12).map(str),
    st.text("0123456789- .あ１", max_size=9),
)
RECEIPTS_ADAPTER = Adapter.load("receipts")
FORTY = RECEIPTS_ADAPTER.write(valid_rows(RECEIPTS, 40))
FREE = [
    name
    for name in RECEIPTS.names
    if RECEIPTS[name].type.name != "month"
    and not any(name in rule.items for rule in RECEIPTS.rules)
    and name != "rcpt_patient_beneficiary_no"
]


@pytest.mark.parametrize("name", FREE)
@given(texts=st.lists(HARD, min_size=1, max_size=40))
@draws(4)
def test_any_text_in_any_item_is_accepted_exactly_when_the_item_takes_it(name: str, texts: list[str]) -> None:
    reading = RECEIPTS_ADAPTER.read(FORTY, "f")
    rows = reading.rows.head(len(texts)).with_columns(pl.Series(name, [text or None for text in texts]).cast(pl.String))
    found = RECEIPTS_ADAPTER.typed(type(reading)(rows, reading.malformed), RECEIPTS, SOURCE)
    sound = [line for line, text in enumerate(texts, start=2) if _sound(RECEIPTS[name], text)]
    assert found.accepted["line_no"].to_list() == sound
    assert set(found.refused["item"]) <= {name}


@pytest.mark.parametrize("feed", sorted(CONTROL_YEN))
@given(data=st.data())
@draws(15)
def test_rows_and_yen_in_are_accepted_and_refused_whatever_breaks(feed: str, data: st.DataObject) -> None:
    adapter, record = Adapter.load(feed), FEEDS[feed]
    rows = valid_rows(record, 12, data.draw(st.integers(0, 3)))
    reading = adapter.read(adapter.write(rows), "f")
    texts = reading.rows.rows(named=True)
    free = [item for item in adapter.items if item not in CONTROL_YEN[feed]]
    for at in data.draw(st.sets(st.integers(0, 11))):
        texts[at][data.draw(st.sampled_from(free))] = data.draw(HARD) or None
    found = adapter.typed(
        type(reading)(pl.DataFrame(texts, schema=reading.rows.schema), reading.malformed), record, SOURCE
    )
    lines = {*found.accepted["line_no"], *found.refused["line_no"]}
    assert sorted(lines) == reading.rows["line_no"].to_list()
    assert found.accepted.height + found.refused["line_no"].n_unique() == 12
    kept = [*found.refused["yen"], *(yen for item in CONTROL_YEN[feed] for yen in found.accepted[item] if yen)]
    assert sum(kept) == sum(yen for item in CONTROL_YEN[feed] for yen in rows[item] if yen)
