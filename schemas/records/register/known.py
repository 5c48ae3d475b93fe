"""What stays known from month to month: the feeds and the tables read off them row by row."""

from dataclasses import replace

from schemas.record import Record, unite
from schemas.records.feeds import (
    APPLICATIONS,
    ARREARS_FLAGS,
    FACILITIES,
    IDENTITY_DECISIONS,
    INSURER_ANSWERS,
    MUNICIPAL_ANSWERS,
    NATIONAL_HEALTH_INSURANCE,
    NONRESIDENTS,
    OVERRIDES,
    PROTECTED_PERSONS,
    PUBLIC_ASSISTANCE,
    RESIDENT_TAXES,
    RESIDENTS,
    SEVERE_DISABILITY,
    SINGLE_PARENT,
    accepted,
)

KEPT = (
    RESIDENTS,
    NONRESIDENTS,
    PROTECTED_PERSONS,
    NATIONAL_HEALTH_INSURANCE,
    PUBLIC_ASSISTANCE,
    SEVERE_DISABILITY,
    SINGLE_PARENT,
    FACILITIES,
    APPLICATIONS,
    OVERRIDES,
    MUNICIPAL_ANSWERS,
    IDENTITY_DECISIONS,
    RESIDENT_TAXES,
    ARREARS_FLAGS,
    INSURER_ANSWERS,
)
"""The feeds whose rows stay known from month to month."""


def known(feed: Record) -> Record:
    """Every row of a feed known at the end of a month; a corrected row stands beside the one it corrects."""
    return replace(
        accepted(feed),
        name=f"{feed.name}_known",
        label=f"{feed.label}・既知",
        description=f"月末までに市が知った{feed.label}の行。訂正された行も残る",
        key=(*feed.key, "delivery"),
        items=unite(
            (replace(item, of=(f"{feed.name}.{item.name}",)) for item in accepted(feed).items),
        ),
    )


TAXES = replace(
    known(RESIDENT_TAXES),
    name="taxes",
    label="税の情報",
    description="市の課税の情報と、人が定まった他市区町村の回答を合わせたもの。回答の履歴番号は市のものより後になる",
    items=unite(
        replace(item, of=(f"resident_taxes_known.{item.name}", f"municipal_answers_known.{item.name}"))
        if item.name not in ("resident_code", "revision_no", "taxed")
        else replace(item, of=(f"resident_taxes_known.{item.name}",))
        for item in accepted(RESIDENT_TAXES).items
    ),
)
