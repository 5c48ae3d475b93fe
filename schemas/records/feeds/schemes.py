"""Schemes of other offices that come first."""

from schemas.codes import FACILITY, FLAG
from schemas.record import DAY, code, digits, text
from schemas.records.feeds.items import interval, item

PUBLIC_ASSISTANCE = interval(
    "public_assistance",
    "生活保護",
    "保護の開始・停止・廃止。停止は廃止ではない",
    (
        item("office_code", "福祉事務所コード", digits(6), 9),
        item("case_no", "ケース番号", text(10), 9),
        item("suspended_from_date", "停止年月日", DAY, 9, nullable=True),
        item("suspended_to_date", "停止解除年月日", DAY, 9, nullable=True),
        item("medical_aid", "医療扶助", code(FLAG), 9),
    ),
    {9},
)

SEVERE_DISABILITY = interval(
    "severe_disability",
    "重度心身障害者医療",
    "重度心身障害者医療費の受給資格",
    (item("scheme_beneficiary_no", "受給者番号", text(30), 9),),
    {9},
)

SINGLE_PARENT = interval(
    "single_parent",
    "ひとり親家庭等医療",
    "ひとり親家庭等医療費の受給資格(子ども1人に1行)",
    (item("scheme_beneficiary_no", "受給者番号", text(30), 9),),
    {9},
)

FACILITIES = interval(
    "facilities",
    "施設入所等",
    "施設入所・里親委託など、他の医療費助成がある期間",
    (item("facility", "施設等の区分", code(FACILITY), 9),),
    {9},
)
