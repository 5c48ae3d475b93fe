"""From what is known to what is decided: the one way, for a month, a night, a child, then and now.

Belongs here: the order in which the register is read and the rules applied. Does not belong here: the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.eligibility import rules
from assets.eligibility.known import Known
from assets.eligibility.means import means
from assets.eligibility.restrictions import restrictions
from assets.register import rules as register_rules
from schemas.law.book import Law


@dataclass(frozen=True)
class Register:
    """What the known rows say, table by table (schemas/records/register.py); `overrides` under the person's number."""

    persons: pl.DataFrame
    identities: pl.DataFrame
    residences: pl.DataFrame
    addresses: pl.DataFrame
    schemes: pl.DataFrame
    registration_periods: pl.DataFrame
    guardians: pl.DataFrame
    taxes: pl.DataFrame
    means: pl.DataFrame
    restrictions: pl.DataFrame
    overrides: pl.DataFrame


def register(known: Known, law: Law, day: date) -> Register:
    """The register read off what is known. `day` decides which address is shown, and nothing about entitlement."""
    same = known.same
    people = register_rules.persons(known["residents"], known["nonresidents"], known["protected_persons"], day)
    homes = register_rules.residences(known["residents"], same)
    addresses = register_rules.addresses(known["residents"], same)
    schemes = register_rules.schemes(
        known["public_assistance"], known["severe_disability"], known["single_parent"], known["facilities"], same
    )
    periods = register_rules.registration_periods(known["applications"], same, law)
    parents = register_rules.guardians(periods, addresses)
    taxed = known.settled()["resident_taxes"]
    judged = means(taxed, known["arrears"], same, law)
    return Register(
        persons=people,
        identities=same,
        residences=homes,
        addresses=addresses,
        schemes=schemes,
        registration_periods=periods,
        guardians=parents,
        taxes=taxed,
        means=judged,
        restrictions=restrictions(parents, people, judged, law),
        overrides=register_rules.as_person(known["overrides"], same, "child_resident_code"),
    )


def decided(found: Register, law: Law) -> pl.DataFrame:
    """ELIGIBILITY of every child the register knows."""
    return rules.eligibility(
        found.persons,
        found.residences,
        found.schemes,
        found.registration_periods,
        found.restrictions,
        found.overrides,
        law,
    )
