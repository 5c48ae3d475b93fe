"""The spelling of names: cases from the bank guides, and the scalar and vectorised forms held equal."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.zengin.characters import ACCOUNT_NAME, EDI, MISPLACED_MARK, STORE_NAME
from reports.zengin.kana import cut, spelled_names, store_kana, to_store_kana, to_zengin_kana, zengin_kana
from reports.zengin.legal_forms import MARKERS, WORDS
from tests.support.draws import draws

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=20)
KANA_TEXT = st.lists(
    st.sampled_from(
        [chr(c) for c in range(0x3041, 0x3100)]
        + [chr(c) for c in range(0xFF61, 0xFFA0)]
        + list("azAZ09 　-‐―−・.()（）ー゛゜\u3099\u309aゎヮ㈱㈲株式会社")
        + list(MARKERS[:2])
        + list(WORDS)
    ),
    max_size=12,
).map("".join)
SPELLABLE = st.text(
    st.sampled_from("あいうがぎぱぴゃゅょっんアイウエオカガパヴヵヶャュョッーｱｲｳｶｷﾊABCabc019 　-.()（）−"),
    max_size=20,
)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("キヤノン　ショーコ", "ｷﾔﾉﾝ ｼﾖ-ｺ"),
        ("ｼﾞｮｰﾝｽﾞ ｳﾞｨｸﾄﾘｱ", "ｼﾞﾖ-ﾝｽﾞ ｳﾞｲｸﾄﾘｱ"),
        ("さいとう　じゅんぺい", "ｻｲﾄｳ ｼﾞﾕﾝﾍﾟｲ"),
        ("ぁぃぅぇぉゃゅょっゎヵヶ", "ｱｲｳｴｵﾔﾕﾖﾂﾜｶｹ"),
        ("  ヤマダ  　ハナコ ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("ａｂｃ−ｘ‐y―1", "ABC-X-Y-1"),
        ("か゛は゜", "ｶﾞﾊﾟ"),
        ("カ\u3099", "ｶﾞ"),
        ("株式会社ケイヨウ", "ｶ)ｹｲﾖｳ"),
        ("ケイヨウ　株式会社", "ｹｲﾖｳ(ｶ"),
        ("ケイヨウ㈱チバ", "ｹｲﾖｳ(ｶ)ﾁﾊﾞ"),
        ("(カ)ケイヨウ", "ｶ)ｹｲﾖｳ"),
        ("ケイヨウ(カ)", "ｹｲﾖｳ(ｶ"),
        ("カブシキガイシャ アオキ", "ｶ)ｱｵｷ"),
        ("医療法人社団アオキカイ", "ｲ)ｱｵｷｶｲ"),
        ("地方独立行政法人アオキ", "ﾁﾄﾞｸ)ｱｵｷ"),
        ("アオキ合同会社カワグチ出張所", "ｱｵｷ(ﾄﾞ)ｶﾜｸﾞﾁ(ｼﾕﾂ"),
        ("サイタマケン国民健康保険団体連合会", "ｻｲﾀﾏｹﾝｺｸﾎﾚﾝ"),
        ("アオキ・ハナ", "ｱｵｷ ﾊﾅ"),
    ],
)
def test_names_are_spelled_as_the_bank_guides_say(written, spelled, profile):
    assert to_zengin_kana(written, profile) == spelled


@pytest.mark.parametrize("character", "ヲヰヱヷヸヹヺをゐゑｦ")
def test_old_kana_are_never_guessed(character, profile):
    assert re.search(ACCOUNT_NAME.illegal(), to_zengin_kana(f"ア{character}イ", profile))


@pytest.mark.parametrize("character", ["髙", "\ufe00", "\U000e0100", "ㇰ", "ゝ", "〜", ",", "\t", MARKERS[0]])
def test_a_character_without_a_legal_spelling_stays_visible(character, profile):
    assert re.search(ACCOUNT_NAME.illegal(), to_zengin_kana(f"ア{character}イ", profile))


def test_old_kana_follow_the_agreement_with_the_bank(profile_with):
    agreed = profile_with(agreed_spellings={"ヲ": "オ", "ヰ": "イ", "ヱ": "エ", "・": ".", "ヷ": "バ"})
    assert to_zengin_kana("ヲｦをヰゑ・ヷ", agreed) == "ｵｵｵｲｴ.ﾊﾞ"


def test_wo_stays_where_the_bank_accepts_it(profile_with):
    assert to_zengin_kana("かヲを", profile_with(agreed_spellings={"ヲ": "ヲ"})) == "ｶｦｦ"


def test_a_bank_that_refuses_periods_gets_spaces(profile_with):
    assert to_zengin_kana("A.B．C", profile_with(agreed_spellings={".": " "})) == "A B C"


def test_an_unagreed_middle_dot_is_a_problem(profile_with):
    spelled = to_zengin_kana("ア・イ", profile_with(agreed_spellings={}))
    assert re.search(ACCOUNT_NAME.illegal(), spelled)


@pytest.mark.parametrize("texts", [ANY_TEXT, KANA_TEXT], ids=["any text", "kana"])
@pytest.mark.parametrize("agreed", [{}, {"ヲ": "オ", "・": " "}, {"ヲ": "ヲ", ".": " "}])
def test_the_vectorised_spelling_equals_the_scalar_one(texts, agreed, profile_with):
    profile = profile_with(agreed_spellings=agreed)

    @settings(max_examples=30, derandomize=True, deadline=None)
    @given(st.lists(texts, min_size=1, max_size=40))
    def equal(names: list[str]) -> None:
        frame = pl.DataFrame({"name": names}, schema={"name": pl.String})
        spelled = frame.select(zengin_kana(pl.col("name"), profile)).to_series().to_list()
        assert spelled == [to_zengin_kana(name, profile) for name in names]
        assert spelled_names(frame["name"], profile).to_list() == spelled

    equal()


@pytest.mark.parametrize("texts", [ANY_TEXT, KANA_TEXT], ids=["any text", "kana"])
def test_spelling_twice_changes_nothing(texts, profile):
    @settings(max_examples=400, derandomize=True, deadline=None)
    @given(texts)
    def unchanged(name: str) -> None:
        once = to_zengin_kana(name, profile)
        assert to_zengin_kana(once, profile) == once

    unchanged()


@draws(300)
@given(name=SPELLABLE)
def test_ordinary_names_become_legal_bytes_only(name, profile):
    spelled = to_zengin_kana(name, profile)
    assert not re.search(ACCOUNT_NAME.illegal(), spelled)
    legal = set(range(0xB1, 0xE0)) | set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ()-.")
    assert set(spelled.encode("cp932")) <= legal
    assert len(spelled.encode("cp932")) == len(spelled)


@draws(100)
@given(name=SPELLABLE, length=st.integers(1, 30))
def test_a_cut_never_parts_a_base_from_its_mark(name, length, profile):
    spelled = to_zengin_kana(name, profile)
    kept = pl.select(cut(pl.lit(spelled), length)).item()
    rest = spelled[len(kept) :]
    assert spelled.startswith(kept)
    assert len(kept) <= length
    assert rest[:1] not in ("ﾞ", "ﾟ") or not rest
    assert len(kept) >= min(len(spelled), length - 1)


def test_store_names_hold_no_space_and_no_period():
    frame = pl.DataFrame({"name": ["Ｊ．　Ｔラスト", "ユ－カリガオカ", None]})
    assert frame.select(store_kana(pl.col("name"), {})).to_series().to_list() == ["JTﾗｽﾄ", "ﾕ-ｶﾘｶﾞｵｶ", None]


@draws(100)
@given(st.lists(ANY_TEXT | KANA_TEXT, min_size=1, max_size=20))
def test_a_store_name_is_spelled_alike_in_python_and_in_a_column(names):
    column = pl.DataFrame({"name": names}).select(store_kana(pl.col("name"), {})).to_series()
    assert column.to_list() == [to_store_kana(name, {}) for name in names]


@pytest.mark.parametrize(
    ("kind", "legal", "illegal"),
    [
        (STORE_NAME, "ｱﾝﾞﾟAZ09-", " ().,ｦｧｰア\\"),
        (ACCOUNT_NAME, "ｱﾝﾞﾟAZ09- ().", ",/ｦｧｰ･｢a\n"),
        (EDI, "ｱﾝｦﾞﾟAZ09- ()./\\｢｣", ",ｧｰ･a^[]"),
    ],
)
def test_each_kind_of_field_has_its_own_characters(kind, legal, illegal):
    texts = pl.Series([legal, *illegal])
    assert texts.str.contains(kind.illegal()).to_list() == [False] + [True] * len(illegal)
    assert [bool(re.search(kind.illegal(), text)) for text in texts] == [False] + [True] * len(illegal)


@pytest.mark.parametrize("name", ["ﾞｱ", "ｱﾞ", "ｶﾞﾞ", "ｶﾟ", "ﾅﾞ", "ﾏﾟ", "ｱ ﾞ", "ｦﾞ"])
def test_a_mark_needs_a_base_that_can_take_it(name):
    assert re.search(MISPLACED_MARK, name)


def test_every_voiced_kana_passes_the_mark_rule():
    assert not re.search(MISPLACED_MARK, "ｳﾞｶﾞｷﾞｸﾞｹﾞｺﾞｻﾞｼﾞｽﾞｾﾞｿﾞﾀﾞﾁﾞﾂﾞﾃﾞﾄﾞﾊﾞﾋﾞﾌﾞﾍﾞﾎﾞﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ")
