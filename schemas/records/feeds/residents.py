"""Residents, people known without a residence, and those whose address nobody may learn."""

import polars as pl

from schemas.codes import (
    CHANGE_REASON,
    FLAG,
    HOUSEHOLD_ROLE,
    PROTECTION,
    RESIDENT_CLASS,
    RESIDENT_FROM,
    RESIDENT_TO,
    SEX,
)
from schemas.record import DAY, Record, Rule, code, digits, text, unite
from schemas.records.feeds.items import HISTORY, HISTORY_KEY, interval_rule, item

RESIDENTS = Record(
    "residents",
    "住民基本台帳",
    "住民と世帯。異動のたびに1行が丸ごと届く",
    unite(
        (
            item("resident_code", "宛名番号", digits(15), 2),
            item("household_no", "世帯番号", digits(15), 5),
            item("resident_class", "住民区分", code(RESIDENT_CLASS), 5),
            item("change_date", "異動年月日", DAY, 5),
            item("change_reason", "異動事由", code(CHANGE_REASON), 5),
            item("name", "氏名", text(100), 3),
            item("name_kana", "氏名フリガナ", text(100), 3),
            item("native_name", "本国名", text(100), 3, nullable=True),
            item("alias_name", "通称", text(100), 3, nullable=True),
            item("use_native_name", "本国名使用", code(FLAG), 5),
            item("sex", "性別", code(SEX), 3),
            item("birth_date", "生年月日", DAY, 3),
            item("household_role", "続柄", code(HOUSEHOLD_ROLE), 5),
            item("postal_code", "郵便番号", digits(7), 3),
            item("address", "住所", text(200), 3),
            item("katagaki", "方書", text(100), 3, nullable=True),
            item("resident_from_date", "住民となった年月日", DAY, 5),
            item("resident_from_reason", "住民となった事由", code(RESIDENT_FROM), 5),
            item("resident_to_date", "住民でなくなった年月日", DAY, 5, nullable=True),
            item("resident_to_reason", "住民でなくなった事由", code(RESIDENT_TO), 5, nullable=True),
        ),
        HISTORY,
    ),
    HISTORY_KEY,
    frozenset({2, 3, 5}),
    (
        Rule(
            "生年月日が先",
            ("birth_date", "resident_from_date"),
            pl.col("resident_from_date") < pl.col("birth_date"),
            "住民となった日が生年月日より前です",
        ),
        interval_rule("resident_from_date", "resident_to_date"),
        Rule(
            "消除の組",
            ("resident_to_date", "resident_to_reason"),
            pl.col("resident_to_date").is_null() != pl.col("resident_to_reason").is_null(),
            "住民でなくなった日と事由は組で届く",
        ),
    ),
)

NONRESIDENTS = Record(
    "nonresidents",
    "住登外者",
    "市に住民票のない保護者など。名寄せ先をもつことがある",
    unite(
        (
            item("resident_code", "宛名番号", digits(15), 2),
            item("name", "氏名", text(100), 3),
            item("name_kana", "氏名フリガナ", text(100), 3),
            item("sex", "性別", code(SEX), 3),
            item("birth_date", "生年月日", DAY, 3),
            item("municipality_code", "市区町村コード", digits(6), 3),
            item("postal_code", "郵便番号", digits(7), 3),
            item("address", "住所", text(200), 3),
            item("katagaki", "方書", text(100), 3, nullable=True),
            item("in_japan", "国内に住民票", code(FLAG), 5),
            item("same_person_code", "名寄せ先宛名番号", digits(15), 2, nullable=True),
        ),
        HISTORY,
    ),
    HISTORY_KEY,
    frozenset({2, 3, 5}),
)

PROTECTED_PERSONS = Record(
    "protected_persons",
    "支援措置対象者",
    "住所を知られてはならない人とその期間",
    unite(
        (
            item("resident_code", "宛名番号", digits(15), 2),
            item("protection", "支援措置区分", code(PROTECTION), 5),
            item("start_date", "開始年月日", DAY, 5),
            item("end_date", "終了年月日", DAY, 5, nullable=True),
        ),
        HISTORY,
    ),
    HISTORY_KEY,
    frozenset({2, 5}),
    (interval_rule("start_date", "end_date"),),
)
