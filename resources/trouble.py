"""Trouble with the machine, in one sentence: a full disk, a device that fails, a database that is gone.

Belongs here: from what the system raised to what a person reads and does. Does not belong here: what is wrong with a
file, the law or the money (each door knows its own).
"""

import errno
from contextlib import suppress

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from resources.errors import ResourceError

TROUBLE = "trouble"
"""Marks a failure of a run that is the machine's or a defect of ours, not one of the data."""

_FULL = {"ENOSPC", "EDQUOT", "EFBIG", "SQLITE_FULL", "53100"}
_AGAIN = "同じ操作をもう一度実行してください。終わっていた操作が二度行われることはありません。"


class Trouble(ResourceError):
    """The machine failed. `code` is the system's own name of it."""


def trouble_of(error: OSError | SQLAlchemyError) -> Trouble:
    """What a person reads; no path, address or value in it."""
    code = _code(error)
    if code in _FULL:
        return Trouble(code, f"ディスクの空きがありません({code})。", f"空きを作り、{_AGAIN}")
    if isinstance(error, SQLAlchemyError):
        return Trouble(
            code,
            f"データベースを使えませんでした({code})。",
            f"データベースが動いていることを確かめ、{_AGAIN}",
        )
    return Trouble(
        code, f"ファイルの読み書きに失敗しました({code})。", f"ディスクの状態と権限を確かめ、{_AGAIN}"
    )  # fmt: skip


def _code(error: OSError | SQLAlchemyError) -> str:
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0, "不明")
    original = error.orig if isinstance(error, DBAPIError) else None
    for name in ("sqlite_errorname", "pgcode"):
        with suppress(AttributeError):
            return str(getattr(original, name) or "接続断")
    return "不明"
