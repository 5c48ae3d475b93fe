"""A decision in words: every step with its yen, law and source, aligned and escaped."""

import unicodedata

from reports.explain.decision import Decision, decision_html, decision_text

DECISION: Decision = {
    "decision_no": "112038-202610-000123",
    "kind": "償還申請",
    "outcome": "支給",
    "amount_yen": 2340,
    "reason": "資格期間内の保険診療",
    "steps": [
        {
            "label": "資格",
            "text": "あり",
            "basis": "条例",
            "confirmed": False,
            "source_file": "juki_20261001.csv",
            "line": 12,
        },
        {"label": "一部負担額", "yen": 12340, "source_file": "claims_202610.csv", "line": 7},
        {"label": "高額療養費", "yen": -10000, "basis": "健康保険法施行令 第42条", "confirmed": True},
        {"label": "支給額", "yen": 2340},
    ],
}


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "FWA" else 1 for c in text)


def test_the_text_names_the_decision_its_outcome_and_its_amount() -> None:
    head = decision_text(DECISION).splitlines()[:4]
    assert [line.split(maxsplit=1)[1] for line in head] == [
        "112038-202610-000123",
        "償還申請",
        "支給  2,340円",
        "資格期間内の保険診療",
    ]


def test_every_step_is_one_numbered_line_with_yen_basis_and_source() -> None:
    lines = decision_text(DECISION).splitlines()[5:]
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4"]
    assert lines[0].split()[1:] == ["資格", "あり", "条例(未確認)", "juki_20261001.csv", "12行目"]
    assert lines[1].split()[1:] == ["一部負担額", "12,340円", "claims_202610.csv", "7行目"]
    assert lines[2].split()[1:] == ["高額療養費", "▲10,000円", "健康保険法施行令", "第42条"]


def test_amounts_end_in_the_same_column() -> None:
    lines = decision_text(DECISION).splitlines()[6:]
    ends = {columns(line[: line.index("円") + 1]) for line in lines}
    assert len(ends) == 1


def test_a_decision_without_steps_is_still_explained() -> None:
    bare: Decision = {**DECISION, "steps": []}
    assert "資格期間内の保険診療" in decision_text(bare)
    assert "資格期間内の保険診療" in decision_html(bare)


def test_the_page_marks_what_the_city_has_not_confirmed_and_only_that() -> None:
    html = decision_html(DECISION)
    assert html.count("<mark>未確認</mark>") == 1
    assert "juki_20261001.csv 12行目" in html
    assert "▲10,000円" in html


def test_hostile_text_is_escaped_on_the_page() -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    html = decision_html(
        {**DECISION, "reason": hostile, "steps": [{"label": hostile, "text": hostile, "basis": hostile}]}
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}") == 4


def test_a_decision_names_the_one_it_replaces_the_difference_and_the_one_that_replaces_it() -> None:
    before = {"decision_no": "C-1-202610", "before_yen": 4000, "difference_yen": -1660, "cause": "保険者の回答"}
    told = DECISION | {"replaces": before, "replaced_by": "C-1-202612"}  # type: ignore[operator]
    words = ["C-1-202610", "4,000円", "▲1,660円", "保険者の回答", "C-1-202612"]
    for page in (decision_text(told), decision_html(told)):
        assert all(word in page for word in words)
    assert "前の判定" not in decision_text(DECISION)
    assert "後の判定" not in decision_html(DECISION)
