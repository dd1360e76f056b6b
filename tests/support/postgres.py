"""A private PostgreSQL server from Debian's package: new data folder, free port, gone at the end.

    initdb ─► pg_ctl start (waits) ─► tests, each with a database of its own ─► pg_ctl stop

PostgreSQL refuses to run as root, so root starts it as the user `postgres`. Durability is off: the
data is thrown away.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

_UNSAFE_BUT_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresCluster:
    """A running server; anyone on loopback is superuser `postgres`."""

    port: int
    folder: Path
    """Holds the unix socket, the data and `server.log`."""

    def dsn(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, name: str) -> str:
        """Creates `name`, replacing an older one; its DSN."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.dsn(name)


def postgres_bin() -> Path | None:
    """The folder with the newest `initdb`; None where PostgreSQL is not installed."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return newest.parent if newest else None


@contextmanager
def private_cluster(*, settings: str = "") -> Iterator[PostgresCluster]:
    """Start a server with extra `settings` (`-c name=value …`); at the end stop and delete it."""
    programs = postgres_bin()
    assert programs is not None, "PostgreSQL is not installed"
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        port = _free_port()
        options = (
            f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {_UNSAFE_BUT_FAST} {settings}"
        )
        control = programs / "pg_ctl"
        _run(control, "-D", data, "-l", folder / "server.log", "-o", options, "-w", "start")
        try:
            yield PostgresCluster(port=port, folder=folder)
        finally:
            _run(control, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _run(*command: Path | str) -> None:
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryFile() as said:  # a pipe would stay open in the server
        result = subprocess.run(
            [str(part) for part in command],
            user=user,
            cwd="/",
            stdout=said,
            stderr=said,
            check=False,
        )
        said.seek(0)
        assert result.returncode == 0, said.read().decode(errors="replace")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
