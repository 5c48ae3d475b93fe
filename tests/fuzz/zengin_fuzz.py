"""Any bytes end in a file or in a table of faults: the reader of bank files under a coverage-guided fuzzer.

`python tests/fuzz/zengin_fuzz.py CORPUS -max_total_time=180` with atheris installed (it is not a dependency); new
inputs go to CORPUS, the golden files are its seeds. `judged` is the property, and hypothesis asks it too
(tests/reports/zengin/test_transfer_reading.py).
"""

import re
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
watched: Any = nullcontext()
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    import atheris

    watched = atheris.instrument_imports(include=["reports.zengin"])

with watched:
    from reports.zengin.faults import FAULT_SCHEMA
    from reports.zengin.reading import read_transfer

RULE = re.compile(r"Z(?:[1-9]|1[0-4])")


def judged(data: bytes, *, accepts_wo: bool = False) -> str:
    """How a file ended: "file", or the rules it breaks. Raises AssertionError where it is neither."""
    reading = read_transfer(data, accepts_wo=accepts_wo)
    assert reading.faults.schema == FAULT_SCHEMA
    assert set(reading.faults["severity"]) <= {"error", "warning"}
    for line_no, column_no, _, rule, _, message in reading.faults.iter_rows():
        assert RULE.fullmatch(rule)
        assert message.startswith(rule)
        assert 1 <= line_no <= len(data) + 1
        assert 1 <= column_no <= len(data) + 1
    if reading.file is None:
        assert not reading.sound
        assert "error" in reading.faults["severity"]
        return " ".join(reading.faults["rule"].unique().sort())
    assert reading.sound != reading.file.trial
    assert reading.file.to_bytes() == data
    return "file"


if __name__ == "__main__":
    if not any(Path(word).is_dir() for word in sys.argv[1:]):
        sys.exit("name a folder for new inputs first")
    seeds = ROOT / "tests" / "golden" / "zengin"
    atheris.Setup([*sys.argv, str(seeds)], lambda data: judged(data) and None)
    atheris.Fuzz()
