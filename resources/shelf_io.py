"""The one IO manager: what an asset returns goes through the shelf's gate, what it takes comes from there.

Belongs here: from Dagster's words (asset, partition, run) to the shelf's (record, partition, run). Does not
belong here: any check on the rows (the Record's) or on the file (the shelf's).
"""

from collections import defaultdict

import polars as pl
from dagster import ConfigurableIOManager, Failure, InputContext, OutputContext
from pydantic import PrivateAttr
from sqlalchemy.exc import SQLAlchemyError

from resources.house import House
from resources.registry import Source
from resources.trouble import TROUBLE, trouble_of
from schemas.errors import CityError
from schemas.record import Record, RecordError
from schemas.records.catalogue import RECORDS

WHOLE = "all"
"""The partition of a table that has none."""


def _sources_by_step() -> dict[tuple[str, str], dict[Source, None]]:
    return defaultdict(dict)


class ShelfIO(ConfigurableIOManager):
    """Publishes outputs on the shelf of a house and reads inputs from there.

    An asset names its record in its definition metadata (`record`). Event metadata holds counts only. Errors
    about data raise a Failure that is never retried and carries no value.
    """

    house: House
    _read: dict[tuple[str, str], dict[Source, None]] = PrivateAttr(default_factory=_sources_by_step)

    def handle_output(self, context: OutputContext, obj: pl.DataFrame) -> None:
        """Publish one partition."""
        record = record_of(context)
        partition = context.partition_key if context.has_partition_key else WHOLE
        inputs = tuple(self._read[context.run_id, context.step_key])
        try:
            volume = self.house.shelf.publish(record, partition, obj, run_id=context.run_id, inputs=inputs)
        except (CityError, RecordError) as refused:
            failure = Failure(str(refused), allow_retries=False)
        except (OSError, SQLAlchemyError) as error:
            failure = _failed(error)
        else:
            context.add_output_metadata(
                {
                    "rows": volume.rows,
                    "generation": volume.generation,
                    "digest": volume.digest[:12],
                    "unchanged": volume.unchanged,
                }
            )
            return
        raise failure from None

    def load_input(self, context: InputContext) -> pl.DataFrame:
        """The partitions asked for, in their order, as one frame."""
        upstream = context.upstream_output
        if upstream is None:
            raise Failure("上流の表がありません。アセットの依存関係を確認してください。", allow_retries=False)
        record = record_of(upstream)
        partitions = context.asset_partition_keys if context.has_asset_partitions else [WHOLE]
        try:
            frames = [self._read_one(context, record, partition) for partition in partitions]
        except CityError as refused:
            failure = Failure(str(refused), allow_retries=False)
        except (OSError, SQLAlchemyError) as error:
            failure = _failed(error)
        else:
            return pl.concat([record.empty(), *frames])
        raise failure from None

    def _read_one(self, context: InputContext, record: Record, partition: str) -> pl.DataFrame:
        volume = self.house.shelf.standing(record, partition)
        step = context.step_context
        self._read[step.run_id, step.step.key][Source(record.name, partition, volume.generation)] = None
        return self.house.shelf.open(record, volume)


def _failed(error: OSError | SQLAlchemyError) -> Failure:
    """What may be tried again: the rows are right, the machine is not."""
    trouble = trouble_of(error)
    return Failure(str(trouble), metadata={TROUBLE: trouble.code})


def record_of(context: OutputContext) -> Record:
    """The record an asset names in its metadata. Raises Failure."""
    name = (context.definition_metadata or {}).get("record")
    if name not in RECORDS:
        asset = context.asset_key.to_user_string()
        raise Failure(
            f"アセット {asset} の record が、表の一覧にありません。定義を直してください。", allow_retries=False
        )
    return RECORDS[name]
