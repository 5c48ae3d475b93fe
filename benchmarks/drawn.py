"""A city drawn by lot, straight as frames: children with their intervals, and receipts and claims that meet every
reason, by the million in seconds.

Belongs here: what is drawn, and how often. Does not belong here: what it should be decided as. Not a likely city:
intervals, numbers, amounts and days are laid without regard to each other, so that reasons fall together in every
way. A lot is a hash of the row's number: the same city for the same sizes.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.register.insurances import insurances
from schemas.record import Record
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import APPLICATIONS, CLAIMS, INSURER_ANSWERS, NATIONAL_HEALTH_INSURANCE, RECEIPTS, accepted
from schemas.records.register import BENEFICIARY_NUMBERS, ELIGIBILITY, IDENTITIES, PERSONS, REGISTRATIONS, known

FIRST, LAST = date(2012, 1, 1), date(2027, 6, 1)
_LAW_FROM, _END = date(2009, 4, 1), date(2046, 4, 1)
_LIFE_MONTHS, _TURNS = 222, 6
_OWN = 1_000_000_000
"""Added to a claim's number, so that it draws other lots than the receipts."""
_ALIAS, _SECOND = 900_000_000_000_000, 5_000_000
_STATES = [
    *(70 * [("00", "1", "1")]), ("00", "1", "2"), ("00", "1", "2"), ("01", "0", "0"),
    ("02", "0", "0"), ("11", "0", "0"), ("04", "0", "0"), ("05", "0", "0"), ("06", "0", "0"), ("07", "0", "0"),
    ("14", "0", "0"), ("15", "0", "0"), ("16", "0", "0"),
]  # fmt: skip
"""(reason, entitled, benefit_class) of an interval."""


@dataclass(frozen=True)
class Drawn:
    """The drawn tables, by the names the engines have for them."""

    beneficiary_numbers: pl.DataFrame
    registrations: pl.DataFrame
    eligibility: pl.DataFrame
    persons: pl.DataFrame
    identities: pl.DataFrame
    insurances: pl.DataFrame
    national_health_insurance_known: pl.DataFrame
    insurer_answers_known: pl.DataFrame
    receipts: pl.DataFrame
    claims: pl.DataFrame
    decided_before: pl.DataFrame


def lot(name: str, below: int | pl.Expr) -> pl.Expr:
    """A whole number from 0 up to, not including, `below`; another one under each name."""
    return (pl.col("at").hash(zlib.crc32(name.encode())) % below).cast(pl.Int64)


def chance(name: str, per_mille: int) -> pl.Expr:
    """Whether the lot of this name falls among `per_mille` of a thousand."""
    return lot(name, 1000) < per_mille


def pick(name: str, values: list[str] | list[int] | list[date]) -> pl.Expr:
    """One of the values, each as likely."""
    return pl.lit(pl.Series(values)).gather(lot(name, len(values)))


def _rows(count: int, first: int = 0) -> pl.DataFrame:
    return pl.DataFrame({"at": pl.int_range(first, first + count, eager=True)})


