"""What the machine fails at is one sentence with the system's own name of it, and no value."""

import errno
import sqlite3

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from resources.trouble import trouble_of

FULL, FILES, DATABASE = (
    "ディスクの空きがありません",
    "ファイルの読み書きに失敗しました",
    "データベースを使えませんでした",
)


def of_sqlite(name: str) -> SQLAlchemyError:
    original = sqlite3.OperationalError("kodomo.sqlite")
    original.sqlite_errorname = name
    return OperationalError("INSERT", {}, original)


def broken() -> SQLAlchemyError:
    return OperationalError("INSERT", {}, sqlite3.OperationalError("host=secret"))


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (OSError(errno.ENOSPC, "x", "/secret"), "ENOSPC", FULL),
        (OSError(errno.EDQUOT, "x"), "EDQUOT", FULL),
        (of_sqlite("SQLITE_FULL"), "SQLITE_FULL", FULL),
        (OSError(errno.EIO, "x", "/secret"), "EIO", FILES),
        (PermissionError(errno.EACCES, "x", "/secret"), "EACCES", FILES),
        (OSError("secret"), "不明", FILES),
        (of_sqlite("SQLITE_IOERR_READ"), "SQLITE_IOERR_READ", DATABASE),
        (broken(), "不明", DATABASE),
        (SQLAlchemyError("secret"), "不明", DATABASE),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_each_trouble_has_its_sentence(error: OSError | SQLAlchemyError, code: str, sentence: str) -> None:
    trouble = trouble_of(error)
    assert (trouble.code, trouble.message) == (code, f"{sentence}({code})。")
    assert "もう一度実行してください。" in trouble.action
    assert "secret" not in str(trouble)


def test_a_database_that_does_not_answer_is_a_cut_line_and_its_address_is_not_told() -> None:
    engine = create_engine("postgresql+psycopg2://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(OperationalError) as caught, engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert str(trouble_of(caught.value)).startswith(f"{DATABASE}(接続断)。")
