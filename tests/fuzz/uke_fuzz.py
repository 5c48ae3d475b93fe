"""Any bytes end in rows or in a clear refusal: the UKE reader under a coverage-guided fuzzer.

`python tests/fuzz/uke_fuzz.py CORPUS -max_total_time=180` with atheris installed (it is not a dependency); new
inputs go to CORPUS, the golden files are its seeds. `judged` is the property, and hypothesis asks it too
(tests/schemas/uke/test_uke_any_bytes.py).
"""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
watched: Any = nullcontext()
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    import atheris

    watched = atheris.instrument_imports(include=["schemas.uke", "schemas.feeds", "schemas.record"])

with watched:
    from schemas.feeds.adapter import Adapter
    from schemas.feeds.errors import ACTIONS, DeliveryError
    from schemas.feeds.layout import Source
    from schemas.records.feeds import FEEDS, accepted, refused
    from schemas.uke.lines import file_of, lines_of
    from tests.support.uke import SOURCE

UKE = Adapter.variant("receipts", "uke")
RECORD = FEEDS["receipts"]
MOST_VALIDATED = 200
"""Rows up to which the frames are held against their records too."""


def judged(data: bytes, source: Source = SOURCE) -> str:
    """How a file ended: the code of its refusal, or "rows". Raises AssertionError where it is neither."""
    told = None
    try:
        reading = UKE.read(data, "f.uke")
    except DeliveryError as error:
        told = error
    if told is not None:
        assert told.code in ACTIONS
        assert told.line is None or 1 <= told.line <= data.count(b"\n") + 1
        return told.code
    found = UKE.typed(reading, RECORD, source)
    assert found.accepted.height + found.refused["line_no"].n_unique() == reading.count
    if reading.count <= MOST_VALIDATED:
        accepted(RECORD).validated(found.accepted.unique(RECORD.key, keep="first", maintain_order=True))
        refused(RECORD).validated(found.refused)
    lines = lines_of(UKE, data, "f.uke")
    assert file_of(lines.fields(), lines.ended) == data
    return "rows"


if __name__ == "__main__":
    if not any(Path(word).is_dir() for word in sys.argv[1:]):
        sys.exit("name a folder for new inputs first")
    seeds = ROOT / "tests" / "golden" / "uke"
    atheris.Setup([*sys.argv, str(seeds)], lambda data: judged(data) and None)
    atheris.Fuzz()
