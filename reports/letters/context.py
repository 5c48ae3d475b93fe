"""What a batch of letters needs besides its rows: the city's wording, the day, the batch.

Here: reading cities/<municipality>.yaml. Not here: what each kind carries (kinds.py). Every value that the city
has not confirmed is named by `unconfirmed`.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

CITIES: Final = Path(__file__).parent / "cities"


@dataclass(frozen=True)
class LetterContext:
    """Wording of one city and the identity of one batch.

    `city` is the content of the city's file; `batch_no` names the batch on every piece (letters, digits, hyphen).
    """

    city: dict[str, Any]
    issue_date: date
    batch_no: str

    @property
    def municipality_code(self) -> str:
        """Six digits with check digit, 112038 for 川口市."""
        return str(self.city["municipality_code"])

    def value(self, name: str) -> Any:
        """One parameter of the city's file."""
        return self.city[name]["value"]

    def unconfirmed(self) -> tuple[str, ...]:
        """Names of the parameters the city has not confirmed."""
        return tuple(k for k, v in self.city.items() if isinstance(v, dict) and v.get("confirmed") is False)


@lru_cache(maxsize=8)
def _city(municipality_code: str) -> dict[str, Any]:
    path = CITIES / f"{municipality_code}.yaml"
    if not path.is_file():
        raise ValueError(f"市区町村コード {municipality_code} の通知書の文言がありません")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def letter_context(municipality_code: str, issue_date: date, batch_no: str) -> LetterContext:
    """The context of one batch. Raises ValueError for a city without wording or a malformed batch_no."""
    if not batch_no or not all(c.isascii() and (c.isalnum() or c == "-") for c in batch_no):
        raise ValueError("バッチ番号は英数字とハイフンで書いてください")
    return LetterContext(_city(municipality_code), issue_date, batch_no)
