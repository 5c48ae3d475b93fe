"""The values of the law the forms share, as plain Python: read once, from the one place that states them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schemas.codes import HELD_REASONS
from schemas.law.book import Law

OTHER, WHOLE, STAY, SCHEME, HELD = range(5)
"""What an interval is: nothing, entitled to any care, to 入院 only, on another scheme, still to be ascertained."""
INPATIENT = ("1", "3")
REASONS = ("P0", "E2", "H7", "H5", "E3", "E1", "H9", "H6", "D1", "H3", "H2", "H4", "N1")


@dataclass(frozen=True)
class PlainLaw:
    """payers, limits: (first day, value) in order; rates: (last age, percent), the youngest first."""

    payers: tuple[tuple[date, str], ...]
    limits: tuple[tuple[date, int], ...]
    rates: tuple[tuple[int, int], ...]
    in_kind: tuple[str, ...]
    schemes: tuple[str, ...]
    held: tuple[str, ...]

    @classmethod
    def of(cls, law: Law, month: date) -> PlainLaw:
        """What stands in `month`, and every payer number and limit up to it."""
        now = law.at(month)

        def versions(name: str) -> tuple[tuple[date, object], ...]:
            return tuple((one.from_date, one.value) for one in law.of(name) if one.enacted)

        rates = now.rows("copay.rates").select("until_years", "rate_percent").sort("until_years").rows()
        return cls(
            versions("benefit.public_payer_no"),  # type: ignore[arg-type]
            versions("inkind.limit_yen"),  # type: ignore[arg-type]
            tuple(rates),
            now.codes("inkind.care"),
            now.codes("exclusions.schemes_in_order"),
            HELD_REASONS,
        )
