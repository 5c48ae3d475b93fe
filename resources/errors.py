"""The errors of the doors: one sentence on what is wrong, one on what to do.

Belongs here: their common shape. Does not belong here: when they are raised (each door knows its own).
"""

from schemas.errors import CityError


class ResourceError(CityError):
    """A door refuses. `code` for programs, `message` and `action` (Japanese) for people; never a value."""

    def __init__(self, code: str, message: str, action: str) -> None:
        super().__init__(code, message, action)
        self.code = code
        self.message = message
        self.action = action

    def __str__(self) -> str:
        return f"{self.message} {self.action}"
