"""The one declaration of a table: Item and Record.

Everything that describes a table derives from here: Polars dtypes, the Pandera model, the rules a row
must keep, the Frictionless Table Schema and the dictionary. What a file looks like on its way in belongs
to schemas/feeds; what a table is for belongs to schemas/records.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import pandera.polars as pa
import polars as pl

from schemas.codes import CodeList
from schemas.errors import CityError

PURPOSES: dict[int, str] = {
    1: "個人番号",
    2: "その他識別情報",
    3: "5情報",
    4: "連絡先",
    5: "その他住民票関係情報",
    6: "地方税関係情報",
    7: "医療保険関係情報",
    8: "児童福祉・子育て関係情報",
    9: "生活保護・社会福祉関係情報",
}
"""The nine stated purposes ①–⑨ (評価書22 II-2④). Every personal item serves at least one."""


@dataclass(frozen=True, slots=True)
class Type:
    """What one value may be: dtype, length in characters, pattern, closed code list, range."""

    name: str
    dtype: pl.DataType
    length: int | None = None
    pattern: str | None = None
    codes: CodeList | None = None
    minimum: int | None = None
    maximum: int | None = None


def text(length: int, pattern: str | None = None) -> Type:
    """Free text of at most `length` characters."""
    return Type("text", pl.String(), length, pattern)


def digits(length: int) -> Type:
    """Exactly `length` digits; leading zeros matter."""
    return Type("digits", pl.String(), length, rf"^[0-9]{{{length}}}$")


def code(codes: CodeList) -> Type:
    """One of a closed code list."""
    return Type("code", pl.String(), max(map(len, codes.labels)), None, codes)


DAY = Type("date", pl.Date(), 10)
MONTH = Type("month", pl.Date(), 7)
FRACTION = Type("number", pl.Float64())
TRUTH = Type("boolean", pl.Boolean())


def yen(minimum: int | None = 0, maximum: int = 999_999_999) -> Type:
    """Whole yen, Int64."""
    return Type("yen", pl.Int64(), 11, None, None, minimum, maximum)


def count(maximum: int = 99, minimum: int = 0) -> Type:
    """A number of things."""
    return Type("count", pl.Int64(), len(str(maximum)), None, None, minimum, maximum)


@dataclass(frozen=True, slots=True)
class Item:
    """One column. `no` is the annex-1 number, `purposes` the ①–⑨ that allow it, `of` the items it comes
    from as "record.item"."""

    name: str
    label: str
    type: Type
    purposes: frozenset[int] = frozenset()
    nullable: bool = False
    description: str = ""
    source: str = ""
    no: int | None = None
    of: tuple[str, ...] = ()
    confirmed: bool = True

    def rules(self) -> list[tuple[str, pl.Expr]]:
        """(rule, expression that is true where a value breaks it); the frame already has the dtypes."""
        column, kind = pl.col(self.name), self.type
        found: list[tuple[str, pl.Expr]] = []
        if not self.nullable:
            found.append(("必須", column.is_null()))
        if kind.pattern is not None:
            found.append(("書式", ~column.str.contains(kind.pattern)))
        elif kind.name == "text":
            found.append(("桁数", column.str.len_chars() > kind.length))
            if not self.nullable:
                found.append(("空欄", column.str.len_chars() == 0))
        if kind.codes is not None:
            found.append(("コード", ~column.is_in(list(kind.codes.labels))))
        if kind.minimum is not None:
            found.append(("下限", column < kind.minimum))
        if kind.maximum is not None:
            found.append(("上限", column > kind.maximum))
        if kind.name == "month":
            found.append(("月初", column.dt.day() != 1))
        return [(rule, broken.fill_null(False)) for rule, broken in found]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over several items of one row. `broken` is true where the row breaks it."""

    name: str
    items: tuple[str, ...]
    broken: pl.Expr
    reason: str


class RecordError(CityError):
    """A frame that is not its record. Names column, rule and count, never a value."""


