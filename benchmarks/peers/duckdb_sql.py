"""The part of the law in DuckDB: the query is receipts.sql, over the Parquet files themselves."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from benchmarks.peers.plain_law import PlainLaw

TABLES = ("receipts", "beneficiary_numbers", "registrations", "eligibility", "persons", "paid_before")


def decide(folder: Path, law: PlainLaw) -> pl.DataFrame:
    """delivery, line_no, reason, amount_yen of every receipt."""
    with duckdb.connect(":memory:") as desk:
        for name in TABLES:
            desk.execute(f"CREATE VIEW {name} AS FROM read_parquet('{folder / name}.parquet')")
        desk.execute("CREATE TABLE payers (from_date DATE, payer_no VARCHAR)")
        desk.executemany("INSERT INTO payers VALUES (?, ?)", law.payers)
        desk.execute("CREATE TABLE limits (from_date DATE, limit_yen BIGINT)")
        desk.executemany("INSERT INTO limits VALUES (?, ?)", law.limits)
        desk.execute("CREATE TABLE rates (until_years INTEGER, percent BIGINT)")
        desk.executemany("INSERT INTO rates VALUES (?, ?)", law.rates)
        lists = {"in_kind": law.in_kind, "schemes": law.schemes, "held": law.held}
        query = Path(__file__).with_name("receipts.sql").read_text("utf-8")
        found: pl.DataFrame = desk.sql(query, params={name: list(codes) for name, codes in lists.items()}).pl()
        return found
