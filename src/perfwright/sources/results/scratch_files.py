"""Files of an import's own, beside its scratch database (where there is room for them)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@contextmanager
def scratch_file(into: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """A path to write to, for as long as the context lasts. OSError."""
    row = into.execute("SELECT path FROM duckdb_databases() WHERE NOT internal").fetchone()
    beside = Path(row[0]).parent if row and row[0] else None
    with TemporaryDirectory(dir=beside) as folder:
        yield Path(folder) / "scratch"
