"""Rules and second engine over the same drawn cities: not one interval differs, whatever reading of the law."""

import polars as pl
from hypothesis import given

from assets.eligibility.means import means
from assets.eligibility.restrictions import restrictions
from assets.eligibility.rules import eligibility
from assets.register.identities import as_person
from assets.register.intervals import merged
from assets.second_engine.differences import differences
from assets.second_engine.eligibility import eligibility as second
from tests.assets.second_engine.days import City
from tests.assets.second_engine.drawn_city import cities, settled
from tests.support.draws import draws

SAID = ["entitled", "benefit_class", "reason", "ruled_reason"]


def ruled(drawn: City) -> pl.DataFrame:
    """What the rules decide, by what they say alone."""
    read = drawn.frames()
    same, law = read["identities"], drawn.law
    judged = means(read["resident_taxes_known"], read["arrears_known"], same, law)
    found = eligibility(
        read["persons"],
        read["residences"],
        read["schemes"],
        read["registrations"],
        restrictions(read["guardians"], read["persons"], judged, law),
        as_person(read["overrides_known"], same, "child_resident_code"),
        law,
    )
    return merged(found, ["child_resident_code", *SAID])


@draws(14, shrink=False)
@given(cities.map(settled))
def test_rules_and_second_engine_say_the_same_of_every_interval(drawn: City) -> None:
    theirs = second(**drawn.frames(), law=drawn.law)
    found = differences(ruled(drawn), theirs, ["child_resident_code", "start_date"], ["end_date", *SAID])
    assert found.is_empty(), found.rows()
