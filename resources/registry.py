"""What stands: which volume of the shelf is current, which deliveries were accepted, who has which number.

Belongs here: the three append-only tables and their one-row truths. Does not belong here: files (shelf.py,
inbox.py) and money (ledger.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

import polars as pl
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Engine,
    Integer,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
)

from resources.database import Utc, append_only, metadata, utc_now, writing
from resources.delivery import AcceptedDelivery
from resources.errors import ResourceError
from resources.schema import open_schema
from schemas.checkdigits import m10w21

VOLUMES = append_only(
    Table(
        "volumes",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("dataset", String(100), primary_key=True),
        Column("partition", String(40), primary_key=True),
        Column("generation", Integer, primary_key=True, autoincrement=False),
        Column("path", String(300), nullable=False, unique=True),
        Column("rows", BigInteger, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("key_id", String(20), nullable=False),
        Column("run_id", String(100), nullable=False),
        Column("published_at", Utc, nullable=False),
        Column("inputs", JSON, nullable=False),
    )
)

DELIVERIES = append_only(
    Table(
        "deliveries",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("feed", String(60), primary_key=True),
        Column("sequence", Integer, primary_key=True, autoincrement=False),
        Column("as_of", Date, nullable=False),
        Column("load", String(4), nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("rows", BigInteger, nullable=False),
        Column("yen", BigInteger, nullable=False),
        Column("partition", String(40), nullable=False),
        Column("file", String(200), nullable=False),
        Column("channel", String(20), nullable=False),
    )
)

BENEFICIARY_NUMBERS = append_only(
    Table(
        "beneficiary_numbers",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("child_resident_code", String(15), primary_key=True),
        Column("beneficiary_no", String(7), nullable=False),
        UniqueConstraint("municipality", "beneficiary_no"),
    )
)

LAST_SERIAL = 999_999
NUMBERS = {"child_resident_code": pl.String, "beneficiary_no": pl.String, "contradicts": pl.Boolean}
"""What `beneficiary_numbers` returns."""


class RegistryError(ResourceError):
    """What was written before contradicts what should be written now, or the numbers ran out."""


class StaleGeneration(RegistryError):
    """Another writer published first; the generation this writer started from is no longer current."""


class Source(NamedTuple):
    """One volume that another was made from."""

    dataset: str
    partition: str
    generation: int


@dataclass(frozen=True)
class Volume:
    """One immutable generation of one partition of a dataset: where it lies and what it must look like.

    `path` is relative to the shelf, `sha256` is the file's, `digest` that of the rows themselves.
    `unchanged` says that publishing found the same rows already standing.
    """

    municipality: str
    dataset: str
    partition: str
    generation: int
    path: str
    rows: int
    sha256: str
    digest: str
    key_id: str
    run_id: str
    published_at: datetime
    inputs: tuple[Source, ...] = ()
    unchanged: bool = field(default=False, compare=False)


class Registry:
    """The register of volumes, deliveries and beneficiary numbers in one database."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self._clock = clock
        open_schema(engine)

    def add_volume(self, volume: Volume, expected: int) -> Volume:
        """Make a volume current if generation `expected` (0: none) still is; it becomes expected + 1.

        Its instant is now, and always later than its predecessor's. Raises StaleGeneration.
        """
        with writing(self.engine, "volumes") as connection:
            last = _volume(connection, volume.municipality, volume.dataset, volume.partition)
            if (last.generation if last else 0) != expected:
                raise _stale(volume, expected)
            earliest = last.published_at + timedelta(microseconds=1) if last else self._clock()
            entry = replace(volume, generation=expected + 1, published_at=max(self._clock(), earliest))
            connection.execute(insert(VOLUMES).values(_volume_row(entry)))
        return entry

    def volume(
        self,
        municipality: str,
        dataset: str,
        partition: str,
        *,
        generation: int | None = None,
        instant: datetime | None = None,
    ) -> Volume | None:
        """The current volume, or that generation, or the one that was current at an instant."""
        with self.engine.connect() as connection:
            return _volume(connection, municipality, dataset, partition, generation, instant)

    def partitions(self, municipality: str, dataset: str) -> list[str]:
        """Partitions of a dataset that have a volume, in order."""
        wanted = select(VOLUMES.c.partition).distinct().where(_of(municipality, dataset)).order_by("partition")
        with self.engine.connect() as connection:
            return sorted(connection.scalars(wanted))

    def paths(self, municipality: str) -> set[str]:
        """The file of every volume of a municipality, relative to the shelf."""
        with self.engine.connect() as connection:
            return set(connection.scalars(select(VOLUMES.c.path).where(VOLUMES.c.municipality == municipality)))

    def accept(self, municipality: str, deliveries: Iterable[AcceptedDelivery]) -> int:
        """Enter accepted deliveries, all or none; the number that was new.

        The same delivery again is no change. Raises RegistryError when a feed's sequence number was
        accepted with other content.
        """
        with writing(self.engine, "deliveries") as connection:
            return sum(_accept(connection, municipality, delivery) for delivery in deliveries)

    def accepted(self, municipality: str, feed: str) -> list[AcceptedDelivery]:
        """Accepted deliveries of a feed in sequence order."""
        here = (DELIVERIES.c.municipality == municipality) & (DELIVERIES.c.feed == feed)
        with self.engine.connect() as connection:
            rows = connection.execute(select(*_DELIVERY).where(here).order_by(DELIVERIES.c.sequence))
            return [AcceptedDelivery(**row._mapping) for row in rows]

    def beneficiary_numbers(
        self, municipality: str, wanted: pl.DataFrame, first_serial: int = 1, *, enter: bool = True
    ) -> pl.DataFrame:
        """Every child's number, entered where it was missing. All or nothing; the same call changes nothing. Without
        `enter` only what would be entered.

        `wanted` has child_resident_code and beneficiary_no (null: the city gives the next free serial of six
        digits from `first_serial`, with its M10W21 check digit). Returns NUMBERS, one row per child, sorted;
        `contradicts` marks a child whose given number is another child's, or not the one it already has.
        Raises RegistryError when a child is named twice or no number is free.
        """
        asked = wanted.select("child_resident_code", pl.col("beneficiary_no").alias("given"))
        if asked["child_resident_code"].is_duplicated().any():
            raise RegistryError(
                "child_twice", "同じ子どもに受給者番号が2度求められました。", "申請の重複を確認してください。"
            )
        if not enter:
            with self.engine.connect() as connection:
                return _numbered(asked, _numbers(connection, municipality), first_serial)
        with writing(self.engine, "beneficiary_numbers") as connection:
            standing = _numbers(connection, municipality)
            numbered = _numbered(asked, standing, first_serial)
            fresh = numbered.join(standing, on="child_resident_code", how="anti")
            rows = fresh.select("child_resident_code", "beneficiary_no", municipality=pl.lit(municipality))
            if rows.height:
                connection.execute(insert(BENEFICIARY_NUMBERS), rows.to_dicts())
        return numbered


