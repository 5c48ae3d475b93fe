"""Where care is given: hospitals, clinics, dentists, pharmacies and others, in the city, the prefecture, outside.

Codes have the right form and check digit; none names a real institution.
"""

import polars as pl

from pipelines.city.numbers import numbered

_DEPARTMENTS = {"09": 40, "01": 55, "27": 22, "19": 20, "26": 20, "11": 24, "10": 10}
"""診療科 → clinics in the city."""
_KINDS = {
    "hospital": ("1", 12, 9),
    "dentist": ("3", 110, 40),
    "pharmacy": ("4", 130, 60),
    "nursing": ("6", 10, 6),
    "bonesetter": ("7", 20, 8),
}
"""Kind → 点数表, in the city, elsewhere in the prefecture and outside it."""
_AREAS = {"city": ("11", "02"), "prefecture": ("11", "01"), "outside": ("13", "17")}
_STARTS = {"1": 1000, "3": 3000, "4": 4000, "6": 6000, "7": 7000}


def _counts() -> list[tuple[str, str, str, int, int]]:
    clinics = [(f"clinic {code}", "1", code, count, count // 2 + 1) for code, count in _DEPARTMENTS.items()]
    others = [(kind, table, "09", near, far) for kind, (table, near, far) in _KINDS.items()]
    return clinics + others


def institutions() -> pl.DataFrame:
    """place ("kind/area"), department, institution_code; sorted, so that a place is a run of rows."""
    rows: list[tuple[str, str, str]] = []
    used: dict[tuple[str, str], int] = {}
    for kind, table, department, near, far in _counts():
        for area, (prefecture, district) in _AREAS.items():
            for _ in range(near if area == "city" else far):
                number = used[table, area] = used.get((table, area), _STARTS[table]) + 1
                rows.append((f"{kind}/{area}", department, numbered(f"{prefecture}{table}{district}{number:04d}")))
    return pl.DataFrame(rows, schema=["place", "department", "institution_code"], orient="row").sort(
        "place", "institution_code"
    )


def places() -> pl.DataFrame:
    """place, department, at (its first row of institutions()), size."""
    listed = institutions().with_row_index("at")
    return listed.group_by("place", maintain_order=True).agg(
        pl.col("department").first(), pl.col("at").first().cast(pl.Int64), pl.len().cast(pl.Int64).alias("size")
    )
