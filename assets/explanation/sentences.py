"""The requirements of a day in plain Japanese: one short sentence each, met or missed, with its law.

Belongs here: words, and which article and parameter each requirement rests on. Does not belong here: the rows of a
day (grounds.py) and deciding. No name, address or birth date enters a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from assets.eligibility.judged_years import NONE, JudgedYear, judged_years
from assets.eligibility.rules import OVERRIDDEN
from reports.letters.wareki import era_date
from schemas.codes import ARREARS_ITEM, DECISION_REASON, OVERRIDE
from schemas.law.book import Law, LawGap, LawOfMonth

Row = Mapping[str, Any]
RESTRICTED: Final = ("09", "10", "15")
"""所得, 滞納, どちらかを確認中."""
NEVER: Final = date(9999, 12, 31)
"""The day from which a child without any application is registered."""
_ABROAD = "52"
_SCHOOL, _OCTOBER = "registration.ends_at_school_entry", "registration.ends_every_october"


@dataclass(frozen=True, slots=True)
class Said:
    """One requirement in words; `source` is the prefix of the columns that hold its input row."""

    label: str
    code: str
    holds: bool
    sentence: str
    parameter: str | None
    feed: str | None
    source: str | None
    article: str = ""
    confirmed: bool = True


def said(row: Row, law: Law) -> list[Said]:
    """Every requirement of one row of grounds, in the order of the law on its day."""
    now = law.at(row["day"])
    missed = set((row["faults"] or "").split())
    return [_with_law(one, now) for one in _requirements(row, missed, now)]


def _with_law(one: Said, now: LawOfMonth) -> Said:
    confirmed = one.parameter is None or now.version(one.parameter).confirmed
    return replace(one, article=reason_said(one.code, now)["article"], confirmed=confirmed)


def reason_said(code: str, now: LawOfMonth) -> dict[str, str]:
    """sentence and article of a 決定理由 on a day. Raises LawGap where the law gives none."""
    for one in now.value("reasons.eligibility"):
        if one["code"] == code:
            return dict(one)
    raise LawGap(f"{now.day} の決定理由 {code} は reasons.eligibility に定めがありません")


def _requirements(row: Row, missed: set[str], now: LawOfMonth) -> Iterator[Said]:
    yield _home(row, missed)
    yield _age(row, "入院", "inpatient")
    yield _age(row, "通院", "outpatient")
    if row["registering_start_date"] != NEVER:
        yield _guardian(row, missed)
        yield _in_japan(row, missed)
    for code in now.codes("exclusions.schemes_in_order"):
        yield _scheme(row, code, missed)
    yield _registration(row, missed, now)
    yield from _means(row, missed, now)
    if row["override"] is not None:
        yield _override(row)


def _eve(day: date) -> str:
    return era_date(day - timedelta(days=1))


def _home(row: Row, missed: set[str]) -> Said:
    code = next((code for code in ("02", "03", "13") if code in missed), None)
    if code is None:
        sentence = f"{era_date(row['home_start_date'])}から川口市に住民登録がある。"
        return Said("住民登録", "13", True, sentence, None, "residents", "home")
    source = "left" if row["left_end_date"] else ("coming" if row["coming_start_date"] else None)
    return Said("住民登録", code, False, _gone(row, code), None, "residents", source)


def _gone(row: Row, code: str) -> str:
    ended = row["left_end_date"]
    if ended is None:
        coming = row["coming_start_date"]
        if coming is None:
            return "川口市に住民登録の記録がない。"
        return f"川口市の住民登録は{era_date(coming)}からで、この日はまだない。"
    if code == "03":
        return f"{_eve(ended)}に亡くなった。"
    if code == "02":
        return f"{era_date(ended)}に{'国外へ' if row['left_end_reason'] == _ABROAD else ''}転出した。"
    return f"{era_date(ended)}に川口市の住民登録がなくなった。"


def _age(row: Row, care: str, age: str) -> Said:
    years, last = row[f"{age}_years"], row[f"{age}_last"]
    holds = row["day"] <= last
    over = "まで" if holds else "までで、この日は過ぎている"
    sentence = f"{care}の対象は{era_date(last)}{over}({years}歳に達した日以後の最初の3月31日)。"
    return Said(f"年齢({care})", "01", holds, sentence, f"age.{age}_until_years", None, None)


def _guardian(row: Row, missed: set[str]) -> Said:
    source = "registered" if row["registered_begun_date"] else "registering"
    if "14" not in missed:
        return Said("保護者", "14", True, "申請の受給資格者が台帳で確認できる。", None, "applications", source)
    if row["in_japan"] is None:
        sentence = "申請の受給資格者が、住民基本台帳にも住登外にもいない。"
        return Said("保護者", "14", False, sentence, None, "applications", source)
    sentence = f"受給資格者が{_eve(row['parent_end_date'])}に亡くなり、次の受給資格者の登録がない。"
    return Said("保護者", "14", False, sentence, "guardian.death_suspends", "residents", "parent")


def _in_japan(row: Row, missed: set[str]) -> Said:
    if "12" not in missed:
        return Said("保護者の住所", "12", True, "受給資格者が国外にいる記録はない。", None, None, None)
    if row["parent_end_reason"] == _ABROAD:
        sentence = f"受給資格者は{era_date(row['parent_end_date'])}に国外へ転出した。"
        return Said("保護者の住所", "12", False, sentence, None, "residents", "parent")
    sentence = "住登外の記録では、受給資格者の住民登録が国内にない。"
    return Said("保護者の住所", "12", False, sentence, None, "nonresidents", "person")


def _scheme(row: Row, code: str, missed: set[str]) -> Said:
    label, parameter = DECISION_REASON.labels[code], "exclusions.schemes_in_order"
    if code not in missed:
        return Said(label, code, True, f"{label}に該当していない。", parameter, None, None)
    start, end = row[f"s{code}_start_date"], row[f"s{code}_end_date"]
    until = f"{_eve(end)}まで" if end else "期限なしで"
    sentence = f"{era_date(start)}から{until}、{label}に該当している。"
    return Said(label, code, False, sentence, parameter, row[f"s{code}_feed"], f"s{code}")


def _registration(row: Row, missed: set[str], now: LawOfMonth) -> Said:
    start, parameter = row["registered_begun_date"], "registration.retro_days"
    if "11" not in missed:
        sentence = f"{era_date(start)}から登録の効力がある。"
        return Said("登録", "11", True, sentence, parameter, "applications", "registered")
    if start is not None:
        lapse, parameter = _lapse(row, now)
        sentence = f"{era_date(start)}からの登録は{lapse}の申請がない。"
        return Said("登録", "11", False, sentence, parameter, "applications", "registered")
    if row["registering_start_date"] == NEVER:
        return Said("登録", "11", False, "登録の申請がない(未申請)。", "registration.types", None, None)
    sentence = f"登録の効力は{era_date(row['registering_start_date'])}からで、この日はまだない。"
    return Said("登録", "11", False, sentence, parameter, "applications", "registering")


def _lapse(row: Row, now: LawOfMonth) -> tuple[str, str]:
    """How and when the registration ended, and the parameter that says so."""
    ended, then = row["unregistered_from_date"], now.law.at(row["unregistered_from_date"])
    if ended == row["preschool_last"] + timedelta(days=1) and then.flag(_SCHOOL):
        return f"{era_date(ended)}に小学校就学で終わり、その後", _SCHOOL
    if (ended.month, ended.day) == (10, 1) and then.flag(_OCTOBER):
        return f"{era_date(ended)}に更新がなく終わり、その後", _OCTOBER
    if ended == row["home_start_date"]:
        return "川口市を離れたときに終わり、戻った後", "registration.types"
    return f"{era_date(ended)}より前に終わり、その後", "registration.ends_when_other_scheme_begins"


def _means(row: Row, missed: set[str], now: LawOfMonth) -> Iterator[Said]:
    """支給制限: one requirement, or each reason for which it is missed."""
    stops = [code for code in RESTRICTED if code in missed]
    if not stops:
        sentence, parameter = _unrestricted(row, now)
        yield Said("所得・滞納", "10", True, sentence, parameter, None, None)
    for code in stops:
        sentence, parameter = _stopped(code, now)
        yield Said("所得・滞納", code, False, sentence, parameter, row[f"r{code}_feed"], f"r{code}")


def _unrestricted(row: Row, now: LawOfMonth) -> tuple[str, str]:
    if now.text("restriction.mode") == NONE:
        return "この日は、所得や滞納による支給制限がない。", "restriction.mode"
    if row["day"] <= row["unrestricted_last"]:
        return "小学校に入る前なので、所得や滞納による支給制限を受けない。", "restriction.after_years"
    return "父母の所得と滞納は、支給制限に当たらない。", "restriction.mode"


def _stopped(code: str, now: LawOfMonth) -> tuple[str, str]:
    if code == "15":
        return "父母の所得または滞納が確認できていない。", "restriction.mode"
    year = judged_year(now.day, now.law)
    if code == "09":
        return f"父母の所得({year.tax_year}年度の住民税)が限度額を超える。", "restriction.income_limits"
    due = era_date(year.base_date)
    return f"父母に、{due}までに納期限が来た市税などの滞納がある。", "restriction.arrears_items"


def judged_year(day: date, law: Law) -> JudgedYear:
    """The judged year a day falls in. Raises LawGap for a day in none."""
    for year in judged_years(law, day + timedelta(days=1)):
        if year.first <= day < year.end:
            return year
    raise LawGap(f"{day} は、支給制限の判定の年度（restriction.year）に入りません")


def _override(row: Row) -> Said:
    (_, code, _), outcome = OVERRIDDEN[row["override"]], OVERRIDE.labels[row["override"]]
    return Said("強制修正", code, code == "00", f"職員の決定による({outcome})。", None, "overrides", "override")


_CHANGES: Final = {
    "birth": "生年月日の記録が誤りで、対象年齢であること(ほかの事実では変わらない)",
    "guardian": "台帳で確認でき、国内に住民登録のある保護者が、受給資格者として登録されること",
    "abroad": "受給資格者の住民登録が、この日に国内にあること",
    "registration": "この日から効力のある、受給資格の登録の申請があること",
    "override": "職員による強制修正が取りやめられること",
}
_AT_HOME: Final = {
    "02": "転出せず、川口市の住民登録が続いていること",
    "03": "亡くなった記録が誤りで、川口市の住民登録が続いていること",
    "13": "この日に川口市の住民登録があること",
}


def change_sentence(fact: str, code: str, day: date, law: Law) -> str:
    """One fact of changing.WANTED in words: what would have to be so on `day`."""
    if fact in ("income", "arrears"):
        return _of_means(fact, day, law)
    if fact == "residence":
        return _AT_HOME[code]
    return _CHANGES.get(fact, f"{DECISION_REASON.labels[code]}に、この日には該当しなくなっていること(廃止・喪失)")


def _of_means(fact: str, day: date, law: Law) -> str:
    year = judged_year(day, law)
    if fact == "income":
        return f"父母の所得({year.tax_year}年度の住民税)が、限度額を超えないと確認できること(未申告なら申告)"
    items = "・".join(ARREARS_ITEM.labels[item] for item in law.at(day).codes("restriction.arrears_items"))
    return f"父母に、{era_date(year.base_date)}までに納期限が来た滞納がないと確認できること(科目: {items})"
