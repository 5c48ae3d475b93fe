"""Bank accounts: real bank and branch codes (zengin-code), ゆうちょ among them, invented account numbers."""

from functools import cache

import polars as pl
from zengin_code.bank import Bank

from pipelines.city.chance import Chance
from pipelines.city.numbers import padded

_BANKS = {
    "0017": 40,
    "0001": 10,
    "0005": 12,
    "0009": 10,
    "0010": 4,
    "0133": 8,
    "9900": 18,
    "0036": 5,
    "0038": 3,
    "1250": 4,
}
"""Bank code → weight."""
_MOST_BRANCHES = 30


@cache
def branches() -> tuple[tuple[str, float], ...]:
    """("bank:branch", weight) of branches that exist; of ゆうちょ only those for 通常貯金 (…8)."""
    found: list[tuple[str, float]] = []
    for bank_code, weight in _BANKS.items():
        bank = Bank.all.get(bank_code)
        codes = sorted(bank.branches) if bank is not None else []
        kept = [code for code in codes if bank_code != "9900" or code.endswith("8")][:_MOST_BRANCHES]
        found += [(f"{bank_code}:{code}", weight / len(kept)) for code in kept]
    return tuple(found)


def with_accounts(persons: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Persons with bank_code, branch_code, account_type, account_number of an account of their own."""
    names, weights = zip(*branches(), strict=True)
    place = chance.pick("bank/branch", "person_no", names, weights)
    kind = chance.pick("bank/type", "person_no", ["1", "2"], [985, 15])
    return (
        persons.with_columns(place.alias("place"))
        .with_columns(
            pl.col("place").str.slice(0, 4).alias("bank_code"),
            pl.col("place").str.slice(5, 3).alias("branch_code"),
            pl.when(pl.col("place").str.starts_with("9900")).then(pl.lit("1")).otherwise(kind).alias("account_type"),
            padded(chance.whole("bank/number", "person_no", 9_999_000) + 1, 7).alias("account_number"),
        )
        .drop("place")
    )
