"""`kodomo demo`: a synthetic city's month from its incoming files to the bank file, letters and report.

Everything lands under the home (./var by default). A second call changes no byte of what it made.
"""

import json
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Column, Table

from assets.calendar import key_of, keys_between
from pipelines.city.city import generate
from pipelines.runs import Exit, run_all
from resources.house import House
from resources.keys import KeyRing, key_file
from schemas.errors import CityError
from schemas.records.demands import DEMAND_DIFFERENCES
from schemas.records.notices import LETTER_KINDS, LETTERS
from schemas.records.payment import BANK_FILES
from schemas.records.statistics import FIGURES


class AnotherCity(CityError):
    """The home already holds a city made with other numbers; its deliveries would contradict these."""


def demonstrate(place: Path, children: int, first: date, last: date, seed: int, console: Console) -> Exit:
    """Make keys and a city, run every night of the month and the month itself, and say what was made."""
    KeyRing.create(key_file())
    _city(place, children, first, seed, console)
    console.print("毎晩の取込(nightly)…")
    ended = run_all("nightly", keys_between(first, last), console)
    if ended.exit is Exit.DONE:
        console.print("月次の決定と支払(monthly)…")
        ended = run_all("monthly", [key_of(first)], console)
    if ended.exit is Exit.DONE:
        Console().print(_summary(House(), key_of(first), place))
    return ended.exit


def _city(place: Path, children: int, first: date, seed: int, console: Console) -> None:
    """The city's files, unless the same city lies there already."""
    wanted = {"children": children, "first": str(first), "last": str(first), "seed": seed, "defects": 0.01}
    note = place / "city.json"
    if note.exists():
        if json.loads(note.read_text("utf-8")) != wanted:
            raise AnotherCity(f"{place} には別の市があります。KODOMO_HOME に別の場所を指定してください。")
        return
    console.print(f"合成の市({children:,}人)を作っています…")
    generate(
        place, municipality=House().municipality, children=children, first=first, last=first, seed=seed, defects=0.01
    )
    note.write_text(json.dumps(wanted), "utf-8")


def _summary(house: House, key: str, place: Path) -> Table:
    out = place / "outbox" / house.municipality
    month = out / key
    figures = house.shelf.read(FIGURES, key)
    letters = house.shelf.read(LETTERS, key).group_by("kind").len().sort("kind")
    files = house.shelf.read(BANK_FILES, key)
    told = house.shelf.read(DEMAND_DIFFERENCES, key)
    table = Table(
        "できたもの", "数", "円", Column("ファイル", overflow="fold"), title=f"川口市 子ども医療費 {key}(合成データ)"
    )
    for flow, outcome, cases, yen in _decided(figures):
        table.add_row(f"{flow}・{outcome}", f"{cases:,}", f"{yen:,}", "")
    for row in files.to_dicts():
        table.add_row("総合振込データ(試験)", f"{row['orders']:,}", f"{row['total_yen']:,}", row["file_name"])
    if told.height:
        differing = f"{int(told['difference_yen'].abs().sum()):,}"
        table.add_row("審査支払機関の請求との違い", f"{told.height:,}", differing, DEMAND_DIFFERENCES.name)
    for kind, count in letters.iter_rows():
        table.add_row(f"通知 {LETTER_KINDS[kind]}", f"{count:,}", "", f"{key}_{kind}_*.pdf")
    table.add_row("移転", f"{len(list(out.rglob('transfer_*.csv'))):,}", "", "../<日>/transfer_*.csv")
    table.add_row("月次報告", "1", "", "monthly_report.html")
    table.add_row("照合証明書", f"{len(list(month.glob('certificate_*.json')))}", "", f"certificate_{key}.json")
    table.caption = f"場所: {month}"
    return table


def _decided(figures: pl.DataFrame) -> list[tuple[str, str, int, int]]:
    rows = figures.filter(pl.col("figure") == "判定").sort("group", "part")
    return list(rows.select("group", "part", "cases", "yen").iter_rows())
