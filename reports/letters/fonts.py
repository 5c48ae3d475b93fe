"""Which font files a letter is set in, and which characters they lack.

Here: the fixed order of known fonts, their digests, coverage of characters and variation sequences. Not here:
substitution on paper (pieces.py). Only the listed files are ever given to the typesetter, so the output depends
on them and on nothing else installed.
"""

import hashlib
import importlib.util
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fontTools.ttLib import TTFont

BUNDLED_PACKAGE: Final = "matplotlib_fontja"
BUNDLED_FILE: Final = "fonts/ipaexg.ttf"

SYSTEM_FILES: Final = (
    Path("/usr/share/fonts/truetype/ipamj/ipamjm.ttf"),
    Path("/usr/share/fonts/truetype/bizud-mincho/BIZUDMincho-Regular.ttf"),
    Path("/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf"),
    Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"),
)
"""Better fonts where Debian installs them, best first: IPAmj明朝 (61,179 glyphs, 11,474 variation sequences), then
other Mincho faces."""

_SELECTORS: Final = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_CLUSTER: Final = re.compile(f".[{_SELECTORS}]?", re.DOTALL)
_SELECTOR: Final = re.compile(f"[{_SELECTORS}]")
GETA: Final = "〓"


@dataclass(frozen=True)
class FontFile:
    """One font file: path, family name, sha256 of its bytes."""

    path: Path
    family: str
    sha256: str


@dataclass(frozen=True)
class FontSet:
    """Font files in order of preference; the first that has a character draws it."""

    files: tuple[FontFile, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """Family names in order."""
        return tuple(font.family for font in self.files)

    def metadata(self) -> dict[str, str]:
        """Family → sha256, for the record of what the output was made with."""
        return {font.family: font.sha256 for font in self.files}

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A temporary folder that holds exactly these files."""
        with tempfile.TemporaryDirectory(prefix="kodomo-fonts-") as name:
            for number, font in enumerate(self.files):
                (Path(name) / f"{number}{font.path.suffix}").symlink_to(font.path)
            yield Path(name)


def bundled_font() -> Path:
    """IPAexゴシック as shipped in the package matplotlib-fontja, found without importing it.

    Raises FileNotFoundError when the package is not installed.
    """
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("日本語フォントのパッケージ matplotlib-fontja がありません")
    return Path(spec.submodule_search_locations[0]) / BUNDLED_FILE


def _first_face(path: Path) -> TTFont:
    return TTFont(path, fontNumber=0, lazy=True)


@lru_cache(maxsize=16)
def _font_file(path: Path) -> FontFile:
    names: Any = _first_face(path)["name"]
    family = str(names.getBestFamilyName())
    return FontFile(path, family, hashlib.sha256(path.read_bytes()).hexdigest())


def bundled_fonts() -> FontSet:
    """IPAexゴシック alone: the same on every machine."""
    return FontSet((_font_file(bundled_font()),))


def installed_fonts() -> FontSet:
    """Known fonts found on this machine in their fixed order, the bundled one last."""
    found = [path for path in SYSTEM_FILES if path.is_file()]
    return FontSet(tuple(_font_file(path) for path in [*found, bundled_font()]))


@lru_cache(maxsize=16)
def _characters(path: Path) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """Code points and (base, selector) pairs a font draws."""
    cmap: Any = _first_face(path)["cmap"]
    pairs = {
        (base, selector)
        for table in cmap.tables
        if table.format == 14
        for selector, entries in table.uvsDict.items()
        for base, _ in entries
    }
    return frozenset(cmap.getBestCmap()), frozenset(pairs)


def _drawn(cluster: str, fonts: FontSet) -> bool:
    """Whether the first font that has the base character has the whole cluster."""
    base = ord(cluster[0])
    for font in fonts.files:
        points, pairs = _characters(font.path)
        if base in points:
            return len(cluster) == 1 or (base, ord(cluster[1])) in pairs
    return False


def code_points(cluster: str) -> str:
    """𠮷 → U+20BB7; 葛 with a selector → U+845B U+E0100."""
    return " ".join(f"U+{ord(character):04X}" for character in cluster)


@lru_cache(maxsize=65536)
def lacking_points(text: str, fonts: FontSet) -> tuple[str, ...]:
    """Characters and variation sequences of a text the fonts cannot draw as written, in order, as U+XXXX names.

    A sequence is named whole when its base is there but the variation is not.
    """
    return tuple(code_points(cluster) for cluster in _CLUSTER.findall(text) if not _drawn(cluster, fonts))


@lru_cache(maxsize=65536)
def printable(text: str, fonts: FontSet) -> str:
    """The text with each missing character as 〓 and each missing variation as its base character."""

    def shown(match: re.Match[str]) -> str:
        cluster = match[0]
        if _drawn(cluster, fonts):
            return cluster
        base = cluster[0]
        return base if _SELECTOR.search(cluster[1:]) and _drawn(base, fonts) else GETA

    return _CLUSTER.sub(shown, unicodedata.normalize("NFC", text))
