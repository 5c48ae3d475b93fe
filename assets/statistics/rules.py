"""Figures and equations of a month. Pure; counts and yen only, no person."""

from collections.abc import Iterable
from datetime import date

import polars as pl

from assets.benefit.standing import LINE
from assets.eligibility.reading import state, waiting
from reports.monthly.amounts import Amount, Equation
from reports.monthly.figures import (
    AGE_BANDS,
    VISITS,
    MonthlyFigures,
    People,
    Reconciliation,
    Settled,
)
from reports.monthly.subsidy import Subsidies
from schemas.codes import BENEFIT_CAUSE, BENEFIT_REASON, DECISION_REASON
from schemas.record import Record
from schemas.records.feeds import CONTROL_YEN
from schemas.records.statistics import EQUATIONS, FIGURES

FLOWS = {"receipt": "現物レセプト", "claim": "償還申請"}
OUTCOMES = {"1": "支給", "2": "不支給", "3": "返戻", "4": "保留"}
FIRST_CAUSES = ("1", "2")
"""Causes of a decision about a line that was not decided yet."""
STATES = {"1": "資格あり", "2": "資格なし", "3": "確認待ち"}
INPATIENT_ONLY = "資格あり(入院のみ)"
CHANGES = {"recognised": "認定", "refused": "却下", "ended": "消滅"}
VISIT_OF_CARE = dict(zip("12345678", [VISITS[at] for at in (0, 1, 2, 2, 3, 4, 5, 5)], strict=True))


