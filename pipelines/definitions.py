"""The only Definitions: everything the Dagster UI, the schedules and the commands run."""

import dagster as dg

from pipelines.jobs import monthly, morning, nightly
from pipelines.library import ASSETS, CHECKS
from pipelines.schedules import SCHEDULES
from resources.house import House
from resources.shelf_io import ShelfIO

house = House()

defs = dg.Definitions(
    assets=ASSETS,
    asset_checks=CHECKS,
    jobs=[nightly, monthly, morning],
    schedules=SCHEDULES,
    resources={"house": house, "io_manager": ShelfIO(house=house)},
    executor=dg.in_process_executor,
)
