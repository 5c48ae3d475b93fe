"""The matches at the end of a month, who waits for a person to decide, and the taxes both make known."""

import polars as pl

from assets.calendar import MONTHLY
from assets.described import table
from assets.matching import rules
from schemas.records.matching import MATCH_QUEUE, MATCHES
from schemas.records.register import TAXES


@table(MATCHES, group="register", partitions=MONTHLY)
def matches(
    applications_known: pl.DataFrame,
    municipal_answers_known: pl.DataFrame,
    persons: pl.DataFrame,
    addresses: pl.DataFrame,
    identities: pl.DataFrame,
    identity_decisions_known: pl.DataFrame,
) -> pl.DataFrame:
    return rules.matches(
        applications_known, municipal_answers_known, persons, addresses, identities, identity_decisions_known
    )


@table(MATCH_QUEUE, group="register", partitions=MONTHLY)
def match_queue(matches: pl.DataFrame) -> pl.DataFrame:
    return rules.queue(matches)


@table(TAXES, group="register", partitions=MONTHLY)
def taxes(
    resident_taxes_known: pl.DataFrame, municipal_answers_known: pl.DataFrame, matches: pl.DataFrame
) -> pl.DataFrame:
    return rules.taxes(resident_taxes_known, municipal_answers_known, matches)


MATCHING_ASSETS = [matches, match_queue, taxes]
