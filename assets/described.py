"""The only place a Record meets Dagster.

`table(...)` turns a function from frames to frames into a partitioned asset whose description, owner, kind,
group, columns and column lineage come from its Records. Checks on partitioned assets go through `check`.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import dagster as dg
import polars as pl
from sqlalchemy.exc import SQLAlchemyError

from resources.trouble import TROUBLE, trouble_of
from schemas.codes import CodeList
from schemas.errors import CityError
from schemas.record import PURPOSES, Item, Record

GROUPS: dict[str, tuple[str, str]] = {
    "feeds": ("取込", "team:kosodate-shienka-uketsuke"),
    "law": ("法", "team:kosodate-shienka-seido"),
    "register": ("台帳", "team:kosodate-shienka-shikaku"),
    "eligibility": ("資格", "team:kosodate-shienka-shikaku"),
    "benefit": ("支給", "team:kosodate-shienka-kyufu"),
    "settlement": ("精算", "team:kosodate-shienka-kyufu"),
    "subsidy": ("県補助", "team:kosodate-shienka-kaikei"),
    "payment": ("支払", "team:kosodate-shienka-kaikei"),
    "certificate": ("照合証明", "team:kosodate-shienka-kaikei"),
    "notices": ("通知", "team:kosodate-shienka-tsuchi"),
    "transfers": ("移転", "team:kosodate-shienka-renkei"),
    "statistics": ("統計", "team:kosodate-shienka-tokei"),
}
"""Group → its Japanese name and the team that answers for it."""


def _item_text(item: Item) -> str:
    no = f"別添1 第{item.no}項 " if item.no else ""
    purposes = "".join(PURPOSES[purpose] for purpose in sorted(item.purposes))
    codes = _code_text(item.type.codes) if item.type.codes else ""
    doubt = "(未確認)" if not item.confirmed else ""
    parts = (f"{item.label}{doubt}", f"{no}{item.description}", codes, f"目的:{purposes}" if purposes else "")
    return " / ".join(part for part in parts if part)


def _code_text(codes: CodeList) -> str:
    return " ".join(f"{code}={label}" for code, label in codes.labels.items())


def columns(record: Record) -> dg.TableSchema:
    """The record's columns as the UI shows them, in Japanese."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                item.name,
                item.type.name,
                _item_text(item),
                dg.TableColumnConstraints(nullable=item.nullable, unique=record.key == (item.name,)),
            )
            for item in record.items
        ]
    )


def lineage(record: Record) -> dg.TableColumnLineage:
    """Which columns of which tables each column comes from."""
    return dg.TableColumnLineage(
        {
            item.name: [dg.TableColumnDep(dg.AssetKey(table), column) for table, column in _origins(item)]
            for item in record.items
            if item.of
        }
    )


def _origins(item: Item) -> list[tuple[str, str]]:
    return [(origin.split(".")[0], origin.split(".")[1]) for origin in item.of]


def _out(record: Record, group: str) -> dg.AssetOut:
    label, owner = GROUPS[group]
    return dg.AssetOut(
        description=f"{record.label} — {record.description}",
        group_name=group,
        owners=[owner],
        kinds={"polars", "parquet"},
        metadata={
            "record": record.name,
            "group": label,
            "dagster/column_schema": columns(record),
            "dagster/column_lineage": lineage(record),
        },
    )


def table(
    *records: Record,
    group: str,
    partitions: dg.PartitionsDefinition[str],
    ins: Mapping[str, dg.AssetIn] | None = None,
    deps: Sequence[dg.AssetDep | str] = (),
    name: str | None = None,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """An asset that makes these records' tables, one partition at a time.

    The function's parameters are the tables it reads, by name; it returns one frame per record, in order.
    A CityError ends the step as a failure that is not tried again: data does not heal by itself.
    """

    def define(make: Callable[..., Any]) -> dg.AssetsDefinition:
        return dg.multi_asset(
            name=name or make.__name__,
            outs={record.name: _out(record, group) for record in records},
            partitions_def=partitions,
            ins=dict(ins or {}),
            deps=list(deps),
        )(honest(make))

    return define


def versioned(frame: pl.DataFrame, version: str) -> dg.Output[pl.DataFrame]:
    """A frame with a data version of its own: the UI shows as stale exactly what rests on an older one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.Output(frame, data_version=dg.DataVersion(version))


def honest(make: Callable[..., Any]) -> Callable[..., Any]:
    """The same function; a CityError becomes a Failure that carries its sentence and nothing else.

    So does an error of Polars, whose text quotes values: its Failure names its kind and is marked as trouble. A disk
    or a database that fails is trouble too, and may be tried again.
    """

    @wraps(make)
    def made(*args: Any, **kwargs: Any) -> Any:
        try:
            return make(*args, **kwargs)
        except CityError as error:
            failure = dg.Failure(str(error), allow_retries=False)
        except pl.exceptions.PolarsError as error:
            kind = type(error).__name__
            failure = dg.Failure(f"表の計算が途中で失敗しました({kind})", metadata={TROUBLE: kind}, allow_retries=False)
        except (OSError, SQLAlchemyError) as error:
            trouble = trouble_of(error)
            failure = dg.Failure(str(trouble), metadata={TROUBLE: trouble.code})
        raise failure

    return made


def check(
    asset: str,
    partitions: dg.PartitionsDefinition[str],
    description: str,
    blocking: bool = True,
    more: Mapping[str, dg.AssetIn] | None = None,
) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """A check of one partition. Its name is a sentence that is true; the description is in Japanese.

    Partitioned checks are a preview of Dagster: this is the one place that uses them.
    """

    def define(examine: Callable[..., dg.AssetCheckResult]) -> dg.AssetChecksDefinition:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.asset_check(
                asset=asset,
                description=description,
                blocking=blocking,
                additional_ins=dict(more or {}),
                partitions_def=partitions,
            )(honest(examine))

    return define
