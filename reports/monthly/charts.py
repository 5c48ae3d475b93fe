"""Inline SVG bars for the report.

Here: geometry and escaping. Not here: numbers. Text is escaped; colours come from the page's style sheet, so the
drawing prints in black and white as shades.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

BAR: Final = 22
PITCH: Final = 34

_TEXT: Final = Markup('<text x="{x}" y="{y}" class="{css}">{text}</text>')
_RECT: Final = Markup('<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" class="s{series}"/>')
_SVG: Final = Markup(
    '<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{key}-t {key}-d" class="chart">'
    '<title id="{key}-t">{title}</title><desc id="{key}-d">{description}</desc>{body}</svg>'
)


@dataclass(frozen=True)
class Size:
    """Width of the drawing, its label column and its value column, in units of the view box (about a pixel)."""

    width: int = 900
    label: int = 130
    value: int = 130

    def shortened(self, text: str) -> str:
        """The label cut to its column; a full-width character takes 13 units."""
        room = (self.label - 10) // 13
        return text if len(text) <= room else text[: room - 1] + "…"


WIDE: Final = Size()
HALF: Final = Size(440, 215, 70)


def _row(index: int, label: str, values: Sequence[int], text: str, scale: float, size: Size) -> Markup:
    """One labelled bar made of one or more parts, its value behind it."""
    top, x = index * PITCH, float(size.label)
    parts = [_TEXT.format(x=size.label - 10, y=top + 16, css="label", text=size.shortened(label))]
    for series, value in enumerate(values):
        width = value * scale
        if width > 0:
            parts.append(_RECT.format(x=x, y=top, width=width, height=BAR, series=series))
        x += width
    parts.append(_TEXT.format(x=round(x + 8, 1), y=top + 16, css="value", text=text))
    return Markup("").join(parts)


def bars(key: str, title: str, rows: Sequence[tuple[str, Sequence[int], str]], size: Size = WIDE) -> Markup:
    """Horizontal (stacked) bars. `rows`: label, non-negative parts, text behind the bar. `key` is a unique id.

    Raises ValueError for a negative part.
    """
    if any(value < 0 for _, values, _ in rows for value in values):
        raise ValueError("負の値は棒にできません")
    longest = max((sum(values) for _, values, _ in rows), default=0)
    scale = (size.width - size.label - size.value) / longest if longest else 0.0
    drawn = [_row(i, label, values, text, scale, size) for i, (label, values, text) in enumerate(rows)]
    foot = len(rows) * PITCH
    axis = Markup('<line x1="{x}" y1="0" x2="{x}" y2="{y}" class="axis"/>').format(x=size.label, y=max(foot - 8, 0))
    said = "、".join(f"{label} {text}" for label, _, text in rows) or "該当なし"
    body = Markup("").join([*drawn, axis])
    return _SVG.format(width=size.width, height=max(foot - 6, 1), key=key, title=title, description=said, body=body)