_DELIVERY = [DELIVERIES.c[each.name] for each in fields(AcceptedDelivery)]


def _of(municipality: str, dataset: str) -> ColumnElement[bool]:
    return (VOLUMES.c.municipality == municipality) & (VOLUMES.c.dataset == dataset)


def _volume(
    connection: Connection,
    municipality: str,
    dataset: str,
    partition: str,
    generation: int | None = None,
    instant: datetime | None = None,
) -> Volume | None:
    wanted = select(VOLUMES).where(_of(municipality, dataset), VOLUMES.c.partition == partition)
    if generation is not None:
        wanted = wanted.where(VOLUMES.c.generation == generation)
    if instant is not None:
        wanted = wanted.where(VOLUMES.c.published_at <= instant)
    row = connection.execute(wanted.order_by(VOLUMES.c.generation.desc()).limit(1)).mappings().first()
    if row is None:
        return None
    return Volume(**{**row, "inputs": tuple(Source(*source) for source in row["inputs"])})


def _volume_row(volume: Volume) -> dict[str, object]:
    row = asdict(volume)
    del row["unchanged"]
    return {**row, "inputs": [list(source) for source in volume.inputs]}


def _stale(volume: Volume, expected: int) -> StaleGeneration:
    return StaleGeneration(
        "stale",
        f"{volume.dataset} {volume.partition} は、第{expected}世代の後に別の処理が先に公開しました。",
        "何も書き込んでいません。もう一方の処理の終了を待ち、同じ処理を再実行してください。",
    )


def _accept(connection: Connection, municipality: str, delivery: AcceptedDelivery) -> bool:
    row = {"municipality": municipality, **asdict(delivery)}
    key = [DELIVERIES.c[name] == row[name] for name in ("municipality", "feed", "sequence")]
    stored = connection.execute(select(*_DELIVERY).where(*key)).first()
    if stored is None:
        connection.execute(insert(DELIVERIES).values(row))
        return True
    if AcceptedDelivery(**stored._mapping) != delivery:
        raise RegistryError(
            "delivery_contradicts",
            f"{delivery.file}: 同じ連番({delivery.sequence})の納品が、別の内容で受理されています。",
            "何も書き込んでいません。送付元に正しい連番のファイルを求めてください。",
        )
    return False


def _numbers(connection: Connection, municipality: str) -> pl.DataFrame:
    table = BENEFICIARY_NUMBERS.c
    rows = connection.execute(
        select(table.child_resident_code, table.beneficiary_no).where(table.municipality == municipality)
    )
    schema = {"child_resident_code": pl.String, "stored": pl.String}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _numbered(asked: pl.DataFrame, standing: pl.DataFrame, first_serial: int) -> pl.DataFrame:
    rows = asked.join(standing, on="child_resident_code", how="left").sort("child_resident_code")
    free = ~pl.col("given").is_in(standing["stored"].implode()) & pl.col("given").is_first_distinct()
    usable = pl.col("stored").is_null() & pl.col("given").is_not_null() & free
    rows = rows.with_columns(number=pl.coalesce("stored", pl.when(usable).then("given")))
    missing = rows["number"].null_count()
    taken = pl.concat([standing["stored"], rows["number"].drop_nulls()])
    return rows.with_columns(
        pl.col("number").fill_null(_spread(rows["number"], _free(taken, missing, first_serial)))
    ).select(
        "child_resident_code",
        beneficiary_no="number",
        contradicts=(pl.col("given") != pl.col("number")).fill_null(False),
    )


def _spread(holes: pl.Series, numbers: list[str]) -> pl.Series:
    at = holes.is_null().cum_sum().cast(pl.Int64) - 1
    return pl.Series(numbers, dtype=pl.String).gather(at.clip(0)) if numbers else holes


def _free(taken: pl.Series, many: int, first_serial: int) -> list[str]:
    used = set(taken.str.slice(0, 6))
    serials = (f"{serial:06d}" for serial in range(first_serial, LAST_SERIAL + 1))
    free = list(islice((serial for serial in serials if serial not in used), many))
    if len(free) < many:
        raise RegistryError("no_number", "受給者番号の空きがありません。", "番号の範囲を広げてください。")
    return [serial + m10w21(serial) for serial in free]