@dataclass(frozen=True)
class Record:
    """A table: its items in order, its key, and the purposes for which it may exist.

    together: items of a feed whose rows, where they are equal, are taken all or none.
    """

    name: str
    label: str
    description: str
    items: tuple[Item, ...]
    key: tuple[str, ...]
    purposes: frozenset[int] = frozenset()
    rules: tuple[Rule, ...] = field(default=())
    together: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [item.name for item in self.items]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise RecordError(f"{self.name}: items declared twice: {sorted(doubled)}")
        missing = set(self.key) - set(names)
        if missing or not self.key:
            raise RecordError(f"{self.name}: the key must name items of the record: {sorted(missing)}")

    def __getitem__(self, name: str) -> Item:
        for item in self.items:
            if item.name == name:
                return item
        raise KeyError(f"{self.name} has no item {name}")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Item names in order."""
        return tuple(item.name for item in self.items)

    @cached_property
    def schema(self) -> pl.Schema:
        """Polars dtypes in order."""
        return pl.Schema({item.name: item.type.dtype for item in self.items})

    def empty(self) -> pl.DataFrame:
        """A frame of this record without rows."""
        return pl.DataFrame(schema=self.schema)

    def row_rules(self) -> list[tuple[str, str, pl.Expr]]:
        """(item or items, rule, broken) of every rule a single row must keep."""
        single = [(item.name, rule, broken) for item in self.items for rule, broken in item.rules()]
        several = [("+".join(rule.items), rule.name, rule.broken.fill_null(False)) for rule in self.rules]
        return single + several

    def faults(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Every broken rule of every row, as (row: UInt32, item, rule). Values stay out."""
        rules = self.row_rules()
        masks = frame.select(broken.alias(str(at)) for at, (_, _, broken) in enumerate(rules))
        parts = [
            pl.DataFrame({"row": masks[str(at)].arg_true()}).with_columns(
                pl.lit(item).alias("item"), pl.lit(rule).alias("rule")
            )
            for at, (item, rule, _) in enumerate(rules)
            if masks[str(at)].any()
        ]
        empty = pl.DataFrame(schema={"row": pl.UInt32, "item": pl.String, "rule": pl.String})
        return pl.concat([empty, *parts]).sort("row", "item", "rule")

    @cached_property
    def model(self) -> pa.DataFrameSchema:
        """The Pandera model: dtypes, nullability, key, and all row rules as one vectorised check."""
        columns = {item.name: pa.Column(item.type.dtype, nullable=item.nullable, required=True) for item in self.items}
        rules = [broken for _, _, broken in self.row_rules()]
        every = pa.Check(
            lambda data: data.lazyframe.select(~pl.any_horizontal(rules)) if rules else True,
            name="every_row_rule",
        )
        return pa.DataFrameSchema(
            columns, checks=[every], unique=list(self.key), strict=True, ordered=True, name=self.name
        )

    def validated(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The same eager frame, checked by the Pandera model.

        Raises RecordError naming columns, rules and counts. A LazyFrame is refused: Pandera would check
        no values on it.
        """
        if not isinstance(frame, pl.DataFrame):
            raise RecordError(f"{self.name}: only an eager frame can be validated")
        if frame.is_empty() and list(frame.schema.items()) == list(self.schema.items()):
            return frame
        try:
            return self.model.validate(frame)
        except (pa.errors.SchemaError, pa.errors.SchemaErrors):
            trouble = self.trouble(frame)
        raise RecordError(f"{self.name}: {trouble}")

    def trouble(self, frame: pl.DataFrame) -> str:
        """What is wrong with a frame, in counts."""
        if frame.schema != self.schema:
            ours, theirs = dict(self.schema), dict(frame.schema)
            missing = [name for name in ours if name not in theirs]
            extra = [name for name in theirs if name not in ours]
            typed = [name for name in ours if name in theirs and ours[name] != theirs[name]]
            return f"columns missing {missing}, extra {extra}, of another dtype {typed}, or out of order"
        faults = self.faults(frame).group_by("item", "rule").len().sort("item", "rule")
        found = [f"{item}: {rule} ×{rows}" for item, rule, rows in faults.iter_rows()]
        doubled = int(frame.select(self.key).is_duplicated().sum())
        return "; ".join(found + ([f"key {'+'.join(self.key)} doubled ×{doubled}"] if doubled else []))

    def table_schema(self) -> dict[str, object]:
        """Frictionless Table Schema."""
        return {
            "name": self.name,
            "title": self.label,
            "fields": [_table_field(item) for item in self.items],
            "primaryKey": list(self.key),
        }


_FRICTIONLESS = {"yen": "integer", "count": "integer", "date": "date", "month": "yearmonth"}


def _table_field(item: Item) -> dict[str, object]:
    constraints: dict[str, object] = {"required": not item.nullable}
    if item.type.length is not None and item.type.dtype == pl.String():
        constraints["maxLength"] = item.type.length
    if item.type.pattern is not None:
        constraints["pattern"] = item.type.pattern
    if item.type.codes is not None:
        constraints["enum"] = list(item.type.codes.labels)
    kind = _FRICTIONLESS.get(item.type.name, "boolean" if item.type.name == "boolean" else "string")
    if item.type.name == "number":
        kind = "number"
    return {"name": item.name, "title": item.label, "type": kind, "constraints": constraints}


def unite(*parts: Iterable[Item]) -> tuple[Item, ...]:
    """Items of several parts, in order."""
    return tuple(item for part in parts for item in part)
