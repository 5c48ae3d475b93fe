"""Any bytes end in rows or in a clear refusal: the UKE reader under a coverage-guided fuzzer.

`python tests/fuzz/uke_fuzz.py [CORPUS] -max_total_time=180` with atheris installed (it is not a dependency).
`judged` is the property; tests/schemas/uke/test_uke_any_bytes.py asks it of hypothesis too.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from schemas.feeds.adapter import Adapter  # noqa: E402
from schemas.feeds.errors import ACTIONS, DeliveryError  # noqa: E402
from schemas.feeds.layout import Source  # noqa: E402
from schemas.records.feeds import FEEDS, accepted, refused  # noqa: E402
from schemas.uke.lines import file_of, lines_of  # noqa: E402
from tests.support.uke import SOURCE  # noqa: E402

UKE = Adapter.variant("receipts", "uke")
RECORD = FEEDS["receipts"]


def judged(data: bytes, source: Source = SOURCE) -> str:
    """How a file ended: the code of its refusal, or "rows". Raises AssertionError where it is neither."""
    try:
        reading = UKE.read(data, "f.uke")
    except DeliveryError as error:
        assert error.code in ACTIONS
        assert error.line is None or error.line >= 1
        return error.code
    found = UKE.typed(reading, RECORD, source)
    assert found.accepted.height + found.refused["line_no"].n_unique() == reading.count
    if reading.count <= 200:
        kept = found.accepted.filter(~found.accepted["line_no"].is_in(list(found.doubled_lines)))
        accepted(RECORD).validated(kept)
        refused(RECORD).validated(found.refused)
    lines = lines_of(UKE, data, "f.uke")
    assert file_of(lines.fields(), lines.ended) == data
    return "rows"


def main() -> None:
    """Fuzz, starting from the golden files."""
    import atheris

    corpus = ROOT / "tests" / "golden" / "uke"
    atheris.Setup([sys.argv[0], *sys.argv[1:], str(corpus)], lambda data: judged(data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
