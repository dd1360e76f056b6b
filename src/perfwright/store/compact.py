"""JSON lines → Parquet, once the run has ended (or at first read after a crash).

    steps.jsonl ──DuckDB──► steps.parquet.tmp ──fsync, rename──► steps.parquet, then lines removed

A crash at any point loses nothing: a Parquet file with its final name is whole, and lines go only
when all tables made of them are there. Doing it again does nothing. Raises StoreError; the lines
then stay and can be read as they are.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import StoreError
from perfwright.store.files import folder_lock, publish, store_error
from perfwright.store.layout import (
    LINE_TABLES,
    PARQUET_TABLES,
    ParquetTable,
    lines_path,
    parquet_path,
)
from perfwright.store.tables import from_lines, has_lines

if TYPE_CHECKING:
    import duckdb


def compact(run: Path) -> None:
    """Turn the open form of a run's tables into Parquet (zstd)."""
    try:
        with folder_lock(run):
            if not has_lines(run):
                return
            _write_missing(run)
            for table in LINE_TABLES:
                lines_path(run, table).unlink(missing_ok=True)
    except OSError as error:
        raise store_error("compact", run, error) from error


def _write_missing(run: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        for table in PARQUET_TABLES:
            if lines_path(run, table.source).exists() and not parquet_path(run, table).exists():
                _write(connection, run, table)


def _write(connection: duckdb.DuckDBPyConnection, run: Path, table: ParquetTable) -> None:
    import duckdb

    path = parquet_path(run, table)
    temporary = path.with_name(f"{path.name}.tmp")
    target = str(temporary).replace("'", "''")
    try:
        connection.execute(
            f"COPY ({from_lines(run, table)}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
        publish(temporary, path)
    except duckdb.Error as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StoreError(
            f"store: cannot write {path}: {error}; its JSON lines stay and remain readable;"
            " free some space, and the next read will try again"
        ) from error
