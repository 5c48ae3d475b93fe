"""Matching (照合): whether who is named in an application or an answer is the person of a 宛名番号.

One row per candidate with the outcome of each of the five attributes, never only yes or no. Names and
addresses themselves stay where they were delivered.
"""

from schemas.codes import FLAG, MATCH_GRADE, MATCH_RESULT, MATCH_SOURCE, MATCH_SUBJECT
from schemas.record import Item, Record, Type, code, count, digits, text
from schemas.records.feeds import SOURCE


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


def _grade(attribute: str, label: str) -> Item:
    return _item(f"{attribute}_grade", f"{label}の照合", code(MATCH_GRADE), 3, of=f"persons.{attribute}")


_SUBJECT = (
    _item("source_feed", "照合するもの", code(MATCH_SOURCE), 8),
    _item(
        "source_no",
        "申請番号・回答番号",
        text(20),
        8,
        of="applications_known.application_no municipal_answers_known.answer_no",
    ),
    _item("subject", "照合する人", code(MATCH_SUBJECT), 8),
)
SUBJECT_KEY = ("source_feed", "source_no", "subject")
"""Names one person of one application or answer."""

GRADES = ("name_grade", "name_kana_grade", "sex_grade", "birth_date_grade", "address_grade")
"""氏名, 振り仮名, 性別, 生年月日, 住所."""

MATCHES = Record(
    "matches",
    "照合",
    "申請の子どもと保護者、他市区町村の回答の対象者ごとに、あてはまりうる人を1人1行で並べ、5情報のそれぞれを比べた結果。"
    "あてはまりうる人がいないときは宛名番号のない1行",
    (
        *_SUBJECT,
        _item("resident_code", "あてはまりうる人の宛名番号", digits(15), 2, True, "persons.resident_code"),
        _grade("name", "氏名"),
        _grade("name_kana", "振り仮名"),
        _grade("sex", "性別"),
        _grade("birth_date", "生年月日"),
        _item("address_grade", "住所の照合", code(MATCH_GRADE), 3, of="persons.address addresses.address"),
        _item("result", "5情報だけから見た結果", code(MATCH_RESULT), 8),
        _item("decided", "人が決定済み", code(FLAG), 8, of="identity_decisions_known.decision_no"),
        _item("chosen", "本人とした人", code(FLAG), 8, of="identity_decisions_known.resident_code"),
        *SOURCE,
    ),
    (*SUBJECT_KEY, "resident_code"),
    frozenset({2, 3, 8}),
)

MATCH_QUEUE = Record(
    "match_queue",
    "照合の確認待ち",
    "誰のことか5情報だけでは決められず、人の決定を待つ人。把握日から待っている",
    (
        *_SUBJECT,
        _item("result", "5情報だけから見た結果", code(MATCH_RESULT), 8, of="matches.result"),
        _item("candidate_count", "あてはまりうる人の数", count(9999), 8, of="matches.resident_code"),
        *SOURCE,
    ),
    SUBJECT_KEY,
    frozenset({2, 8}),
)
