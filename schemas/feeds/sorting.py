"""From text rows to typed rows, accepted or refused.

Belongs here: casting text to the record's types, finding every rule a row breaks, check digits, the yen of a
row, doubled keys. What the rules are belongs to the record and the layout.
"""

from datetime import date

import polars as pl

from schemas.checkdigits import broken
from schemas.feeds.days import ERA_DAY, YEARLESS_DAY, nearest_era_day, nearest_yearless_day
from schemas.feeds.layout import Column, Layout, Reading, Sorted, Source
from schemas.record import Item, Record
from schemas.records.feeds import CONTROL_YEN, accepted, refused

LARGEST_YEN = 99_999_999_999
_LONGEST_ROW_TEXT = 20_000
_DAY = {"YYYY-MM-DD": ("-", "%Y-%m-%d"), "YYYYMMDD": ("", "%Y%m%d")}
_MONTH = {"YYYY-MM": ("-", "%Y-%m-%d"), "YYYYMM": ("", "%Y%m%d")}
_YEAR, _TWO = "(?:18|19|20|21)[0-9]{2}", "[0-9]{2}"
_WHOLE = {kind: r"^(?:0|-?[1-9][0-9]{0,10})$" for kind in ("csv", "uke")}
_WHOLE |= {"fixed": r"^-?[0-9]{1,11}$", "zengin": r"^[0-9]{1,13}$"}


def typed(layout: Layout, reading: Reading, record: Record, source: Source) -> Sorted:
    """accepted(record) and refused(record) of a reading; together they are all its rows."""
    frame = _cast(layout, reading.rows, record, source.known_date)
    faults = _faults(layout, reading.rows, frame, record)
    yen, readable = _row_yen(record, frame, faults)
    rows = reading.rows.select("line_no", "row_text").with_columns(yen=yen).with_row_index("row")
    origin = [pl.lit(source.delivery).alias("delivery"), pl.lit(source.known_date).alias("known_date")]
    numbered = frame.hstack(rows.select("row", "line_no"))
    fine = numbered.join(faults.select("row").unique(), "row", "anti", maintain_order="left")
    refusals = _refusals(faults.join(rows, "row"), reading.malformed)
    return Sorted(
        accepted=fine.with_columns(origin).select(accepted(record).names),
        refused=refusals.with_columns(origin).select(refused(record).names),
        warnings=_warnings(layout, fine, reading).with_columns(origin).select("delivery", "line_no", "item", "rule"),
        unreadable_lines=_unreadable(record, rows.filter(~readable), reading.malformed),
        doubled_lines=_doubled(record, frame, reading.rows["line_no"]),
    )


def _cast(layout: Layout, rows: pl.DataFrame, record: Record, known_date: date) -> pl.DataFrame:
    columns = {column.item: column for column in layout.columns}
    return rows.select(
        _value(layout, columns[item.name], item, known_date) if item.name in columns else _absent(item)
        for item in record.items
    )


def _absent(item: Item) -> pl.Expr:
    return pl.lit(None, dtype=item.type.dtype).alias(item.name)


def _value(layout: Layout, column: Column, item: Item, known_date: date) -> pl.Expr:
    """The typed value of a text column; null where the text is no such value."""
    text = _mapped(column, item)
    match item.type.name:
        case "date" if column.form(item) == YEARLESS_DAY:
            value = nearest_yearless_day(text, known_date)
        case "date" if column.form(item) == ERA_DAY:
            value = nearest_era_day(text, known_date)
        case "date":
            mark, pattern = _DAY[column.form(item)]
            value = _day(text, f"^{_YEAR}{mark}{_TWO}{mark}{_TWO}$", pattern)
        case "month":
            mark, pattern = _MONTH[column.form(item)]
            value = _day(text, f"^{_YEAR}{mark}{_TWO}$", pattern, pl.lit(f"{mark}01"))
        case "yen" | "count":
            value = pl.when(text.str.contains(_WHOLE[layout.kind])).then(text).cast(pl.Int64, strict=False)
        case _:
            value = text
    return value.alias(item.name)


def _mapped(column: Column, item: Item) -> pl.Expr:
    text = pl.col(column.item)
    if not column.map:
        return text
    if item.type.codes is not None:
        return text.replace_strict(column.map, default=None, return_dtype=pl.String)
    return text.replace(column.map).replace("", None)


def _day(text: pl.Expr, form: str, pattern: str, tail: pl.Expr | None = None) -> pl.Expr:
    whole = text if tail is None else text + tail
    return pl.when(text.str.contains(form)).then(whole).str.to_date(pattern, strict=False)


def _faults(layout: Layout, rows: pl.DataFrame, frame: pl.DataFrame, record: Record) -> pl.DataFrame:
    """(row, item, rule) of every broken rule; a value that does not cast breaks that one rule only."""
    uncast = _uncast(layout, rows, frame, record)
    broken_rules = record.faults(frame).join(uncast, ["row", "item"], "anti")
    found = pl.concat([uncast, broken_rules, _check_digit_faults(layout, frame, "error")])
    return pl.concat([found, _beside_a_fault(frame, found, record)]).sort("row", "item", "rule")


