"""Where this installation lives, for which city, and whether it is the real one.

Belongs here: the settings every door needs first. Does not belong here: what lies inside the home.
"""

import os
from collections.abc import Mapping
from pathlib import Path


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The directory that holds everything this installation writes: KODOMO_HOME, else ./var."""
    return Path(environ.get("KODOMO_HOME") or "var").resolve()


def municipality(environ: Mapping[str, str] = os.environ) -> str:
    """The municipality code this process works for: KODOMO_MUNICIPALITY, else 川口市."""
    return environ.get("KODOMO_MUNICIPALITY") or "112038"


def production(environ: Mapping[str, str] = os.environ) -> bool:
    """True where KODOMO_MODE=production: no key or database is ever made up on the way."""
    return environ.get("KODOMO_MODE") == "production"
