"""Small hostile sets of receipts for hypothesis: two children under three numbers around the days of their
entitlement, other payers lawful and not, originals billed again, and signed rows that may find them or not."""

from datetime import date
from typing import Any

import polars as pl
from hypothesis import strategies as st

from assets.benefit.rules import decide_receipts
from assets.second_engine.benefit import PAID_KEY
from assets.second_engine.benefit import benefit as second
from schemas.records.feeds import CLAIMS, FEEDS, INSURER_ANSWERS, NATIONAL_HEALTH_INSURANCE, accepted
from tests.support.cases import (
    CHILD,
    LAW,
    MOTHER,
    NUMBER,
    Register,
    application,
    frame,
    receipt,
    register,
    resident,
    whose,
)

Row = dict[str, Any]
MONTH = date(2026, 8, 1)
OTHER, OTHER_NUMBER = "000000000000008", "1000017"
BORN = date(2018, 6, 15)
ENDINGS = ("", "_2", "_3", "_4")
LAW_CODES = ("12", "16", "21", "23", "52", "54", "99")


def families() -> Register:
    """One child registered since 10 May and on another scheme since 20 June 2026; another one always entitled."""
    since = {"application_date": date(2026, 5, 10), "event_date": date(2026, 5, 10), "application_reason": "99"}
    return register(
        residents=[
            resident(CHILD, BORN),
            resident(OTHER, BORN, sex="2"),
            resident(MOTHER, date(1990, 1, 1), sex="2"),
        ],
        applications=[
            application(**since),
            application(OTHER, MOTHER, OTHER_NUMBER, application_date=date(2018, 6, 20), event_date=BORN),
        ],
        single_parent=[{"resident_code": CHILD, "start_date": date(2026, 6, 20)}],
    )


ABOUT = families()
children = st.sampled_from([*[(OTHER_NUMBER, "2")] * 5, (NUMBER, "1"), (NUMBER, "1"), ("7777777", "1"), (NUMBER, "2")])
places = st.fixed_dictionaries(
    {
        "who": children,
        "service_month": st.sampled_from([date(2026, 6, 1), date(2026, 6, 1), date(2026, 5, 1), date(2026, 4, 1)]),
        "rcpt_inpatient_outpatient_code": st.sampled_from("2222157"),
        "day": st.sampled_from([None, None, 1, 9, 10, 19, 20, 30]),
    }
)
"""Where and when: the same of most rows of a group."""
lines = st.fixed_dictionaries(
    {
        "review_body": st.sampled_from("11111112"),
        "rcpt_search_no": st.sampled_from([None, None, None, "A", "B"]),
        "known_date": st.sampled_from([date(2026, 6, 10), date(2026, 7, 10), date(2026, 8, 10)]),
    }
)
payer = st.tuples(
    st.sampled_from(LAW_CODES),
    st.sampled_from([None, None, 0, 1]),
    st.sampled_from([0, 500, 2_500, 5_000, 6_000, 8_700, 10_000, 12_000, 12_001, 15_001]),
)
payers = st.one_of(
    st.lists(st.one_of(st.none(), payer), max_size=4),
    st.lists(payer, max_size=4).map(lambda many: sorted(many, key=lambda one: -one[2])),
)
faults = st.sampled_from([
    {"rcpt_public_payer_no": "81110000"}, {"rcpt_copay_rate": 20}, {"rcpt_public_expense_yen": 1},
    {"rcpt_counter_yen": 300}, {"rcpt_counter_yen": 900, "rcpt_public_expense_yen": 0},
    {"rcpt_other_public_yen": 100}, {"rcpt_other_public_yen_3": 100}, {"rcpt_other_public_copay_yen": None},
])  # fmt: skip
plain = st.builds(lambda line, yen: ("0", line, yen, [], {}), lines, st.sampled_from([600, 900, 900, 900]))
faulty = st.builds(
    lambda line, yen, many, fault: ("0", line, yen, many, fault),
    lines,
    st.sampled_from([900, 18_000, 18_000, 20_997, 21_000]),
    payers,
    st.one_of(st.just({}), faults),
)
signed = st.builds(
    lambda line, change, yen: (change, line, yen, [], {}),
    lines,
    st.sampled_from("1223"),
    st.sampled_from([-900, -900, -900, -600, -300, 0, 300]),
)
groups = st.tuples(places, st.lists(st.one_of(plain, plain, signed, signed, faulty), min_size=1, max_size=7))
sets = st.lists(groups, min_size=6, max_size=14).map(
    lambda many: [row for at, one in enumerate(many) for row in made(at, *one)]
)
"""The rows of several groups, each at an institution of its own."""