def age_band(birth: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The age band on a day: by age before school, then by school year (学校教育法17条; 4月1日生まれは前の学年)."""
    school_year = day.dt.offset_by("-3mo").dt.year() - birth.dt.offset_by("-3mo").dt.offset_by("-1d").dt.year()
    age = day.dt.year() - birth.dt.year() - (day.dt.strftime("%m%d") < birth.dt.strftime("%m%d")).cast(pl.Int32)
    grown = pl.when(school_year >= 13).then(pl.lit(AGE_BANDS[3])).otherwise(pl.lit(AGE_BANDS[2]))
    small = pl.when(age >= 3).then(pl.lit(AGE_BANDS[1])).otherwise(pl.lit(AGE_BANDS[0]))
    school = pl.when(school_year >= 16).then(pl.lit(AGE_BANDS[4])).otherwise(grown)
    return pl.when(school_year >= 7).then(school).otherwise(small)


def _figure(frame: pl.DataFrame, figure: str, group: pl.Expr, part: pl.Expr, amount: pl.Expr) -> pl.DataFrame:
    return (
        frame.group_by(group.alias("group"), part.alias("part"))
        .agg(pl.len().cast(pl.Int64).alias("cases"), amount.sum().cast(pl.Int64).alias("yen"))
        .with_columns(pl.lit(figure).alias("figure"))
        .select("figure", "group", "part", "cases", "yen")
    )


def people(eligibility: pl.DataFrame, changes: pl.DataFrame, day: date) -> pl.DataFrame:
    """Registered children on a day by state (entitled, to stays only, waiting for a person, neither) and reason, and
    this month's changes."""
    standing = eligibility.filter(pl.lit(day).is_between("start_date", "end_date", closed="left"))
    stays = (pl.col("entitled") == "1") & (pl.col("benefit_class") == "2")
    outcome = pl.when(stays).then(pl.lit(INPATIENT_ONLY)).otherwise(state().replace_strict(STATES))
    reason = pl.col("reason").replace_strict(dict(DECISION_REASON.labels))
    nothing = pl.lit(0, pl.Int64)
    return pl.concat(
        [
            _figure(standing, "人数", outcome, reason, nothing),
            _figure(changes, "異動", pl.col("change").replace_strict(CHANGES, return_dtype=pl.String), reason, nothing),
        ]
    )


def paid_first(decisions: pl.DataFrame, reopened: pl.DataFrame) -> pl.DataFrame:
    """The decisions that pay a line for the first time."""
    before = reopened.filter(pl.col("paid") == "1")
    return decisions.filter(pl.col("judgement") == "1").join(before, on=LINE, how="anti", maintain_order="left")


def decided(decisions: pl.DataFrame, reopened: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Decisions by flow and outcome, yen paid for the first time by age band and kind of care, unpaid decisions by
    reason; and what late news changed, by cause, with the yen it adds or takes back."""
    births = persons.select(pl.col("resident_code").alias("child_resident_code"), "birth_date")
    told = decisions.join(births, on="child_resident_code", how="left").with_columns(
        pl.col("subject").replace_strict(FLOWS).alias("flow"),
        pl.col("judgement").replace_strict(OUTCOMES).alias("outcome"),
        pl.col("care").replace_strict(VISIT_OF_CARE).alias("visit"),
        pl.col("reason").replace_strict(dict(BENEFIT_REASON.labels)).alias("why"),
        age_band(pl.col("birth_date"), pl.col("service_month")).alias("band"),
    )
    again = ~pl.col("cause").is_in(FIRST_CAUSES)
    fresh = told.filter(~again)
    unpaid = fresh.filter(pl.col("judgement") != "1")
    difference = pl.col("amount_yen") - pl.col("before_yen")
    cause = pl.col("cause").replace_strict(dict(BENEFIT_CAUSE.labels), return_dtype=pl.String)
    return pl.concat(
        [
            _figure(fresh, "判定", pl.col("flow"), pl.col("outcome"), pl.col("amount_yen")),
            _figure(paid_first(told, reopened), "支給額", pl.col("band"), pl.col("visit"), pl.col("amount_yen")),
            _figure(unpaid, "理由", pl.col("outcome"), pl.col("why"), pl.col("demand_yen")),
            _figure(told.filter(again), "変更", pl.col("flow"), cause, difference),
        ]
    )


def refusals(refused: pl.DataFrame, feed: Record) -> pl.DataFrame:
    """Refused rows of a feed by their first reason."""
    labels = {item.name: item.label for item in feed.items}
    first = refused.sort("delivery", "line_no", "item", "rule").unique(["delivery", "line_no"], keep="first")
    items = pl.col("item").str.split("+").list.eval(pl.element().replace(labels)).list.join("・")
    return _figure(first, "拒否", pl.lit(feed.label), pl.format("{}({})", items, pl.col("rule")), pl.col("yen"))


def figures(parts: Iterable[pl.DataFrame], month: date) -> pl.DataFrame:
    """All figures of a month as FIGURES."""
    return pl.concat(parts).with_columns(pl.lit(month).alias("month")).select(FIGURES.names)


def amount(frame: pl.DataFrame, yen: str | tuple[str, ...]) -> Amount:
    """Rows of a frame and the sum of its yen columns."""
    columns = (yen,) if isinstance(yen, str) else yen
    return Amount(frame.height, int(frame.select(pl.sum_horizontal(pl.lit(0), *columns).sum()).item()))


def of_feed(feed: str, frame: pl.DataFrame) -> Amount:
    """Rows of a feed and its control yen."""
    return amount(frame, CONTROL_YEN[feed])


def of_refused(refused: pl.DataFrame) -> Amount:
    """Refused rows, each once, and their control yen."""
    return amount(refused.unique(["delivery", "line_no"]), "yen")


def settled(
    differences: pl.DataFrame, offsets: pl.DataFrame, payables: pl.DataFrame, debts: pl.DataFrame, carried: pl.DataFrame
) -> Settled:
    """What a month settles with guardians, each side from a table of its own. `carried`: DEBTS of the month before."""
    of_guardians = differences.filter(pl.col("counterpart") == "1")
    back = of_guardians.filter(pl.col("difference_yen") < 0).with_columns(-pl.col("difference_yen"))
    taken = int(offsets["offset_yen"].sum())
    still = debts.filter(pl.col("open_yen") > 0)
    return Settled(
        more=amount(of_guardians.filter(pl.col("difference_yen") > 0), "difference_yen"),
        back=amount(carried.filter(pl.col("open_yen") > 0), "open_yen") + amount(back, "difference_yen"),
        offset_due=Amount(payables.filter(pl.col("payable_yen") == 0).height, taken),
        offset_owed=Amount(debts.height - still.height, taken),
        open=amount(still, "open_yen"),
    )


def filed_until(batched: pl.DataFrame, value_date: date) -> pl.DataFrame:
    """The orders of batches up to the file of a month: what later files take does not change what the month says."""
    return batched.filter(pl.col("value_date") <= value_date)


def reconciliation(
    told: Amount,
    again: Amount,
    accepted: Amount,
    refused: Amount,
    decisions: pl.DataFrame,
    reopened: pl.DataFrame,
    payables: pl.DataFrame,
    settled: Settled,
    orders: pl.DataFrame,
    transferred: pl.DataFrame,
) -> Reconciliation:
    """From the control files to the bank file. `again`: the rows of earlier months decided again now, held or
    reopened; `reopened`: REOPENED, how they stood.
    `transferred`: the orders of batches with the ledger's own amounts, not those of `orders`."""
    of = {outcome: decisions.filter(pl.col("judgement") == code) for code, outcome in OUTCOMES.items()}
    first = paid_first(decisions, reopened)
    in_kind, reimbursed = (amount(first.filter(pl.col("subject") == kind), "amount_yen") for kind in FLOWS)
    kept = reopened.join(decisions, on=LINE, how="anti")
    due = payables.filter(pl.col("payable_yen") > 0)
    return Reconciliation(
        taken_in=told + again,
        accepted=accepted + again,
        row_refused=refused,
        granted=amount(of["支給"], "demand_yen"),
        declined=amount(of["不支給"], "demand_yen") + amount(of["返戻"], "demand_yen"),
        held=amount(of["保留"], "demand_yen"),
        unchanged=amount(kept, "demand_yen"),
        benefit=amount(first, "amount_yen"),
        in_kind=in_kind,
        reimbursed=reimbursed,
        settled=settled,
        not_ordered=amount(due.join(orders, on="decision_no", how="anti"), "payable_yen"),
        ordered=amount(orders, "amount_yen"),
        not_transferred=amount(orders.join(transferred, on="payment_no", how="anti"), "amount_yen"),
        transferred=amount(transferred.join(orders, on="payment_no", how="semi"), "amount_yen"),
    )


def _line(equation: Equation, unit: str, measure: str) -> dict[str, object]:
    left = getattr(equation.left[1], measure)
    right = sum(getattr(term, measure) for _, term in equation.right)
    name = f"{equation.measure}: {equation.left[0]} = {' + '.join(label for label, _ in equation.right)}"
    return {"equation": name, "unit": unit, "left": left, "right": right, "residual": left - right}


def equations(found: Iterable[Equation], month: date) -> pl.DataFrame:
    """Each equation in rows, where it counts them, and in yen, as EQUATIONS."""
    measures = (("件", "count"), ("円", "yen"))
    lines = [_line(each, unit, measure) for each in found for unit, measure in measures if each.counted or unit == "円"]
    return pl.DataFrame(lines).with_columns(pl.lit(month).alias("month")).select(EQUATIONS.names)


def standing_people(eligibility: pl.DataFrame, day: date) -> People:
    """Registered children on a day: entitled, waiting for a decision, ended after being entitled, or refused."""
    entitled = pl.col("entitled") == "1"
    now = pl.lit(day).is_between("start_date", "end_date", closed="left")
    each = eligibility.group_by("child_resident_code").agg(
        (entitled & now).any().alias("eligible"),
        (now & waiting()).any().alias("held"),
        (entitled & (pl.col("end_date") <= day)).any().alias("ended"),
    )
    held_now = ~pl.col("eligible") & pl.col("held")
    ended = ~pl.col("eligible") & ~pl.col("held") & pl.col("ended")
    found = each.select(
        pl.len(), pl.col("eligible").sum(), held_now.sum().alias("held"), ended.sum().alias("ended")
    ).row(0)
    registered, eligible, held, gone = found
    return People(registered, eligible, registered - eligible - held - gone, held, gone)


def monthly_figures(
    city: str,
    month: date,
    made_on: date,
    people: People,
    numbers: pl.DataFrame,
    reconciliation: Reconciliation,
    subsidies: Subsidies,
    unconfirmed: tuple[str, ...],
) -> MonthlyFigures:
    """The month's figures as the report prints them."""

    def of(figure: str) -> pl.DataFrame:
        return numbers.filter(pl.col("figure") == figure).rename({"cases": "count"}).sort("group", "part")

    reasons = of("理由").rename({"part": "reason"})
    held = pl.col("group") == OUTCOMES["4"]
    return MonthlyFigures(
        city=city,
        month=month,
        made_on=made_on,
        people=people,
        handled=of("判定").select(pl.col("group").alias("flow"), pl.col("part").alias("outcome"), "count", "yen"),
        benefits=of("支給額").select(pl.col("group").alias("age_band"), pl.col("part").alias("visit"), "count", "yen"),
        declined=reasons.filter(~held).select("reason", "count", "yen"),
        refused=of("拒否").select(pl.format("{}: {}", "group", "part").alias("reason"), "count", "yen"),
        on_hold=reasons.filter(held).select("reason", "count", "yen"),
        reconciliation=reconciliation,
        subsidies=subsidies,
        unconfirmed=unconfirmed,
    )
