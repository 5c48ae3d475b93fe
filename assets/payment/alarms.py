"""Money that does not move in time: a batch not handed over, an order in no batch, an answer that never came.

Belongs here: the days, by the law of the value date's month, and the sentences. Does not belong here: reading the
ledger (pipelines/alarms.py). Pure: no Dagster, no clock.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from resources.ledger_batches import Batch
from resources.ledger_states import STATE_LABELS, State
from schemas.businessdays import bank_business_day_on_or_after, bank_business_day_on_or_before
from schemas.law.book import Law

_DAY = timedelta(days=1)
_GONE = (State.RELEASED, State.ERASED, State.WITHDRAWN)


def release_deadline(law: Law, value_date: date) -> date:
    """The last day on which a file of the value date may be handed over (bank.release_deadline_days)."""
    day = value_date
    for _ in range(law.at(value_date.replace(day=1)).number("bank.release_deadline_days")):
        day = bank_business_day_on_or_before(day - _DAY)
    return day


def last_result_day(law: Law, value_date: date) -> date:
    """The last day on which the bank's answer is still in time (bank.result_wait_days)."""
    day = value_date
    for _ in range(law.at(value_date.replace(day=1)).number("bank.result_wait_days")):
        day = bank_business_day_on_or_after(day + _DAY)
    return day


def waiting_batches(law: Law, batches: Iterable[Batch], day: date) -> list[str]:
    """A sentence for each batch not handed over whose deadline is the day after `day` or earlier."""
    return [
        f"振込データ {batch.batch_no}({STATE_LABELS[batch.state]}、{batch.orders}件 {batch.total_yen:,}円)が"
        f"引き渡されていません。期限は {release_deadline(law, batch.value_date)} です。"
        for batch in batches
        if batch.state not in _GONE and release_deadline(law, batch.value_date) <= day + _DAY
    ]


def orders_in_no_batch(law: Law, loose: pl.DataFrame, day: date) -> list[str]:
    """A sentence for each value date whose deadline is near and that has orders in no batch."""
    return [
        f"振込指定日 {value_date} の支払{orders.height}件 {orders['amount_yen'].sum():,}円が、"
        f"どの振込データにもありません。期限は {release_deadline(law, value_date)} です。"
        for value_date, orders in _by_day(loose)
        if release_deadline(law, value_date) <= day + _DAY
    ]


def paid_after_all(doubted: pl.DataFrame) -> list[str]:
    """A sentence where an order not handed over pays again what the bank now says it paid."""
    if doubted.is_empty():
        return []
    numbers = "、".join(doubted["payment_no"])
    return [
        f"出し直しの支払{doubted.height}件 {doubted['amount_yen'].sum():,}円の前の支払に、振込済の結果が届きました:"
        f" {numbers}。"
        "引き渡さず、入金されたかどうかを金融機関に確認してください。"
    ]


def answers_that_never_came(law: Law, unanswered: pl.DataFrame, day: date) -> list[str]:
    """A sentence for each value date whose answers should have come before `day`."""
    return [
        f"振込指定日 {value_date} の支払{orders.height}件 {orders['amount_yen'].sum():,}円の振込結果が届いていません。"
        f"期限は {last_result_day(law, value_date)} でした。"
        for value_date, orders in _by_day(unanswered)
        if last_result_day(law, value_date) < day
    ]


def _by_day(orders: pl.DataFrame) -> list[tuple[date, pl.DataFrame]]:
    return [
        (value_date, group)
        for (value_date,), group in orders.sort("value_date").group_by("value_date", maintain_order=True)
    ]