def made(
    at: int, place: Row, drawn: list[tuple[str, Row, int, list[tuple[str, int | None, int] | None], Row]]
) -> list[Row]:
    """The rows of one group."""
    key = place | {"rcpt_institution_code": f"11{at:08d}"}
    return [
        (billed(key | line, yen, many) | fault) if change == "0" else changing(key | line, change, yen)
        for change, line, yen, many, fault in drawn
    ]


def _base(key: Row) -> Row:
    number, sex = key["who"]
    day = key["day"] and key["service_month"].replace(day=key["day"])
    return {name: value for name, value in key.items() if name not in ("who", "day")} | {
        "rcpt_patient_beneficiary_no": number,
        "rcpt_patient_sex": sex,
        "first_day": day,
        "delivery": f"receipts_{key['known_date']:%m}",
    }


def billed(key: Row, yen: int, many: list[tuple[str, int | None, int] | None]) -> Row:
    """A first receipt; each payer bears what is above its copay, plus what is off."""
    left, stated = yen, {}
    for ending, one in zip(ENDINGS, many, strict=False):
        if one is None:
            continue
        law_code, off, copay = one
        stated |= {
            f"rcpt_other_public_payer_no{ending}": f"{law_code}110000",
            f"rcpt_other_public_yen{ending}": None if off is None else left - copay + off,
            f"rcpt_other_public_copay_yen{ending}": copay,
        }
        left = copay
    return receipt(total=yen * 10 // 3, own=yen) | _base(key) | stated | {"rcpt_public_expense_yen": left}


def changing(key: Row, change: str, yen: int) -> Row:
    """A signed row."""
    return receipt(total=yen * 10 // 3, own=yen) | _base(key) | {"receipt_change": change}


def as_receipts(rows: list[Row]) -> pl.DataFrame:
    """RECEIPTS of rows, each on a line of its own."""
    numbered = [{"receipt_no": f"{at:06d}", "line_no": at} | row for at, row in enumerate(rows, 1)]
    return frame(accepted(FEEDS["receipts"]), numbered)


def ruled(receipts: pl.DataFrame) -> pl.DataFrame:
    """DECISIONS of the rules."""
    nobody = pl.DataFrame(schema={name: kind for name, kind in _KEYS.items()})
    return decide_receipts(receipts, *whose(ABOUT), nobody, LAW, MONTH)[0]


def judged(receipts: pl.DataFrame) -> pl.DataFrame:
    """What the second engine says of the same receipts."""
    numbers, registrations, eligibility, persons = whose(ABOUT)
    return second(
        receipts=receipts,
        claims=accepted(CLAIMS).empty(),
        beneficiary_numbers=numbers,
        registrations=registrations,
        eligibility=eligibility,
        persons=persons,
        identities=ABOUT.found.identities,
        insurer_answers_known=accepted(INSURER_ANSWERS).empty(),
        national_health_insurance_known=accepted(NATIONAL_HEALTH_INSURANCE).empty(),
        paid_before=pl.DataFrame(schema=_KEYS),
        law=LAW,
        month=MONTH,
    )


_KEYS = dict(zip(PAID_KEY, (pl.String, pl.Date, pl.String, pl.String), strict=True))
