"""The PDF and its manifest: every page, every piece, every missing glyph."""

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reports.letters import batch as batch_module
from reports.letters.addressee import address_letters
from reports.letters.batch import LetterBatch, render
from reports.letters.context import LetterContext, letter_context
from reports.letters.fonts import FontFile, bundled_font, bundled_fonts, installed_fonts, lacking_points, printable
from reports.letters.kinds import CARD, KINDS, NONPAYMENT, PAYMENT, RECOGNITION, REFUSAL, TERMINATION, Kind
from tests.reports.letters.letter_rows import TIMESTAMP, frame, person

pypdf = pytest.importorskip("pypdf", reason="pypdf がないため、PDF の中身を確かめられません")

Mail = Callable[..., LetterBatch]


def pages(pdf: bytes) -> list[str]:
    """Text of each page without blanks, in compatibility form (radicals drawn by a font read as their kanji)."""
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    return [re.sub(r"\s", "", unicodedata.normalize("NFKC", text)) for text in texts]


@pytest.mark.parametrize("code", sorted(KINDS))
def test_each_page_carries_its_own_name_and_number_in_order(mail: Mail, code: str) -> None:
    kind = KINDS[code]
    made = mail([person(n, guardian_name=f"見本　{n}郎") for n in (1, 2, 3)], kind)
    texts = pages(made.pdf)
    assert len(texts) == 3
    for number, text in enumerate(texts, start=1):
        assert f"見本{number}郎様" in text
        assert f"第{number:04d}号" in text
        assert made.manifest["piece_id"][number - 1] in text
        assert "川口市長" in text


@pytest.mark.parametrize("kind", [RECOGNITION, REFUSAL, TERMINATION, PAYMENT, NONPAYMENT])
def test_a_disposition_carries_title_reason_basis_and_instruction_on_remedies(mail: Mail, kind: Kind) -> None:
    (text,) = pages(mail([person(1)], kind).pdf)
    assert kind.title in text
    assert "3か月以内に、川口市長に対して審査請求" in text
    assert "6か月以内に、川口市を被告として" in text
    assert "川口市子ども医療費の支給に関する条例" in text


def test_a_card_says_its_numbers_and_dates_and_no_instruction_on_remedies(mail: Mail) -> None:
    (text,) = pages(mail([person(1)], CARD).pdf)
    assert "81112039" in text
    assert "1234567" in text
    assert "令和21年3月31日" in text
    assert "審査請求" not in text


def test_the_same_batch_gives_the_same_bytes(mail: Mail) -> None:
    rows = [person(n) for n in (1, 2)]
    first, again = mail(rows, PAYMENT), mail(list(reversed(rows)), PAYMENT)
    assert first.pdf == again.pdf
    assert first.manifest.equals(again.manifest)


def test_the_pdf_is_tagged_and_says_it_is_pdf_a_2a_and_pdf_ua_1(mail: Mail) -> None:
    reader = pypdf.PdfReader(io.BytesIO(mail([person(1)], PAYMENT).pdf))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("ja")
    xmp = root["/Metadata"].get_data().decode()
    assert re.search(r"<pdfaid:part>2</pdfaid:part>", xmp)
    assert re.search(r"<pdfaid:conformance>A</pdfaid:conformance>", xmp)
    assert re.search(r"<pdfuaid:part>1</pdfuaid:part>", xmp)


def test_the_manifest_counts_every_page_when_letters_run_over(mail: Mail) -> None:
    long = person(2)["details"] * 20
    rows = [person(1), person(2, details=long, amount_yen=2340 * 40), person(3)]
    made = mail(rows, PAYMENT)
    assert made.manifest["pages"].to_list() == [1, 2, 1]
    assert made.manifest["first_page"].to_list() == [1, 2, 4]
    texts = pages(made.pdf)
    assert made.manifest["pages"].sum() == len(texts) == made.volumes[0].pages
    assert "(続き)" in texts[2]
    assert made.manifest["piece_id"][1] in texts[2]
    assert "2/2頁" in texts[2]


