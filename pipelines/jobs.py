"""The jobs: a night, a month, and the morning's look at the ledger.

Each run is one day or one month of one municipality, in one process: Polars uses every core.
"""

from datetime import date

import dagster as dg

from assets.calendar import DAILY, MONTHLY
from pipelines.alarms import alarms
from pipelines.library import ASSETS
from resources.house import House


def _of(partitions: dg.PartitionsDefinition[str]) -> dg.AssetSelection:
    keys = [key for definition in ASSETS if definition.partitions_def == partitions for key in definition.keys]
    return dg.AssetSelection.assets(*keys)


class Morning(dg.Config):
    """The day the alarms are for."""

    day: str


nightly = dg.define_asset_job(
    "nightly",
    selection=_of(DAILY),
    executor_def=dg.in_process_executor,
    description="その日の納品を取り込み、照会に答える",
)
monthly = dg.define_asset_job(
    "monthly",
    selection=_of(MONTHLY),
    executor_def=dg.in_process_executor,
    description="その月の資格・支給を決め、振込データ・通知・報告を作る",
)


@dg.op(description="期限が迫っても動いていない支払を探し、あれば失敗する")
def look_for_alarms(context: dg.OpExecutionContext, house: House, config: Morning) -> None:
    found = alarms(house, date.fromisoformat(config.day))
    for sentence in found:
        context.log.error(sentence)
    if found:
        raise dg.Failure(f"動いていない支払が{len(found)}件あります", allow_retries=False)


@dg.job(description="毎朝、期限が迫っても動いていない支払を知らせる", executor_def=dg.in_process_executor)
def morning() -> None:
    look_for_alarms()
