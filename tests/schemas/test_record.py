"""One declaration validates, types, orders and documents a table."""

from datetime import date

import polars as pl
import pytest

from schemas.codes import FLAG
from schemas.record import DAY, MONTH, Item, Record, RecordError, Rule, code, count, digits, text, yen

SECRET = "秘密の氏名"
VISITS = Record(
    "visits",
    "受診",
    "試験の表",
    (
        Item("no", "番号", digits(3)),
        Item("name", "氏名", text(6), frozenset({3})),
        Item("day", "受診日", DAY),
        Item("month", "月", MONTH),
        Item("cost_yen", "額", yen()),
        Item("days", "日数", count(31), nullable=True),
        Item("flag", "旗", code(FLAG)),
    ),
    ("no",),
    frozenset({3}),
    (Rule("月の外", ("day", "month"), pl.col("day").dt.truncate("1mo") != pl.col("month"), "月が違います"),),
)
GOOD = {
    "no": "001",
    "name": SECRET,
    "day": date(2026, 10, 5),
    "month": date(2026, 10, 1),
    "cost_yen": 100,
    "days": None,
    "flag": "1",
}


def rows(*changes: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([GOOD | change for change in changes], schema=VISITS.schema)


def test_a_good_frame_comes_back_as_it_was() -> None:
    frame = rows({}, {"no": "002"})
    assert VISITS.validated(frame).equals(frame)


@pytest.mark.parametrize(
    ("change", "item", "rule"),
    [
        ({"no": "01"}, "no", "書式"),
        ({"no": "00１"}, "no", "書式"),
        ({"name": ""}, "name", "空欄"),
        ({"name": "長い氏名です七字"}, "name", "桁数"),
        ({"name": None}, "name", "必須"),
        ({"month": date(2026, 10, 5)}, "month", "月初"),
        ({"cost_yen": -1}, "cost_yen", "下限"),
        ({"days": 32}, "days", "上限"),
        ({"flag": "2"}, "flag", "コード"),
        ({"day": date(2026, 11, 1)}, "day+month", "月の外"),
    ],
)
def test_a_broken_rule_is_found_in_its_row_and_refused_without_its_value(
    change: dict[str, object], item: str, rule: str
) -> None:
    frame = rows({}, {"no": "002"} | change)
    assert (1, item, rule) in VISITS.faults(frame).rows()
    with pytest.raises(RecordError) as refused:
        VISITS.validated(frame)
    assert item in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_doubled_key_is_refused_and_counted() -> None:
    with pytest.raises(RecordError, match="doubled ×2"):
        VISITS.validated(rows({}, {}))


@pytest.mark.parametrize(
    "frame",
    [
        rows({}).drop("flag"),
        rows({}).with_columns(extra=1),
        rows({}).with_columns(pl.col("cost_yen").cast(pl.Int32)),
        rows({}).select(reversed(VISITS.names)),
    ],
)
def test_missing_extra_mistyped_and_reordered_columns_are_refused(frame: pl.DataFrame) -> None:
    with pytest.raises(RecordError, match="columns missing"):
        VISITS.validated(frame)


@pytest.mark.parametrize("frame", [rows({}).clear().drop("flag"), rows({}).clear().select(reversed(VISITS.names))])
def test_a_frame_without_rows_must_have_the_columns_too(frame: pl.DataFrame) -> None:
    assert VISITS.validated(VISITS.empty()).is_empty()
    with pytest.raises(RecordError, match="columns missing"):
        VISITS.validated(frame)


def test_a_lazy_frame_is_refused_because_no_value_of_it_would_be_checked() -> None:
    with pytest.raises(RecordError, match="eager"):
        VISITS.validated(rows({"flag": "9"}).lazy())  # type: ignore[arg-type]


def test_the_table_schema_states_types_lengths_and_codes() -> None:
    fields = {field["name"]: field for field in VISITS.table_schema()["fields"]}
    assert fields["no"]["constraints"] == {"required": True, "maxLength": 3, "pattern": "^[0-9]{3}$"}
    assert fields["flag"]["constraints"]["enum"] == ["0", "1"]
    assert fields["month"]["type"] == "yearmonth"
    assert fields["cost_yen"]["type"] == "integer"


def test_an_item_declared_twice_or_a_key_without_item_is_no_record() -> None:
    item = Item("a", "あ", DAY)
    with pytest.raises(RecordError, match="twice"):
        Record("r", "表", "説明", (item, item), ("a",))
    with pytest.raises(RecordError, match="key"):
        Record("r", "表", "説明", (item,), ("b",))
