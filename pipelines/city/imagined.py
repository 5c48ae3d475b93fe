"""Everybody who lives in the city and everything that happens to them, nothing written yet.

Belongs here: putting people, schemes, forms, taxes and overrides together, in the order in which one needs the
other. What is drawn, and how often, belongs to the modules of each.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.city import applications, history, overrides, people, schemes, taxes
from pipelines.city import truth_restriction as restriction
from pipelines.city import truth_story as story
from pipelines.city.calendar import RESTRICTED_FROM, Run, month_end, open_days
from pipelines.city.chance import Chance, after
from pipelines.city.truth_benefit import Known
from pipelines.city.truth_eligibility import eligibility_known
from pipelines.city.truth_registration import registered


@dataclass(frozen=True, slots=True)
class City:
    """Everybody and everything that ever happens to them: children, parents, the forms they file, what the staff
    decides over the rules, the years (family_no, year) by which their means are judged, what is in arrears, and the
    story that eligibility follows from."""

    run: Run
    chance: Chance
    rate: float
    open_days: pl.Series
    kids: pl.DataFrame
    grown: pl.DataFrame
    forms: pl.DataFrame
    overrides: pl.DataFrame
    judged_years: pl.DataFrame
    arrears: pl.DataFrame
    story: story.Story

    def known(self, truth: pl.DataFrame, month: date) -> Known:
        """What is known for the benefit at the end of a month, by the truth about eligibility."""
        filed = self.forms.filter(pl.col("app_known") <= month_end(month)).select("person_no", "app_date")
        older = (pl.col("app_date") < pl.col("code_since")) & pl.col("old_beneficiary_no").is_not_null()
        number = pl.when(older.fill_null(False)).then("old_beneficiary_no").otherwise("beneficiary_no")
        numbers = self.kids.select("person_no", "code_since", "old_beneficiary_no", "beneficiary_no")
        carded = filed.join(numbers, on="person_no").select("person_no", number.alias("beneficiary_no")).unique()
        registered = carded.sort("beneficiary_no").join(self.kids.drop("beneficiary_no"), on="person_no")
        people = self.kids.select("person_no", pl.col("resident_code").alias("child_resident_code"))
        return Known(registered, eligibility_known(truth, month).join(people, on="child_resident_code"))

    def registered(self, month: date) -> pl.DataFrame:
        """What stands of the registrations (truth_registration) by the forms known at the end of a month."""
        heard = story.known_at(self.story, month_end(month))
        leavings = heard.stays.select("person_no", pl.col("end").alias("left")).drop_nulls()
        return registered(heard.forms, leavings, self.open_days)

    def patients(self) -> pl.DataFrame:
        """The children with over_from, the first day on which they are gone or grown."""
        gone = self.kids.select(
            "person_no",
            after("resident_to", pl.when(pl.col("to_reason") == "53").then(1).otherwise(0)).alias("gone_from"),
        )
        ages = self.story.kids.select("person_no", "finish")
        joined = self.kids.join(gone, on="person_no", maintain_order="left").join(
            ages, on="person_no", maintain_order="left"
        )
        return joined.with_columns(pl.min_horizontal("gone_from", "finish").alias("over_from"))


def imagined(children: int, run: Run, seed: int, rate: float = 0.0) -> City:
    """The people and their lives, nothing written."""
    chance, days = Chance(seed), open_days(run)
    kids, grown = people.population(chance, children, run)
    kids = history.with_first_application(schemes.with_schemes(kids, chance, run), chance, days)
    forms = applications.forms(kids, chance, run, days)
    decided = overrides.override_rows(kids, chance, run, days)
    years = taxes.judged_years(kids)
    arrears = taxes.arrears_rows(grown, years, chance, run.first)
    incomes = taxes.declared(grown, years.filter(pl.col("year") == RESTRICTED_FROM.year), chance)
    judged = restriction.judged(years, grown, incomes, arrears)
    everything = story.told(kids, grown, forms, judged, decided)
    return City(run, chance, rate, days, kids, grown, forms, decided, years, arrears, everything)
