"""Income by the city and by other municipalities, and arrears."""

import polars as pl

from schemas.codes import ARREARS, ARREARS_ITEM, FILING, FLAG, SEX, TAXED
from schemas.record import DAY, Record, Rule, code, count, digits, text, unite
from schemas.records.annex1 import ANNEX1
from schemas.records.feeds.items import annexed, item

_TAX_ITEMS = [one.name for one in ANNEX1.items if one.no in {*range(24, 45), *range(46, 49)}]

RESIDENT_TAXES = Record(
    "resident_taxes",
    "個人住民税",
    "年度ごとの所得・控除・扶養。未申告は0ではない",
    unite(
        (
            item("resident_code", "宛名番号", digits(15), 2),
            item("tax_year", "課税年度", count(2100, 2008), 6),
            item("revision_no", "課税情報履歴番号", count(9999), 6),
            item("filing", "申告区分", code(FILING), 6),
            item("taxed", "課税区分", code(TAXED), 6, nullable=True),
        ),
        map(annexed, _TAX_ITEMS),
    ),
    ("resident_code", "tax_year", "revision_no"),
    frozenset({2, 6}),
    (
        Rule(
            "未申告に所得",
            ("filing", "total_income_yen"),
            (pl.col("filing") == "0") & pl.col("total_income_yen").is_not_null(),
            "未申告なのに総所得金額があります",
        ),
        Rule(
            "障害の重複",
            ("self_ordinary_disability", "self_special_disability"),
            (pl.col("self_ordinary_disability") == "1") & (pl.col("self_special_disability") == "1"),
            "普通障害と特別障害の両方に該当しています",
        ),
    ),
)

MUNICIPAL_ANSWERS = Record(
    "municipal_answers",
    "他市区町村の回答",
    "前住所地などへの所得照会の回答。宛名番号は入らない。誰のものかは5情報の照合で決まる",
    unite(
        (
            item("inquiry_no", "照会番号", text(20), 2),
            item("answer_no", "回答番号", text(20), 2),
            item("municipality_code", "回答元の市区町村コード", digits(6), 2),
            item("permitted", "許可照合の結果", code(FLAG), 2),
            item("name", "氏名", text(100), 3),
            item("name_kana", "氏名フリガナ", text(100), 3, nullable=True),
            item("sex", "性別", code(SEX), 3),
            item("birth_date", "生年月日", DAY, 3),
            item("address", "住所", text(200), 3, nullable=True),
            item("tax_year", "課税年度", count(2100, 2008), 6),
            item("filing", "申告区分", code(FILING), 6),
            item("taxed", "課税区分", code(TAXED), 6, nullable=True),
        ),
        map(annexed, _TAX_ITEMS),
        (item("answered_date", "回答年月日", DAY, 2),),
    ),
    ("answer_no",),
    frozenset({2, 3, 6}),
    (
        Rule(
            "許可照合",
            ("permitted",),
            pl.col("permitted") != "1",
            "番号法19条9号で許された照会と確かめられていない回答です",
        ),
        *RESIDENT_TAXES.rules,
    ),
)

ARREARS_FLAGS = Record(
    "arrears",
    "滞納",
    "保護者と配偶者の科目ごとの滞納の有無。令和6年10月以後の診療では使わない",
    (
        item("resident_code", "宛名番号", digits(15), 2),
        item("arrears_item", "科目", code(ARREARS_ITEM), 6),
        item("arrears", "滞納の有無", code(ARREARS), 6),
        item("base_date", "基準日", DAY, 6),
    ),
    ("resident_code", "arrears_item", "base_date"),
    frozenset({2, 6}),
)
