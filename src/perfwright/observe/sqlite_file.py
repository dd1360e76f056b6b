"""A SQLite file, opened so that nothing can change it and nobody waits for us.

Read-only twice over (`mode=ro`, `query_only`); 0.1 s of patience with locks. A WAL database needs
its `-shm` file or a folder that we may write to: SQLite's rule for readers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from perfwright.model.errors import ProbeError

PREFIX = "sqlite:"
MAX_TABLES = 40
_PATIENCE_S = 0.1


def sqlite_path(spec: str) -> Path:
    """The file of `sqlite:FILE`, `sqlite:///FILE` or a bare path. ProbeError: it is not there."""
    path = Path(spec.removeprefix(PREFIX).removeprefix("//"))
    if not path.is_file():
        raise ProbeError(f"--watch {PREFIX}{path}: there is no such file; give the database's path")
    return path


def sqlite_subject(path: Path) -> str:
    return f"{PREFIX}{path.name}"


@contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for a moment. sqlite3.Error: locked, or no database."""
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S)) as connection:
        connection.execute("PRAGMA query_only = 1")
        yield connection


def table_names(connection: sqlite3.Connection) -> list[str]:
    """The user's tables, at most 40."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%'"
        " ESCAPE '!' ORDER BY name LIMIT ?",
        (MAX_TABLES,),
    )
    return [name for (name,) in rows]


def table_rows(connection: sqlite3.Connection, table: str) -> float | None:
    """About how many rows: the highest rowid, which costs one look; None where it has none."""
    try:
        row = connection.execute(f"SELECT max(rowid) FROM {quoted(table)}").fetchone()
    except sqlite3.OperationalError:
        return None
    return float(row[0] or 0)


def quoted(name: str) -> str:
    """A name as SQL has it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
