"""A child on a day in words: requirements with law, file and line; overrides with who and why; nothing unescaped."""

import json
from dataclasses import replace
from datetime import date

from reports.explain.changes import Change, changes_text, counts_text
from reports.explain.child import ChildOnDay, Decided, Ground, Overriding, child_html, child_json, child_text

MET = Ground("住民登録", True, "川口市に住民登録がある。", "条例（対象者）", None, True, "residents_1.csv", 12)
MISSED = Ground("登録", False, "登録の申請がない。", "条例（登録）", "registration.types", False, None, None)
OVERRIDING = Overriding(
    override_no="OV1",
    outcome="資格なしとする",
    why="面談の結果 <b>",
    operator_code="S01",
    approver_code="S02",
    entered_date=date(2026, 11, 12),
    start_date=date(2026, 9, 1),
    end_date=date(2026, 10, 1),
    before="該当",
    after="その他",
    stands=True,
    source_file="overrides_43.csv",
    line=2,
)
DECIDED = Decided("E202611-1", date(2026, 11, 1), "遅れて届いた", "E202610-1", date(2026, 8, 1), "feed_41.csv", 7)
CHILD = ChildOnDay(
    child_resident_code="000000000000101",
    day=date(2026, 9, 15),
    outcome="資格なし(未申請)",
    benefit_class=None,
    since=date(2026, 9, 1),
    until=date(2026, 9, 30),
    reason="未申請",
    sentence="申請がされていないため。",
    article="条例（登録）",
    grounds=(MET, MISSED),
    changes=("この日から効力のある申請があること",),
    overrides=(OVERRIDING,),
    decisions=(DECIDED,),
    known=date(2026, 10, 31),
)


def test_the_text_says_outcome_span_reason_and_what_was_known() -> None:
    text = child_text(CHILD)
    for said in ("000000000000101", "資格なし(未申請)", "令和8年9月1日から令和8年9月30日まで", "未申請 申請がされて"):
        assert said in text
    assert "令和8年10月31日までに知ったことによる" in text
    assert "いままでに" in child_text(replace(CHILD, known=None))


def test_a_requirement_names_file_and_line_and_marks_an_unconfirmed_law() -> None:
    lines = child_text(CHILD).splitlines()
    met = lines.index("  ○ 住民登録: 川口市に住民登録がある。")
    assert [line.strip() for line in lines[met + 1 : met + 3]] == ["条例（対象者）", "residents_1.csv 12行目"]
    missed = lines.index("  × 登録: 登録の申請がない。")
    assert lines[missed + 1].strip() == "条例（登録）[registration.types](未確認)"


def test_an_override_says_who_why_before_and_after_and_whether_it_still_stands() -> None:
    text = child_text(CHILD)
    for said in ("面談の結果", "入力 S01 承認 S02", "前 該当 → 後 その他", "overrides_43.csv 2行目"):
        assert said in text
    assert "取りやめ済み" not in text
    assert "取りやめ済み" in child_text(replace(CHILD, overrides=(replace(OVERRIDING, stands=False),)))


def test_a_decision_names_the_one_before_it_its_cause_and_from_when_it_changed() -> None:
    assert "E202611-1(前 E202610-1) 2026-11 遅れて届いた 令和8年8月1日から変わった  feed_41.csv 7行目" in child_text(
        CHILD
    )
    same = replace(DECIDED, changed_from_date=None, source_file=None, line=None)
    assert child_text(replace(CHILD, decisions=(same,))).rstrip().endswith("結果は変わらない")


def test_html_says_the_same_and_escapes_every_text() -> None:
    page = child_html(CHILD)
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert "面談の結果 &lt;b&gt;" in page
    assert page.count("<mark>未確認</mark>") == 1
    assert page.count('class="missed"') == 1
    for said in ("residents_1.csv 12行目", "この日から効力のある申請があること", "E202611-1"):
        assert said in page


def test_json_holds_every_field_with_days_as_text() -> None:
    told = json.loads(child_json(CHILD))
    assert told["day"] == "2026-09-15"
    assert told["grounds"][0]["line"] == 12
    assert [ground["holds"] for ground in told["grounds"]] == [True, False]
    assert told["overrides"][0]["why"] == "面談の結果 <b>"


def test_a_child_with_nothing_but_an_outcome_is_still_explained() -> None:
    bare = replace(CHILD, since=None, until=None, grounds=(), changes=(), overrides=(), decisions=())
    assert "期間" not in child_text(bare)
    assert "要件" not in child_text(bare)
    assert "<table>" not in child_html(bare)


def test_changes_are_told_per_kind_and_a_kind_without_any_says_so() -> None:
    found = [
        Change("法の改正", "1", date(2026, 10, 1), date(2027, 4, 1), "資格なし(年齢)", "資格あり(該当)"),
        Change("法の改正", "2", date(2026, 10, 1), date(2026, 10, 2), "資格なし(年齢)", "資格あり(該当)"),
    ]
    lines = changes_text(found[:1]).splitlines()
    assert lines == [
        "遅れて届いた事実: 違いはない",
        "法の改正:",
        "  令和8年10月1日から令和9年3月31日まで  資格なし(年齢) → 資格あり(該当)",
        "強制修正: 違いはない",
    ]
    assert counts_text(found).splitlines()[1] == "法の改正: 2人 2期間 183日"
