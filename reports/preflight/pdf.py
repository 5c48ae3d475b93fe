"""The report as PDF/A-2a and PDF/UA-1. Here: the view into the typesetter. Not here: words (report.py)."""

import dataclasses
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typst

from reports.letters.fonts import FontSet, bundled_fonts, printable
from reports.preflight.report import Preflight, view

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
TEMPLATE: Final = "preflight.typ"


def pdf(report: Preflight) -> bytes:
    """The same report gives the same bytes on every machine: the bundled font alone, no clock."""
    fonts = bundled_fonts()
    data = _plain(view(report), fonts) | {"fonts": list(fonts.families)}
    made_at = datetime(report.made_on.year, report.made_on.month, report.made_on.day, tzinfo=UTC)
    with fonts.folder() as folder:
        compiler = typst.Compiler(
            TEMPLATES / TEMPLATE,
            root=TEMPLATES,
            font_paths=typst.Fonts(False, False, [folder]),
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(data, ensure_ascii=False, sort_keys=True)},
        )
        try:
            made = compiler.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=made_at)
        except typst.TypstError as error:
            lines = ", ".join(re.findall(r"\w+\.typ:\d+", error.diagnostic))
            raise ValueError(f"点検の報告の組版ができません({lines or TEMPLATE})") from None
    if not isinstance(made, bytes):
        raise ValueError("組版の結果がPDFではありません")
    return made


def _plain(value: Any, fonts: FontSet) -> Any:
    """The view as JSON holds it; a character the font lacks shows as 〓."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain(vars_of(value), fonts)
    if isinstance(value, dict):
        return {key: _plain(each, fonts) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, fonts) for each in value]
    return printable(value, fonts) if isinstance(value, str) else value


def vars_of(value: Any) -> dict[str, Any]:
    """The fields of a dataclass."""
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
