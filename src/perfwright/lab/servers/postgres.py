"""A private PostgreSQL with its data already in, within seconds.

    first time    initdb ─► start ─► fill(dsn) ─► stop ─► CACHE/postgres-KEY
    each time     copy of that ─► start (settings) ─► PostgresServer(dsn, admin_dsn)

The data is thrown away, so durability is off. PostgreSQL refuses to run as root, so root starts it
as the user `postgres`. Whoever can open a connection on loopback may be any role, as on a
developer's machine: do not start it where that matters. Raises LaunchError.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg

from perfwright.lab.errors import LaunchError
from perfwright.lab.servers.guarded import Guarded, free_port

ROLE = "shop"
"""Owns the database of the same name, and is no superuser."""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "shared_preload_libraries": "pg_stat_statements",
    "track_io_timing": "on",
}
_INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian puts it, a folder for each version."""
_INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")


class PostgresServer(Guarded):
    """A server over the cluster in `data`. `dsn` is the shop's, `admin_dsn` a superuser's."""

    def __init__(
        self, data: Path, settings: Mapping[str, str], *, port: int = 0, keep: bool = False
    ) -> None:
        self.port = port or free_port()
        self.dsn = f"postgresql://{ROLE}@127.0.0.1:{self.port}/{ROLE}"
        self.admin_dsn = f"postgresql://postgres@127.0.0.1:{self.port}/{ROLE}"
        wanted = {**_SETTINGS, "unix_socket_directories": str(data.parent), **settings}
        options = [word for item in wanted.items() for word in ("-c", "=".join(item))]
        super().__init__(
            "PostgreSQL",
            [_programs() / "postgres", "-D", data, "-p", self.port, *options],
            folder=data.parent,
            is_up=lambda: _answers(self.port),
            keep=keep,
            user=_user(),
            stop_signal=signal.SIGINT,  # "fast": as an operator would
        )


def start_postgres(
    settings: Mapping[str, str], *, key: str, fill: Callable[[str], None], port: int = 0
) -> PostgresServer:
    """A server whose database `fill(dsn)` filled, now or when `key` was first asked for."""
    template = _cache() / f"postgres-{_programs().parent.name}-{key}"
    if not template.exists():
        _make(template, fill)
    data = _new_folder() / "data"
    _copy(template, data)
    return PostgresServer(data, settings, port=port)


def _make(template: Path, fill: Callable[[str], None]) -> None:
    """Made beside its place and then renamed: half a template is never seen."""
    folder = _new_folder()
    data = folder / "data"
    _run(_programs() / "initdb", "-D", data, *_INITDB)
    with PostgresServer(data, {}, keep=True) as server:
        _prepare(server, fill)
    unfinished = Path(tempfile.mkdtemp(dir=template.parent)) / "data"
    _copy(data, unfinished)
    with contextlib.suppress(OSError):  # another process was faster
        unfinished.rename(template)
    shutil.rmtree(unfinished.parent)
    shutil.rmtree(folder)


def _prepare(server: PostgresServer, fill: Callable[[str], None]) -> None:
    maintenance = server.admin_dsn.replace(f"/{ROLE}", "/postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ROLE} LOGIN")
        connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")
    fill(server.dsn)
    with psycopg.connect(server.admin_dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute(f"GRANT pg_monitor TO {ROLE}")
        connection.execute("SELECT pg_stat_statements_reset()")  # filling is no part of the load


def create_hypopg(server: PostgresServer) -> bool:
    """Adds the extension that tries indexes out, where it is installed (postgresql-NN-hypopg)."""
    with psycopg.connect(server.admin_dsn, autocommit=True) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'hypopg'"
        ).fetchone()
        if found:
            connection.execute("CREATE EXTENSION IF NOT EXISTS hypopg")
    return found is not None


def _answers(port: int) -> bool:
    try:
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _programs() -> Path:
    """The folder of the newest PostgreSQL of Debian's."""
    found = _INSTALLED.glob("*/bin/initdb")
    newest = max(found, key=lambda path: float(path.parts[-3]), default=None)
    if newest is None:
        raise LaunchError("PostgreSQL is not installed; apt-get install postgresql")
    return newest.parent


def _user() -> str:
    """Who runs the server; "" for ourselves."""
    return "postgres" if os.geteuid() == 0 else ""


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if _user():
        shutil.chown(folder, _user(), _user())
    return folder


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path(pwd.getpwuid(os.geteuid()).pw_dir, ".cache")
    folder = Path(root) / "perfwright"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _copy(cluster: Path, to: Path) -> None:
    _run("cp", "-a", "--reflink=auto", cluster, to, user="")


def _run(*command: Path | str, user: str | None = None) -> None:
    done = subprocess.run(
        command,
        user=(_user() if user is None else user) or None,
        cwd="/",
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        raise LaunchError(f"{command[0]} failed: {done.stderr.strip()}")
