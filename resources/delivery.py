"""One delivery: its name, its control file, and what is remembered of it once accepted.

Belongs here: the convention `{feed}_{load}_{as_of}_{sequence}` and control.json, strictly read. Which deliveries
are due and whether they may pass belongs to inbox.
"""

import json
import re
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Self

from schemas.codes import CHANNEL
from schemas.feeds.layout import Layout

CONTROL_SUFFIX = ".control.json"
LARGEST_CONTROL_BYTES = 65_536
LARGEST_YEN = 10**15
LARGEST_ROWS = 99_999_999
_STEM = re.compile(r"([a-z_]+)_(full|diff)_([0-9]{8})_([0-9]{4})")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class AcceptedDelivery:
    """What the registry keeps of an accepted delivery. rows and yen as the sender stated them and the gate
    counted them; sha256 of the data file as it lay there; partition YYYY-MM-DD or YYYY-MM."""

    feed: str
    sequence: int
    as_of: date
    load: str
    sha256: str
    rows: int
    yen: int
    partition: str
    file: str
    channel: str


@dataclass(frozen=True, slots=True)
class DeliveryName:
    """What a file name states."""

    feed: str
    load: str
    as_of: date
    sequence: int

    @classmethod
    def parse(cls, stem: str) -> Self | None:
        """The name a stem states; None when it is no delivery's."""
        match = _STEM.fullmatch(stem)
        as_of = _date(match[3], "%Y%m%d") if match else None
        if match is None or as_of is None or int(match[4]) == 0:
            return None
        return cls(match[1], match[2], as_of, int(match[4]))

    @property
    def stem(self) -> str:
        """The file name without extension."""
        return f"{self.feed}_{self.load}_{self.as_of:%Y%m%d}_{self.sequence:04d}"


@dataclass(frozen=True, slots=True)
class Control:
    """What the sender states of a delivery in control.json."""

    municipality: str
    feed: str
    load: str
    as_of: date
    sequence: int
    rows: int
    yen: int
    sha256: str
    channel: str
    sender: str


def read_control(layout: Layout, data: bytes, file: str, municipality: str, name: DeliveryName) -> Control:
    """The control file of a delivery. Raises DeliveryError: control (unreadable, or contradicting the file
    name, the feed or the municipality) and channel (flash memory, 評価書22 II-3②)."""
    stated = _object(data)
    if stated is None:
        raise layout.refusal("control", file, "control.json として読めません")
    wrong = sorted({each.name for each in fields(Control)} ^ stated.keys())
    if wrong:
        known = [key for key in wrong if key not in stated]
        what = f"項目 {'・'.join(known)} がありません" if known else f"定めにない項目が{len(wrong)}つあります"
        raise layout.refusal("control", file, what)
    stated["as_of"] = _date(stated["as_of"], "%Y-%m-%d") if _matches(_DAY, stated["as_of"]) else None
    broken = [key for key, fine in _shapes(stated).items() if not fine]
    if broken:
        raise layout.refusal("control", file, f"項目 {'・'.join(broken)} の書式が違います")
    control = Control(**stated)
    expected = {
        "municipality": municipality,
        "feed": layout.feed,
        "load": name.load,
        "as_of": name.as_of,
        "sequence": name.sequence,
    }
    contradicting = [key for key, value in expected.items() if getattr(control, key) != value]
    if contradicting:
        what = f"項目 {'・'.join(contradicting)} が、置かれた場所かファイル名と食い違っています"
        raise layout.refusal("control", file, what)
    if control.channel == "flash":
        raise layout.refusal("channel", file, "フラッシュメモリで届いた納品は受け取れません")
    return control


def _object(data: bytes) -> dict[str, Any] | None:
    """The one JSON object in data; None when it is none, or states a key twice."""
    if len(data) > LARGEST_CONTROL_BYTES:
        return None
    try:
        stated = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return stated if isinstance(stated, dict) else None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    stated = dict(pairs)
    if len(stated) != len(pairs):
        raise ValueError("a key is stated twice")
    return stated


def _shapes(stated: dict[str, object]) -> dict[str, bool]:
    """Item → whether its value has the right shape."""
    return {
        "municipality": isinstance(stated["municipality"], str),
        "feed": isinstance(stated["feed"], str),
        "load": stated["load"] in ("full", "diff"),
        "as_of": stated["as_of"] is not None,
        "sequence": _whole(stated["sequence"], 1, 9999),
        "rows": _whole(stated["rows"], 0, LARGEST_ROWS),
        "yen": _whole(stated["yen"], -LARGEST_YEN, LARGEST_YEN),
        "sha256": _matches(_SHA256, stated["sha256"]),
        "channel": isinstance(stated["channel"], str) and stated["channel"] in CHANNEL.labels,
        "sender": isinstance(stated["sender"], str),
    }


def _whole(value: object, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _date(text: object, form: str) -> date | None:
    try:
        return datetime.strptime(str(text), form).replace(tzinfo=UTC).date()
    except ValueError:
        return None