def _beside_a_fault(frame: pl.DataFrame, faults: pl.DataFrame, record: Record) -> pl.DataFrame:
    """The sound rows that belong together with a row that breaks a rule."""
    if not record.together:
        return faults.clear()
    rows = frame.select(record.together).with_row_index("row")
    wrong = rows.join(faults, on="row", how="semi")
    others = rows.join(wrong, on=record.together, how="semi", nulls_equal=True).join(wrong, on="row", how="anti")
    item, rule = pl.lit("+".join(record.together)), pl.lit("ともに届いた行の誤り")
    return others.select("row", item.alias("item"), rule.alias("rule"))


def _uncast(layout: Layout, rows: pl.DataFrame, frame: pl.DataFrame, record: Record) -> pl.DataFrame:
    stated = rows.select(_stated(column) for column in layout.columns)
    absent = frame.select(pl.col(column.item).is_null() for column in layout.columns)
    return _where(
        [
            (name, "コード" if record[name].type.codes is not None else "型", stated[name] & absent[name])
            for name in stated.columns
        ]
    )


def _stated(column: Column) -> pl.Expr:
    """Whether the sender says anything in a column."""
    emptied = [theirs for theirs, ours in column.map.items() if ours == ""]
    text = pl.col(column.item)
    return text.is_not_null() & ~text.is_in(emptied).fill_null(False) if emptied else text.is_not_null()


def _check_digit_faults(layout: Layout, frame: pl.DataFrame, severity: str) -> pl.DataFrame:
    items = [layout.record[name] for name, stated in layout.check_digits.items() if stated == severity]
    masks = frame.select(_wrong_digit(item) for item in items)
    return _where([(item.name, "検査数字", masks[item.name]) for item in items])


def _wrong_digit(item: Item) -> pl.Expr:
    whole = pl.col(item.name).str.contains(item.type.pattern or "").fill_null(False)
    return (whole & broken(item.name, item.type.length or 0)).alias(item.name)


def _warnings(layout: Layout, rows: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    found = _check_digit_faults(layout, rows, "warning")
    digits = found.select(line_no=rows["line_no"].gather(found["row"]), item="item", rule="rule")
    told = reading.warnings.join(rows.select("line_no"), "line_no", "semi")
    return pl.concat([digits, told.select("line_no", "item", "rule")])


def _where(masks: list[tuple[str, str, pl.Series]]) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"row": pl.UInt32, "item": pl.String, "rule": pl.String})
    found = [
        pl.DataFrame({"row": mask.arg_true()}).with_columns(item=pl.lit(item), rule=pl.lit(rule))
        for item, rule, mask in masks
        if mask.any()
    ]
    return pl.concat([empty, *found])


def _row_yen(record: Record, frame: pl.DataFrame, faults: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Per row: its control yen (0 where unreadable), and whether it can be read."""
    items = list(CONTROL_YEN.get(record.name, ()))
    uncast = faults.filter(pl.col("item").is_in(items) & (pl.col("rule") == "型"))["row"]
    total = pl.sum_horizontal(pl.lit(0, pl.Int64), *items)
    rows = frame.with_columns(yen=total).with_row_index("row")
    readable = ~pl.col("row").is_in(uncast.implode()) & (pl.col("yen").abs() <= LARGEST_YEN)
    rows = rows.select(readable.alias("readable"), pl.when(readable).then("yen").otherwise(0).alias("yen"))
    return rows["yen"], rows["readable"]


def _unreadable(record: Record, unread: pl.DataFrame, malformed: pl.DataFrame) -> tuple[int, ...]:
    if record.name not in CONTROL_YEN:
        return ()
    return tuple(sorted([*unread["line_no"], *malformed["line_no"]]))


def _refusals(broken_rules: pl.DataFrame, malformed: pl.DataFrame) -> pl.DataFrame:
    """line_no, item, rule, yen (once per line), row_text, in the order of the file."""
    names = ["line_no", "item", "rule", "yen", "row_text"]
    lines = malformed.with_columns(item=pl.lit("行"), yen=pl.lit(0, pl.Int64)).select(names)
    found = pl.concat([broken_rules.select(names), lines]).sort("line_no", "item", "rule")
    text = pl.col("row_text").str.slice(0, _LONGEST_ROW_TEXT)
    return found.with_columns(
        yen=pl.when(pl.col("line_no").is_first_distinct()).then("yen").otherwise(0),
        row_text=pl.when(text == "").then(pl.lit("(空行)")).otherwise(text),
    )


def _doubled(record: Record, frame: pl.DataFrame, line_no: pl.Series) -> tuple[int, ...]:
    keyed = frame.select(record.key).with_columns(line_no).drop_nulls()
    return tuple(keyed.filter(~pl.struct(record.key).is_first_distinct())["line_no"])
