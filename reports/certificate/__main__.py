"""`python -m reports.certificate FILE [PUBLIC_KEY]`: verification on a machine without the pipeline."""

import sys
from pathlib import Path

from reports.certificate.signed import CertificateError, lines, verified


def main(words: list[str]) -> int:
    """0: signed and added up; 1: not; 2: a wrong call."""
    if len(words) not in (1, 2):
        print("使い方: python -m reports.certificate ファイル [公開鍵]", file=sys.stderr)
        return 2
    try:
        found = verified(Path(words[0]).read_bytes(), words[1] if len(words) > 1 else None)
    except (CertificateError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
