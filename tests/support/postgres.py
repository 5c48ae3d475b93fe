"""A real PostgreSQL for the tests: the system's binaries, an own cluster on 127.0.0.1, gone at the end."""

import getpass
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

POSTGRES_HOMES = ("/usr/lib/postgresql", "/usr/pgsql-15", "/usr/local/pgsql", "/opt/homebrew/opt")


on_both_databases = pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
"""For a test of what the database itself does: in the fast suite on either. Any other is so in the slow suite."""

MISSING = "PostgreSQL IS NOT INSTALLED: the database tests ran on SQLite only (apt install postgresql)"


@dataclass(frozen=True)
class Cluster:
    """A running cluster; every test is a user with an empty schema of its own."""

    user: str
    port: int
    started: tuple[object, ...] = ()
    stopped: tuple[object, ...] = ()

    def stop(self) -> None:
        """Gone at once, as in a power cut."""
        _run(self.user, *self.stopped)

    def start(self) -> None:
        """There again, with what was committed."""
        _run(self.user, *self.started)

    def url(self, user: str) -> URL:
        """The address as one of its users."""
        return URL.create("postgresql+psycopg2", username=user, host="127.0.0.1", port=self.port, database="postgres")

    def fresh(self) -> URL:
        """The address as a new user, whose tables go to a new, empty schema (a database would cost 7 MB)."""
        name = f"t_{secrets.token_hex(6)}"
        engine = create_engine(self.url(self.user))
        with engine.begin() as connection:
            connection.execute(text(f"CREATE ROLE {name} LOGIN"))
            connection.execute(text(f"CREATE SCHEMA {name} AUTHORIZATION {name}"))
        engine.dispose()
        return self.url(name)


def binaries() -> Path | None:
    """The directory of initdb and pg_ctl: the one on the PATH, else the newest installed."""
    on_path = shutil.which("pg_ctl")
    if on_path is not None and Path(on_path).with_name("initdb").exists():
        return Path(on_path).parent
    found = [each.parent for home in POSTGRES_HOMES for each in Path(home).glob("**/bin/pg_ctl")]
    return max(found, default=None)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster for the length of the block. Skips the test, loudly, where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        warnings.warn(MISSING, stacklevel=2)
        pytest.skip(MISSING)
    user = _unprivileged()
    directory = Path(tempfile.mkdtemp(prefix="kodomo-pg-"))
    data, port = directory / "data", _free_port()
    try:
        shutil.chown(directory, user)
        _run(user, programs / "initdb", "-D", data, "-A", "trust", "-U", user, "-E", "UTF8", "--locale=C", "-N")
        settings = f"-p {port} -k {directory} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=50"
        control = (programs / "pg_ctl", "-D", data, "-w", "-s")
        started = (*control, "-l", directory / "log", "-o", settings, "start")
        cluster = Cluster(user, port, started, (*control, "-m", "immediate", "stop"))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(directory)


def _unprivileged() -> str:
    """The user PostgreSQL runs as: ourselves, or `nobody` when we are root (it refuses root)."""
    return pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else getpass.getuser()


def _run(user: str, *command: object) -> None:
    entry = pwd.getpwnam(user)
    switch = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(
        [str(part) for part in command], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60, **switch
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
