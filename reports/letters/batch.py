"""A batch of letters: addressed rows → PDF volumes and the manifest that counts every piece.

Here: volumes, typesetting, the manifest. Not here: the choice of address, the wording, where the files go.

Joining PDF files would break their structure trees, and with them PDF/A-2a; so a batch is one PDF up to
`volume_pieces` letters, and beyond that several numbered volumes whose manifest rows say where each piece is.
"""

import json
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
import typst

from reports.letters.addressee import Addressed
from reports.letters.context import LetterContext
from reports.letters.fonts import FontSet, lacking_points
from reports.letters.kinds import Kind
from reports.letters.pieces import MISSING_SCHEMA, Piece, common_data, pieces

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
VOLUME_PIECES: Final = 500
WORKERS: Final = 2
REMEMBERED_COMPILATIONS: Final = 10

MANIFEST_SCHEMA: Final = pl.Schema(
    {
        "sequence": pl.Int64,
        "piece_id": pl.String,
        "document_no": pl.String,
        "kind": pl.String,
        "volume": pl.Int64,
        "first_page": pl.Int64,
        "pages": pl.Int64,
        "postal_code": pl.String,
        "has_barcode": pl.Boolean,
        "address_fits": pl.Boolean,
        "missing_glyphs": pl.Int64,
        "row_digest": pl.String,
    }
)


@dataclass(frozen=True)
class Volume:
    """One PDF of a batch: its number from 1, its bytes, how many letters and pages it holds."""

    number: int
    pdf: bytes
    pieces: int
    pages: int


@dataclass(frozen=True)
class LetterBatch:
    """All volumes of a batch, one manifest row per piece, and every character the fonts lack.

    A piece with missing glyphs shows 〓 (or the base character of a variation) and must be finished by hand;
    so must one whose address does not fit the window even in the smallest type (`address_fits` false).
    `fonts` maps each font family used to its sha256; `unconfirmed` names the city's unconfirmed wording.
    """

    kind: str
    volumes: tuple[Volume, ...]
    manifest: pl.DataFrame
    missing_glyphs: pl.DataFrame
    fonts: dict[str, str]
    unconfirmed: tuple[str, ...]

    @property
    def pdf(self) -> bytes:
        """The PDF of a batch of one volume. Raises ValueError for any other number of volumes."""
        if len(self.volumes) != 1:
            raise ValueError(f"この束は{len(self.volumes)}分冊です")
        return self.volumes[0].pdf


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in _strings(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in _strings(item))


def _check_wording(common: dict[str, Any], fonts: FontSet) -> None:
    """Raise ValueError when the fonts lack a character of the wording itself."""
    if lacking := sorted({points for text in _strings(common) for points in lacking_points(text, fonts)}):
        raise ValueError(f"文言の文字がフォントにありません: {', '.join(lacking)}")


def _where(kind: Kind, error: typst.TypstError) -> str:
    """The template lines an error points at; its message may quote a letter's text and is left out."""
    lines = re.findall(r"\w+\.typ:\d+", error.diagnostic)
    return f"{kind.title}の組版ができません({', '.join(lines) or kind.template})"


def _release() -> None:
    """Give back the memory of a volume: typst keeps what its last ten compilations used, blank ones replace it."""
    blank = typst.Compiler(font_paths=typst.Fonts(False, False, []), ignore_system_fonts=True)
    for _ in range(REMEMBERED_COMPILATIONS + 1):
        blank.compile(b" ", format="svg")


def _typeset(
    kind: Kind, data: dict[str, Any], fonts: FontSet, timestamp: datetime
) -> tuple[bytes, list[tuple[int, int, int, bool]]]:
    """One PDF and (sequence, first page, last page, address fits the window) of its pieces."""
    with fonts.folder() as folder:
        faces = typst.Fonts(False, False, [folder])
        if unknown := set(fonts.families) - set(faces.families()):
            raise ValueError(f"フォントを読めません: {', '.join(sorted(unknown))}")
        compiler = typst.Compiler(
            TEMPLATES / kind.template,
            root=TEMPLATES,
            font_paths=faces,
            ignore_system_fonts=True,
            sys_inputs={"batch": json.dumps(data, ensure_ascii=False, sort_keys=True)},
        )
        try:
            pdf = compiler.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=timestamp)
        except typst.TypstError as error:
            raise ValueError(_where(kind, error)) from None
        spans = json.loads(compiler.query("<piece>", field="value"))
    _release()
    if not isinstance(pdf, bytes):
        raise ValueError("組版の結果がPDFではありません")
    return pdf, [(sequence, first, last, fits) for sequence, first, last, fits in spans]


def _volume(
    number: int, part: list[Piece], kind: Kind, common: dict[str, Any], fonts: FontSet, timestamp: datetime
) -> tuple[Volume, pl.DataFrame]:
    """One volume and its manifest rows. Raises ValueError unless the pages are exactly the pieces' pages."""
    data = common | {"fonts": list(fonts.families), "pieces": [piece.printed for piece in part]}
    pdf, spans = _typeset(kind, data, fonts, timestamp)
    if [span[0] for span in spans] != [piece.sequence for piece in part]:
        raise ValueError("組版した通知書の数が束の件数と合いません")
    rows = [
        (
            piece.sequence, piece.piece_id, piece.document_no, kind.code, number, first, last - first + 1,
            piece.postal_code, bool(piece.printed["bars"]), fits, len(piece.missing), piece.row_digest,
        )
        for piece, (_, first, last, fits) in zip(part, spans, strict=True)
    ]  # fmt: skip
    return Volume(number, pdf, len(part), spans[-1][2]), pl.DataFrame(rows, MANIFEST_SCHEMA, orient="row")


def render(
    letters: Addressed,
    kind: Kind,
    context: LetterContext,
    fonts: FontSet,
    timestamp: datetime,
    volume_pieces: int = VOLUME_PIECES,
) -> LetterBatch:
    """Typeset a batch as PDF/A-2a and PDF/UA-1.

    `letters` holds the columns of `kind.columns`; `timestamp` (with a time zone) is the only clock. The same
    arguments give the same bytes. An empty batch has no volume. Raises TypeError for rows that did not pass
    `address_letters`, ValueError for content its kind does not allow.
    """
    if not isinstance(letters, Addressed):
        raise TypeError("宛名の決まっていない行は通知書にできません")
    made = pieces(letters, kind, context, fonts)
    common = common_data(kind, context)
    _check_wording(common, fonts)
    parts = [made[i : i + volume_pieces] for i in range(0, len(made), volume_pieces)]
    with ThreadPoolExecutor(WORKERS) as pool:
        numbers = range(1, len(parts) + 1)
        done = list(pool.map(lambda n: _volume(n, parts[n - 1], kind, common, fonts, timestamp), numbers))
    missing = [(p.sequence, p.document_no, item, points) for p in made for item, points in p.missing]
    return LetterBatch(
        kind.code,
        tuple(volume for volume, _ in done),
        pl.concat([MANIFEST_SCHEMA.to_frame(), *(rows for _, rows in done)]),
        pl.DataFrame(missing, MISSING_SCHEMA, orient="row"),
        fonts.metadata(),
        context.unconfirmed(),
    )