def test_a_large_batch_becomes_numbered_volumes_that_together_hold_every_piece(mail: Mail) -> None:
    made = mail([person(n) for n in range(1, 6)], REFUSAL, volume_pieces=2)
    assert [v.number for v in made.volumes] == [1, 2, 3]
    assert [v.pieces for v in made.volumes] == [2, 2, 1]
    assert made.manifest.group_by("volume").agg(pl.col("pages").sum()).sort("volume")["pages"].to_list() == [
        len(pages(volume.pdf)) for volume in made.volumes
    ]
    assert made.manifest["sequence"].to_list() == [1, 2, 3, 4, 5]


def test_an_empty_batch_has_no_volume_and_an_empty_manifest(mail: Mail) -> None:
    made = mail([person(1, protected=True)], REFUSAL)
    assert made.volumes == ()
    assert made.manifest.is_empty()


def test_markup_in_a_name_is_printed_as_text(mail: Mail) -> None:
    hostile = '#panic("x") *b* $x$ @y `z` \\ //'
    made = mail([person(1, guardian_name=hostile, child_name=hostile)], RECOGNITION)
    assert pages(made.pdf)[0].count(re.sub(r"\s", "", hostile)) == 2


def test_a_character_the_bundled_font_lacks_is_named_and_shown_as_geta(mail: Mail) -> None:
    made = mail([person(1), person(2, guardian_name="𠮷田　髙﨑")], RECOGNITION)
    assert made.missing_glyphs.rows() == [(2, "0002", "宛名", "U+20BB7")]
    assert made.manifest["missing_glyphs"].to_list() == [0, 1]
    assert "〓田髙﨑様" in pages(made.pdf)[1]


def test_a_variation_the_font_lacks_is_named_whole_and_shown_as_its_base() -> None:
    fonts = bundled_fonts()
    assert lacking_points("葛\U000e0100城", fonts) == ()
    assert lacking_points("山\U000e01ef", fonts) == ("U+5C71 U+E01EF",)
    assert printable("山\U000e01ef\U0010de92", fonts) == "山〓"


def test_the_bundled_font_is_last_and_only_listed_files_reach_the_typesetter() -> None:
    fonts = installed_fonts()
    assert fonts.files[-1] == bundled_fonts().files[0]
    with fonts.folder() as folder:
        assert sorted(p.resolve() for p in folder.iterdir()) == sorted(f.path.resolve() for f in fonts.files)
    assert fonts.metadata()["IPAexGothic"] == bundled_fonts().files[0].sha256


def test_finding_the_font_does_not_import_its_package() -> None:
    import sys

    assert bundled_font().is_file()
    assert "matplotlib_fontja" not in sys.modules


def test_the_digest_changes_with_the_person_and_with_the_content(mail: Mail) -> None:
    rows = [person(1), person(1, person_key="K9999"), person(1, reason="死亡したため")]
    digests = {mail([row], TERMINATION).manifest["row_digest"].item() for row in rows}
    assert len(digests) == 3


def test_a_template_refuses_the_data_of_another_kind(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kind, "template", property(lambda _: "recognition.typ"))
    with pytest.raises(ValueError, match="組版ができません"):
        mail([person(1)], TERMINATION)


def test_a_row_without_an_address_decision_is_not_rendered(context: LetterContext) -> None:
    with pytest.raises(TypeError, match="宛名の決まっていない行"):
        render(frame([person(1)], REFUSAL), REFUSAL, context, bundled_fonts(), TIMESTAMP)  # type: ignore[arg-type]


def test_a_total_that_is_not_the_sum_of_its_lines_stops_the_batch(mail: Mail) -> None:
    with pytest.raises(ValueError, match="合計が決定額と合わない通知書が1件"):
        mail([person(1), person(2, amount_yen=1)], PAYMENT)


@pytest.mark.parametrize("kind", [CARD, RECOGNITION])
def test_nobody_whose_eligibility_ended_before_the_issue_date_gets_a_card_or_a_recognition(
    mail: Mail, kind: Kind
) -> None:
    with pytest.raises(ValueError, match="資格のない人あての通知書が1件"):
        mail([person(1, valid_to_date=date(2026, 11, 29)), person(2)], kind)


@pytest.mark.parametrize(("column", "value"), [("child_name", None), ("end_date", None)])
def test_an_empty_required_item_stops_the_batch_and_names_the_column_only(mail: Mail, column: str, value: Any) -> None:
    with pytest.raises(ValueError, match=column) as raised:
        mail([person(1, **{column: value})], TERMINATION)
    assert "見本" not in str(raised.value)


