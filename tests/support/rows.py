"""Valid rows of any Record, built from its items: for tests only.

Not realistic people: one subject per row, running keys, values inside their type, check digits that hold, and
every rule over several items kept. Text is encodable in cp932; keys that a punched form carries are ASCII.
"""

import random
from datetime import date, timedelta

import polars as pl

from schemas.checkdigits import m10w21
from schemas.record import Item, Record

_SURNAMES = ("佐藤", "髙橋", "山﨑", "川口", "渡邊", "グエン")
_GIVEN = ("陽葵", "蓮", "結衣", "湊", "翔太", "ティ アン")
_KANA = ("ｻﾄｳ ﾊﾅ", "ﾀｶﾊｼ ﾚﾝ", "ﾔﾏｻﾞｷ ﾕｲ", "ｶﾜｸﾞﾁ ｼﾖｳﾀ")
_FIRST_DAY, _DAYS = date(2026, 4, 1), 180
_FIRST_BIRTH, _BIRTHS = date(2009, 4, 2), 6000
_ASCII_TEXT = ("_no", "symbol_number", "delivery")


def valid_rows(record: Record, n: int, seed: int = 1) -> pl.DataFrame:
    """n rows that `record.validated` accepts; the same rows for the same seed."""
    source = random.Random(f"{record.name} {seed}")
    running = _running_item(record)
    days = [_FIRST_DAY + timedelta(source.randrange(_DAYS)) for _ in range(n)]
    columns = {
        item.name: [_value(item, at, days[at], source, item.name == running) for at in range(n)]
        for item in record.items
    }
    frame = pl.DataFrame(columns, schema=record.schema)
    for rule in record.rules:
        frame = _kept(frame, record, rule.items, rule.broken.fill_null(False), source)
    return record.validated(frame)


def with_check_digit(body: str) -> str:
    """The body and its M10W21 check digit."""
    return body + m10w21(body)


def _running_item(record: Record) -> str:
    """The key item that numbers the rows; of a table of sums, whose keys are few, its month."""
    roomy = [name for name in record.key if (record[name].type.length or 0) >= 6 and record[name].type.codes is None]
    free = [name for name in roomy if not _listed(record[name])]
    return next(name for name in (*free, *record.key) if record[name].type.name in ("digits", "text", "month"))


def _listed(item: Item) -> bool:
    """Whether a text is one of a few words."""
    return "|" in (item.type.pattern or "")


def _value(item: Item, at: int, day: date, source: random.Random, running: bool) -> object:
    if item.nullable and not running and source.random() < 0.3:
        return None
    kind = item.type
    if kind.codes is not None:
        return source.choice(list(kind.codes.labels))
    match kind.name:
        case "date":
            birth = _FIRST_BIRTH + timedelta(source.randrange(_BIRTHS))
            return birth if "birth" in item.name else day
        case "month":
            month = day.replace(day=1)
            return month.replace(year=month.year + at) if running else month
        case "yen" | "count":
            highest = min(kind.maximum or 99, 50_000 if kind.name == "yen" else 9)
            return max(kind.minimum or 0, source.randint(1, highest))
        case "boolean":
            return source.random() < 0.5
        case "number":
            return float(source.randint(0, 100))
        case "digits":
            return _number(item, at if running else source.randrange(10**6), kind.length or 1)
    return _text(item, at, source, running)


def _number(item: Item, number: int, length: int) -> str:
    checked = (length == 7 and "beneficiary" in item.name) or length == 8
    if checked or (length == 10 and "institution" in item.name):
        return with_check_digit(f"{number:0{length - 1}d}"[-(length - 1) :])
    return f"{number + 1:0{length}d}"[-length:]


def _text(item: Item, at: int, source: random.Random, running: bool) -> str:
    length = item.type.length or 1
    if item.type.pattern is not None:
        return _fitting(item.type.pattern, length, source)
    if running:
        return f"K{at + 1:07d}"[-length:]
    if item.name.endswith(_ASCII_TEXT):
        return f"A{source.randrange(10**6):06d}"[:length]
    if "kana" in item.name:
        return source.choice(_KANA)[:length]
    if item.name.endswith("name"):
        return f"{source.choice(_SURNAMES)}　{source.choice(_GIVEN)}"[:length]
    return f"{item.label}{source.randint(1, 99)}-{source.randint(1, 9)}"[-length:]


def _fitting(pattern: str, length: int, source: random.Random) -> str:
    """Text of a pattern that names its alternatives, or else is hexadecimal digits."""
    if "|" in pattern:
        return source.choice(pattern.strip("^$()").split("|"))
    return "".join(source.choice("0123456789abcdef") for _ in range(length))


def _kept(
    frame: pl.DataFrame, record: Record, names: tuple[str, ...], broken: pl.Expr, source: random.Random
) -> pl.DataFrame:
    """The frame with the rows that break a rule repaired: what may be absent is, then numbers and codes give way."""
    items = [record[name] for name in names]
    absent = [
        pl.when(broken).then(None).otherwise(pl.col(item.name)).alias(item.name) for item in items if item.nullable
    ]
    frame = frame.with_columns(absent)
    whole = [item.name for item in items if item.type.dtype == pl.Int64()]
    frame = frame.with_columns(
        pl.when(broken).then(pl.min_horizontal(whole)).otherwise(pl.col(name)).alias(name) for name in whole
    )
    stated = [name for name in whole if not record[name].nullable]
    frame = frame.with_columns(pl.when(broken).then(0).otherwise(pl.col(name)).alias(name) for name in stated)
    coded = [item for item in items if item.type.codes is not None]
    for item in coded:
        for code in item.type.codes.labels if item.type.codes else ():
            frame = frame.with_columns(pl.when(broken).then(pl.lit(code)).otherwise(pl.col(item.name)).alias(item.name))
    return frame
