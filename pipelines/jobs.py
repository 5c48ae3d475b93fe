"""The two jobs. Each run is one day or one month of one municipality, in one process: Polars uses every core."""

import dagster as dg

from assets.calendar import DAILY, MONTHLY
from pipelines.library import ASSETS


def _of(partitions: dg.PartitionsDefinition[str]) -> dg.AssetSelection:
    keys = [key for definition in ASSETS if definition.partitions_def == partitions for key in definition.keys]
    return dg.AssetSelection.assets(*keys)


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

JOBS = [nightly, monthly]