def _as(record: Record, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the record's columns; one not drawn is null."""
    given = set(frame.columns)
    return frame.select(
        (pl.col(name) if name in given else pl.lit(None)).cast(kind).alias(name) for name, kind in record.schema.items()
    )


def _digits(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)


def _months_after(first: date, months: pl.Expr) -> pl.Expr:
    return pl.lit(first).dt.offset_by(pl.format("{}mo", months))


def _index(day: pl.Expr, first: date) -> pl.Expr:
    """Whole months from the month of `first`."""
    return (day.dt.year().cast(pl.Int64) - first.year) * 12 + day.dt.month() - first.month


def _born(first: date, last: date) -> pl.Expr:
    """Birth dates of children up to 18 years old in some of the months; many on 1 April, 2 April or 29 February."""
    span = (last - first).days + 6700
    plain = pl.lit(last) - pl.duration(days=lot("born", span) - 25)
    april = pl.date(plain.dt.year(), 4, lot("april", 2) + 1)
    leap = pl.date(plain.dt.year() // 4 * 4, 2, 29)
    return pl.when(chance("born.april", 120)).then(april).when(chance("born.leap", 30)).then(leap).otherwise(plain)


def _children(count: int, first: date, last: date) -> pl.DataFrame:
    return _rows(count).with_columns(
        _digits(pl.col("at") + 1, 15).alias("child_resident_code"),
        _digits(pl.col("at") + 1, 7).alias("beneficiary_no"),
        _born(first, last).alias("birth_date"),
        pick("sex", ["1", "2"]).alias("sex"),
        pick("insurance", ["01", "01", "01", "02", "06", "06", "31", "33", "63", "75"]).alias("insurance_type_code"),
    )


def _numbers(children: pl.DataFrame) -> pl.DataFrame:
    """Every child's number, a second one of some, and some that stand at two children."""
    second = children.filter(chance("second", 60)).with_columns(
        _digits(pl.col("at") + _SECOND, 7).alias("beneficiary_no")
    )
    shared = children.filter(chance("shared", 4)).with_columns(_digits(pl.col("at"), 7).alias("beneficiary_no"))
    return _as(BENEFICIARY_NUMBERS, pl.concat([children, second, shared]))


def _eligibility(children: pl.DataFrame) -> pl.DataFrame:
    """Intervals without gap or overlap, from birth or the first law on: some touch, some last one day."""
    turns = children.join(pl.DataFrame({"turn": range(_TURNS)}), how="cross").with_columns(
        (pl.col("at") * _TURNS + pl.col("turn") + 7 * _OWN).alias("at")
    )
    begun = pl.max_horizontal("birth_date", pl.lit(_LAW_FROM))
    apart = pl.when(chance("short", 80)).then(lot("day", 3)).otherwise(lot("apart", 2600))
    drawn = turns.filter(chance("turns", 620) | (pl.col("turn") == 0)).with_columns(
        pl.when(pl.col("turn") == 0).then(0).otherwise(apart).cum_sum().over("child_resident_code").alias("days")
    )
    plain = begun + pl.duration(days="days")
    snapped = pl.when(chance("snap", 300)).then(plain.dt.month_end().dt.offset_by("1d")).otherwise(plain)
    started = drawn.with_columns(snapped.alias("start_date")).unique(["child_resident_code", "start_date"])
    ordered = started.sort("child_resident_code", "start_date")
    state = lot("state", len(_STATES))
    said = zip(("reason", "entitled", "benefit_class"), zip(*_STATES, strict=True), strict=True)
    return _as(
        ELIGIBILITY,
        ordered.with_columns(
            pl.col("start_date").shift(-1).over("child_resident_code").fill_null(_END).alias("end_date"),
            *(pl.lit(pl.Series(list(values))).gather(state).alias(name) for name, values in said),
            pl.lit("条例").alias("article"),
            pl.col("child_resident_code").alias("guardian_resident_code"),
            pl.lit("residents_known").alias("feed"),
            pl.lit("residents_1").alias("delivery"),
            pl.col("at").alias("line_no"),
        ),
    )


def _person_code(seldom: int) -> pl.Expr:
    """The child's number, or the other one it is known under too."""
    alias = pl.col("has_alias") & chance("under", seldom)
    return pl.when(alias).then(_digits(pl.col("child") + _ALIAS, 15)).otherwise(_digits(pl.col("child") + 1, 15))


def _national(children: pl.DataFrame) -> pl.DataFrame:
    """Rows of 国保: a period of a fifth of the children, some corrected, some struck out."""
    ours = children.filter(chance("national", 200)).with_columns(pl.col("at").alias("child"))
    start = pl.col("birth_date") + pl.duration(days=lot("nhi", 4000))
    end = pl.when(chance("nhi.ends", 500)).then(start + pl.duration(days=lot("nhi.days", 3000) + 1))
    first = ours.with_columns(
        _person_code(500).alias("resident_code"),
        start.alias("start_date"),
        end.alias("end_date"),
        pick("class", ["ア", "イ", "ウ", "エ", "オ", "オ"]).alias("income_class"),
        pl.lit(1).alias("history_no"),
        pl.lit(0).alias("history_branch_no"),
        pl.lit("0").alias("deleted_flag"),
        pl.lit("nhi_1").alias("delivery"),
        pl.col("at").alias("line_no"),
        pl.lit(_LAW_FROM).alias("known_date"),
    )
    corrected = first.filter(chance("nhi.corrected", 200)).with_columns(
        pl.lit(1).alias("history_branch_no"),
        (pl.col("start_date") + pl.duration(days=20)).alias("start_date"),
        pl.lit(None, dtype=pl.Date).alias("end_date"),
        pick("nhi.struck", ["0", "0", "1"]).alias("deleted_flag"),
        pl.lit("nhi_2").alias("delivery"),
    )
    return _as(known(NATIONAL_HEALTH_INSURANCE), pl.concat([first, corrected]))


def _applications(children: pl.DataFrame) -> pl.DataFrame:
    """One application per child: where its insurance is stated."""
    return _as(
        known(APPLICATIONS),
        children.with_columns(
            pl.col("child_resident_code").alias("application_no"),
            pl.lit("01").alias("application_type"),
            pl.col("birth_date").alias("application_date"),
            pl.col("birth_date").alias("event_date"),
            pl.lit("applications_1").alias("delivery"),
            pl.col("at").alias("line_no"),
            pl.lit(_LAW_FROM).alias("known_date"),
        ),
    )


def _visits(rows: pl.DataFrame, children: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """`rows` (at) with the child, month, institution and care they are about: the same for the same `at`."""
    who = children.select(
        pl.col("at").alias("child"), "birth_date", "sex", "beneficiary_no",
        chance("alias", 30).alias("has_alias"), chance("second", 60).alias("has_second"),
    )  # fmt: skip
    about = rows.with_columns(lot("child", children.height).alias("child")).join(
        who, on="child", how="left", maintain_order="left"
    )
    months = _index(pl.lit(last), first)
    born = _index(pl.col("birth_date"), first).clip(0, months)
    grown = (_index(pl.col("birth_date"), first) + _LIFE_MONTHS).clip(0, months)
    alive = born + lot("month", grown - born + 1)
    index = pl.when(chance("any month", 15)).then(lot("anywhen", months + 1)).otherwise(alive)
    place = (pl.col("child") * 7 + lot("place", 6)) % 2000
    return about.with_columns(
        _months_after(first, index).alias("service_month"),
        (pl.lit("111") + _digits(place, 7)).alias("place"),
        pick("care", ["2", "2", "2", "2", "5", "5", "5", "4", "1", "3", "6", "7", "8"]).alias("care"),
    ).with_columns(_lawful_rate().alias("rate"))


def _lawful_rate() -> pl.Expr:
    """20 % until the 31 March before school, else 30 %."""
    birth = pl.col("birth_date")
    late = (birth.dt.month() > 4) | ((birth.dt.month() == 4) & (birth.dt.day() > 1))
    school = pl.date(birth.dt.year() + 6 + late.cast(pl.Int32), 4, 1)
    return pl.when(pl.col("service_month") < school).then(20).otherwise(30).cast(pl.Int64)


def _day_of_month(name: str) -> pl.Expr:
    """A day of the service month; its first and its last one often."""
    month = pl.col("service_month")
    days = month.dt.days_in_month().cast(pl.Int64)
    at = pl.when(chance(f"{name}.first", 120)).then(0).when(chance(f"{name}.last", 120)).then(days - 1)
    return month + pl.duration(days=at.otherwise(lot(name, days)))


def _total_yen() -> pl.Expr:
    """10割 cost: small as a rule, at times around each limit, seldom large."""
    small = (lot("points", 900) * lot("more points", 900) // 400 + 50) * 10
    edge = pick("edge", [0, 69_990, 70_000, 70_010, 104_990, 105_000, 125_000, 83_340, 118_000, 123_000, 123_030])
    large = lot("large", 40_000) * 10 + 70_000
    return pl.when(chance("edges", 25)).then(edge).when(chance("larges", 20)).then(large).otherwise(small)


def _number() -> pl.Expr:
    """The child's number; its second one, or one nobody has, at times."""
    second = _digits(pl.col("child") + _SECOND, 7)
    unknown = chance("unknown", 6)
    by_second = pl.col("has_second") & chance("by second", 400)
    return pl.when(unknown).then(pl.lit("9999999")).when(by_second).then(second).otherwise("beneficiary_no")


def _receipts(count: int, children: pl.DataFrame, first: date, last: date, payer_no: str) -> pl.DataFrame:
    """Receipts in the order of delivery: some repeat an earlier one, some take one back in part or whole."""
    rows = _rows(count).with_columns(pl.col("at").alias("row"))
    change = pl.when(chance("signed", 12)).then(pick("change", ["1", "2", "3"])).otherwise(pl.lit("0"))
    again = chance("again", 25) | (pl.col("change") != "0")
    drawn = rows.with_columns(change.alias("change")).with_columns(
        pl.when(again).then((pl.col("at") - 1 - lot("earlier", 40)).clip(0)).otherwise("at").alias("at")
    )
    own = pl.col("row") + 3 * _OWN
    told = _visits(drawn, children, first, last).with_columns(
        pl.when(chance("other rate", 10)).then(pick("rates", [0, 10, 20, 30])).otherwise("rate").alias("rate"),
        _total_yen().alias("total"),
    )
    stated = told.with_columns(
        (pl.col("total") * pl.col("rate") // 100 + chance("off", 5).cast(pl.Int64)).alias("self")
    ).with_columns(
        pl.when(chance("payer", 25)).then(pl.lit("52116001")).alias("other"),
        *(
            pl.when(chance(name, often)).then(lot(f"{name} yen", pl.max_horizontal("self", 1))).alias(name)
            for name, often in (("other_copay", 60), ("other_yen", 30), ("supplement", 8), ("high", 8), ("counter", 12))
        ),
    )
    with_payer = pl.col("other").is_not_null()
    others = pl.sum_horizontal(pl.col(name).fill_null(0) for name in ("other_yen", "supplement", "high", "counter"))
    copay = pl.when(with_payer).then(pl.col("other_copay").fill_null(0))
    ours = pl.when(with_payer).then(copay).otherwise(pl.col("self") - others) - chance("short", 4).cast(pl.Int64)
    rest = lot("rest", 3)
    sign = pl.when(pl.col("change") == "0").then(1).when(pl.col("change") == "3").then(rest - 1).otherwise(-1)
    lag = pl.when(chance("late", 20)).then(lot("lag", 30)).otherwise(lot("lag", 2)) + 1
    valued = told.with_columns(
        stated.select("self", "other", "other_yen", "supplement", "high", "counter", copay.alias("copay"),
                      ours.alias("ours"), sign.alias("sign"))
    ).with_columns(own.alias("at"))  # fmt: skip
    billed = pl.col("service_month").dt.offset_by(pl.format("{}mo", lag))
    wrong = pl.when(chance("wrong payer", 4)).then(pl.lit("81110000")).otherwise(pl.lit(payer_no))
    birth = pl.col("birth_date") + pl.duration(days=chance("wrong birth", 3).cast(pl.Int64))
    sex = pl.when(chance("wrong sex", 3)).then(pl.lit("9")).otherwise("sex")
    early = pl.col("service_month") - pl.duration(days=lot("before", 40))
    day = pl.when(chance("outside", 4)).then(early).when(chance("said", 550)).then(_day_of_month("first day"))
    found = valued.with_columns(
        pick("body", ["1", "2"]).alias("review_body"),
        billed.alias("billing_month"),
        _digits(pl.col("row") % 1_000_000, 6).alias("receipt_no"),
        pl.col("change").alias("receipt_change"),
        pl.lit("00110024").alias("insurer_no"),
        day.alias("first_day"),
        pl.lit(0).alias("rcpt_branch_no"),
        pl.lit("2").alias("rcpt_insured_class"),
        sex.alias("rcpt_patient_sex"),
        birth.alias("rcpt_patient_birth_date"),
        _number().alias("rcpt_patient_beneficiary_no"),
        pl.col("place").alias("rcpt_institution_code"),
        pl.col("care").alias("rcpt_inpatient_outpatient_code"),
        pl.lit(1).alias("rcpt_treatment_days"),
        pl.col("rate").alias("rcpt_copay_rate"),
        wrong.alias("rcpt_public_payer_no"),
        (pl.col("total") * pl.col("sign")).alias("rcpt_total_medical_cost_yen"),
        (pl.col("self") * pl.col("sign")).alias("rcpt_self_pay_yen"),
        pl.col("counter").alias("rcpt_counter_yen"),
        pl.col("other").alias("rcpt_other_public_payer_no"),
        (pl.col("other_yen") * pl.col("sign")).alias("rcpt_other_public_yen"),
        (pl.col("copay") * pl.col("sign")).alias("rcpt_other_public_copay_yen"),
        (pl.col("supplement") * pl.col("sign")).alias("rcpt_supplementary_benefit_yen"),
        (pl.col("high") * pl.col("sign")).alias("rcpt_high_cost_benefit_yen"),
        (pl.col("ours") * pl.col("sign")).alias("rcpt_public_expense_yen"),
    )
    return _as(accepted(RECEIPTS), _delivered(found, "receipts", pl.col("billing_month")))


def _delivered(rows: pl.DataFrame, feed: str, month: pl.Expr) -> pl.DataFrame:
    """`rows` by month of delivery, with the line and the file they came in."""
    told = rows.with_columns(month.dt.month_end().alias("known_date")).sort("known_date", "row")
    return told.with_columns(
        pl.format("{}_{}", pl.lit(feed), pl.col("known_date").dt.strftime("%Y%m")).alias("delivery"),
        pl.int_range(1, pl.len() + 1).over("known_date").alias("line_no"),
    )


def _applied() -> pl.Expr:
    """A day of application: soon, at times around the last day of five years."""
    edge = pl.col("treatment_end_date").dt.offset_by("5y") + pl.duration(days=lot("last day", 5) - 2)
    return pl.when(chance("too late", 12)).then(edge).otherwise(
        pl.col("treatment_end_date") + pl.duration(days=lot("applied", 150))
    )


def _claims(count: int, receipts: int, children: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """Claims in the order of delivery: some about what a receipt is about, some repeated. With row and child."""
    rows = _rows(count, _OWN).with_columns(pl.col("at").alias("row"))
    twin = lot("of receipt", max(receipts, 1))
    source = pl.when(chance("twin", 30)).then(twin).when(chance("again", 20)).then(pl.col("at") - 1).otherwise("at")
    told = _visits(rows.with_columns(source.alias("at")), children, first, last).with_columns(pl.col("row").alias("at"))
    dated = told.with_columns(_day_of_month("visit").alias("first_visit_date"), _total_yen().alias("total"))
    last_day = pl.col("first_visit_date").dt.month_end()
    dated = dated.with_columns(
        pl.min_horizontal(last_day, pl.col("first_visit_date") + pl.duration(days=lot("stay", 4))).alias(
            "treatment_end_date"
        ),
        pl.when(chance("other rate", 20)).then(50 - pl.col("rate")).otherwise("rate").alias("paid_rate"),
    )
    kind = pick("kind", ["1"] * 16 + ["2", "3", "4"])
    all_of_it = (kind != "1") & chance("all", 500)
    share = (pl.col("total") * pl.col("paid_rate") + 500) // 1000 * 10
    off = pl.when(chance("off", 150)).then(lot("offset", 23) - 11).otherwise(0)
    partial = pl.when(all_of_it).then("total").otherwise((share + off).clip(0))
    accident = pl.when(chance("accident", 25)).then(pick("whose", ["1", "1", "2"])).otherwise(pl.lit("0"))
    total = pl.when(chance("small accident", 10)).then(pick("minimum", [4_990, 5_000])).otherwise("total")
    place = pl.when(chance("no place", 30)).then(None).otherwise("place")
    found = dated.with_columns(
        ("C" + pl.col("row").cast(pl.String)).alias("claim_no"),
        _number().alias("beneficiary_no"),
        pl.lit(0).alias("claim_branch_no"),
        _applied().alias("application_date"),
        kind.alias("claim_class"),
        place.alias("institution_code"),
        pl.col("care").alias("inpatient_outpatient_code"),
        lot("days", 4).alias("treatment_days"),
        total.alias("total_medical_cost_yen"),
        partial.alias("partial_payment_yen"),
        pl.when(chance("copay", 20)).then(lot("copay yen", 60_000)).otherwise(partial).alias("copay_yen"),
        *(
            pl.when(chance(name, often)).then(lot(f"{name} yen", 3_000)).alias(name)
            for name, often in (("supplementary_benefit_yen", 15), ("high_cost_benefit_yen", 15),
                                ("other_public_expense_yen", 15))
        ),
        pl.when(chance("adjusted", 15)).then(lot("adjust yen", 400) - 200).alias("other_adjustment_yen"),
        pl.when(chance("item", 15)).then(pl.lit("52")).alias("other_public_item_code"),
        accident.alias("accident"),
        pick("far", ["0", "1"]).alias("outside_prefecture"),
    )  # fmt: skip
    return _delivered(found, "claims", pl.col("application_date"))


def _answers(claims: pl.DataFrame) -> pl.DataFrame:
    """Answers about many large claims and a few small ones: some corrected, some given twice."""
    asked = claims.filter(
        ((pl.col("copay_yen") > 25_000) & chance("asked", 600)) | chance("asked too", 20)
    ).with_columns((pl.col("row") * 4).alias("number"))
    answer = asked.select(
        "at", pl.col("number").cast(pl.String).alias("answer_no"), _person_code(500).alias("child_resident_code"),
        "service_month", "institution_code", "care", lot("answered", 40_000).alias("high_cost_benefit_yen"),
        pl.when(chance("supplement", 300)).then(lot("supplement yen", 9_000)).otherwise(0)
        .alias("supplementary_benefit_yen"),
        (pl.col("application_date") + pl.duration(days=lot("waited", 60))).alias("answered_date"),
        pl.col("known_date"), pl.lit("answers_1").alias("delivery"), pl.col("row").alias("line_no"),
    )  # fmt: skip
    corrected = answer.filter(chance("corrected", 100)).with_columns(
        (pl.col("high_cost_benefit_yen") // 2).alias("high_cost_benefit_yen"), pl.lit("answers_2").alias("delivery")
    )
    second = answer.filter(chance("twice", 100)).with_columns(
        (pl.col("answer_no") + "9").alias("answer_no"),
        lot("second", 20_000).alias("high_cost_benefit_yen"),
        (pl.col("answered_date") + pl.duration(days=lot("later", 2))).alias("answered_date"),
    )
    return _as(known(INSURER_ANSWERS), pl.concat([answer, corrected, second]))


def _paid_before(receipts: int, children: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """Decisions of earlier months that paid for what some receipts ask for again, some under the other number."""
    visits = _visits(_rows(receipts).filter(chance("paid before", 6)), children, first, last)
    paid = visits.with_columns(
        _person_code(500).alias("child_resident_code"),
        pl.col("place").alias("institution_code"),
        pl.lit("1").alias("judgement"),
        pl.lit("P0").alias("reason"),
        ("R-before-" + pl.col("at").cast(pl.String)).alias("decision_no"),
    )
    return _as(DECISIONS, paid)


def drawn(
    receipts: int,
    claims: int = 0,
    children: int = 100_000,
    first: date = FIRST,
    last: date = LAST,
    payer_no: str = "81112039",
) -> Drawn:
    """A city of these sizes, with care in the months from `first` to `last`."""
    people = _children(children, first, last)
    national = _national(people.with_columns(chance("alias", 30).alias("has_alias")))
    also = people.filter(chance("alias", 30)).select(
        _digits(pl.col("at") + _ALIAS, 15).alias("resident_code"), pl.col("child_resident_code").alias("person_code")
    )
    same = _as(IDENTITIES, also)
    lines = _claims(claims, receipts, people, first, last)
    return Drawn(
        beneficiary_numbers=_numbers(people),
        registrations=_as(REGISTRATIONS, people.filter(~chance("unregistered", 5))),
        eligibility=_eligibility(people.filter(~chance("no interval", 5))),
        persons=_as(PERSONS, people.rename({"child_resident_code": "resident_code"}).filter(~chance("nobody", 2))),
        identities=same,
        insurances=insurances(national, _applications(people), same),
        national_health_insurance_known=national,
        insurer_answers_known=_answers(lines),
        receipts=_receipts(receipts, people, first, last, payer_no),
        claims=_as(accepted(CLAIMS), lines),
        decided_before=_paid_before(receipts, people, first, last),
    )
