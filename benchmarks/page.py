"""benchmarks/results.md: parts under one `# ` heading each, so that one command leaves what another measured."""

import re
from pathlib import Path

RESULTS = Path(__file__).with_name("results.md")


def put(part: str, page: Path = RESULTS) -> None:
    """The page with this part in the place of the one of the same heading, else at its end."""
    heading = part.splitlines()[0]
    stood = re.split(r"^(?=# )", page.read_text("utf-8"), flags=re.MULTILINE) if page.exists() else []
    parts = {old.splitlines()[0]: old for old in stood if old}
    parts[heading] = part
    page.write_text("\n".join(text.rstrip("\n") + "\n" for text in parts.values()), "utf-8")