def test_an_error_of_the_typesetter_never_quotes_a_letter(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.letters.pieces.printable", lambda text, fonts: text)
    with pytest.raises(ValueError) as raised:
        mail([person(1, guardian_name="𠮷田　秘密")], REFUSAL)
    assert "組版ができません" in str(raised.value)
    assert "秘密" not in str(raised.value)
    assert "𠮷" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_an_address_too_long_for_the_window_is_flagged(mail: Mail) -> None:
    rows = [person(1), person(2, guardian_address="埼玉県川口市" + "長" * 190, guardian_address_katagaki="方" * 90)]
    assert mail(rows, REFUSAL).manifest["address_fits"].to_list() == [True, False]


def test_a_font_file_is_known_by_its_digest() -> None:
    font = bundled_fonts().files[0]
    assert isinstance(font, FontFile)
    assert re.fullmatch(r"[0-9a-f]{64}", font.sha256)


def test_unconfirmed_wording_is_listed_with_the_batch(mail: Mail) -> None:
    listed = mail([person(1)], REFUSAL).unconfirmed
    assert {"appeal", "provision", "seal", "envelope"} <= set(listed)
    assert "city" not in listed


def test_the_seal_can_be_a_square(context: LetterContext) -> None:
    sealed = replace(context, city=context.city | {"seal": {"value": "square", "confirmed": False}})
    letters, _ = address_letters(frame([person(1)], REFUSAL), REFUSAL.columns)
    (text,) = pages(render(letters, REFUSAL, sealed, bundled_fonts(), TIMESTAMP).pdf)
    assert "公印省略" not in text
    assert "川口市長" in text


def test_a_window_narrower_than_the_barcode_is_refused(context: LetterContext) -> None:
    narrow = context.city["envelope"] | {"value": context.city["envelope"]["value"] | {"window_width": 90}}
    letters, _ = address_letters(frame([person(1)], REFUSAL), REFUSAL.columns)
    with pytest.raises(ValueError, match="組版ができません"):
        render(letters, REFUSAL, replace(context, city=context.city | {"envelope": narrow}), bundled_fonts(), TIMESTAMP)


def test_every_kind_has_exactly_one_template_and_wording(context: LetterContext) -> None:
    templates = {path.stem for path in Path(batch_module.TEMPLATES).glob("*.typ")} - {"letter", "preflight"}
    assert templates == set(KINDS) == set(context.city["kinds"])


@pytest.mark.parametrize("lines", [[], None])
def test_a_letter_without_its_lines_stops_the_batch(mail: Mail, lines: list[dict[str, Any]] | None) -> None:
    rows = frame([person(1)], PAYMENT).with_columns(
        pl.lit(lines, dtype=frame([person(1)], PAYMENT).schema["details"]).alias("details")
    )
    letters, _ = address_letters(rows, PAYMENT.columns)
    with pytest.raises(ValueError, match="明細のない通知書が1件"):
        render(letters, PAYMENT, letter_context("112038", date(2026, 11, 30), "B1"), bundled_fonts(), TIMESTAMP)


@pytest.mark.parametrize("code", sorted(KINDS))
def test_nothing_but_the_addressee_can_ever_show_in_the_window(mail: Mail, context: LetterContext, code: str) -> None:
    window = context.value("envelope")
    right, bottom = window["window_left"] + window["window_width"], window["window_top"] + window["window_height"]
    left_over = window["width"] - 210
    seen: list[tuple[float, float, str]] = []

    def note(text: str, page: list[float], line: list[float], *_: Any) -> None:
        x = line[4] * page[0] + line[5] * page[2] + page[4]
        y = line[4] * page[1] + line[5] * page[3] + page[5]
        if text.strip():
            seen.append((x / 72 * 25.4, 297 - y / 72 * 25.4, text))

    pdf = mail([person(1)], KINDS[code]).pdf
    pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=note)
    inside = [(x, y, text) for x, y, text in seen if x < right and y < bottom]
    shown = "".join(re.sub(r"\s", "", text) for _, _, text in inside)
    assert unicodedata.normalize("NFKC", shown) == "〒332-0031埼玉県川口市青木1丁目2番3号見本ハイツ101号室見本太郎様"
    assert all(window["window_left"] <= x <= right - left_over for x, _, _ in inside)
    assert all(window["window_top"] <= y <= bottom - (window["height"] - window["fold"]) for _, y, _ in inside)
