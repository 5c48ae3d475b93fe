"""Where this installation lives, and whether it is the real one.

Belongs here: the two settings every door needs first. Does not belong here: what lies inside the home.
"""

import os
from collections.abc import Mapping
from pathlib import Path


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The directory that holds everything this installation writes: KODOMO_HOME, else ./var."""
    return Path(environ.get("KODOMO_HOME") or "var").resolve()


def production(environ: Mapping[str, str] = os.environ) -> bool:
    """True where KODOMO_MODE=production: no key or database is ever made up on the way."""
    return environ.get("KODOMO_MODE") == "production"
