"""Persons, who they are, where they live."""

from schemas.codes import FLAG, HOUSEHOLD_ROLE, RESIDENT_CLASS, RESIDENT_TO, SEX
from schemas.record import DAY, Record, code, digits, text
from schemas.records.feeds import SOURCE
from schemas.records.register.items import INTERVAL, item

PERSONS = Record(
    "persons",
    "個人",
    "住民と住登外者。月末に知られている最新の姿",
    (
        item("resident_code", "宛名番号", digits(15), 2, of="residents_known.resident_code"),
        item("household_no", "世帯番号", digits(15), 5, True, "residents_known.household_no"),
        item("resident_class", "住民区分", code(RESIDENT_CLASS), 5, of="residents_known.resident_class"),
        item("name", "氏名", text(100), 3, of="residents_known.name nonresidents_known.name"),
        item("name_kana", "氏名フリガナ", text(100), 3, of="residents_known.name_kana"),
        item("native_name", "本国名", text(100), 3, True, "residents_known.native_name"),
        item("use_native_name", "本国名使用", code(FLAG), 5, of="residents_known.use_native_name"),
        item("sex", "性別", code(SEX), 3, of="residents_known.sex"),
        item("birth_date", "生年月日", DAY, 3, of="residents_known.birth_date"),
        item("postal_code", "郵便番号", digits(7), 3, of="residents_known.postal_code"),
        item("address", "住所", text(200), 3, of="residents_known.address"),
        item("katagaki", "方書", text(100), 3, True, "residents_known.katagaki"),
        item("resident_from_date", "住民となった日", DAY, 5, True, "residents_known.resident_from_date"),
        item("resident_from_reason", "住民となった事由", text(2), 5, True, "residents_known.resident_from_reason"),
        item("resident_to_date", "住民でなくなった日", DAY, 5, True, "residents_known.resident_to_date"),
        item("resident_to_reason", "住民でなくなった事由", text(2), 5, True, "residents_known.resident_to_reason"),
        item("in_japan", "国内に住民票", code(FLAG), 5, of="nonresidents_known.in_japan"),
        item("same_person_code", "名寄せ先宛名番号", digits(15), 2, True, "nonresidents_known.same_person_code"),
        item("protected", "支援措置", code(FLAG), 5, of="protected_persons_known.start_date"),
        *SOURCE,
    ),
    ("resident_code",),
    frozenset({2, 3, 5}),
)

IDENTITIES = Record(
    "identities",
    "名寄せ",
    "1人が2つ以上の宛名番号をもつときの、その人を表す番号。番号は付け替えない。名寄せのない番号は載らない",
    (
        item("resident_code", "宛名番号", digits(15), 2, of="nonresidents_known.resident_code"),
        item("person_code", "その人の宛名番号", digits(15), 2, of="nonresidents_known.same_person_code"),
        *SOURCE,
    ),
    ("resident_code",),
    frozenset({2}),
)

ADDRESSES = Record(
    "addresses",
    "住所と世帯の移り変わり",
    "住民ごとに、いつからどの世帯のどの住所にいたか。市を出た日で終わる",
    (
        item("resident_code", "宛名番号", digits(15), 2, of="residents_known.resident_code"),
        *INTERVAL,
        item("household_no", "世帯番号", digits(15), 5, of="residents_known.household_no"),
        item("household_role", "続柄", code(HOUSEHOLD_ROLE), 5, of="residents_known.household_role"),
        item("postal_code", "郵便番号", digits(7), 3, of="residents_known.postal_code"),
        item("address", "住所", text(200), 3, of="residents_known.address"),
        item("katagaki", "方書", text(100), 3, True, "residents_known.katagaki"),
        *SOURCE,
    ),
    ("resident_code", "start_date"),
    frozenset({2, 3, 5, 8}),
)

RESIDENCES = Record(
    "residences",
    "居住期間",
    "川口市に住民登録がある期間。死亡は死亡日まで、転出は転出日の前日まで",
    (
        item("resident_code", "宛名番号", digits(15), 2, of="residents_known.resident_code"),
        *INTERVAL,
        item("end_reason", "終了の事由", code(RESIDENT_TO), 5, True, "residents_known.resident_to_reason"),
        *SOURCE,
    ),
    ("resident_code", "start_date"),
    frozenset({2, 5, 8}),
)
