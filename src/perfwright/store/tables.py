"""A run's tables as DuckDB relations, whatever state the run is in.

A table is read from its Parquet file where there is one, else from the JSON lines of the open (or
interrupted) run. A last line that a crash tore in two reads as a row of NULLs and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfwright.model.errors import StoreError
from perfwright.store.layout import (
    LINE_TABLES,
    PARQUET_TABLES,
    ParquetTable,
    lines_path,
    parquet_path,
)

if TYPE_CHECKING:
    import duckdb


def relation(run: Path, table: ParquetTable) -> str:
    """What to write after FROM to read the table."""
    parquet = parquet_path(run, table)
    if parquet.exists():
        return f"read_parquet({_quoted(parquet)})"
    return f"({from_lines(run, table)})"


def from_lines(run: Path, table: ParquetTable) -> str:
    """The SELECT that makes the Parquet table of its JSON lines."""
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in table.source.columns.items())
    lines = (
        f"(SELECT * FROM read_json({_quoted(lines_path(run, table.source))},"
        f" format='newline_delimited', ignore_errors=true, columns={{{columns}}})"
        " WHERE second IS NOT NULL)"
    )
    return table.query.format(lines=lines)


def has_lines(run: Path) -> bool:
    """Whether some table still is in its open form."""
    return any(lines_path(run, table).exists() for table in LINE_TABLES)


class Tables:
    """Queries over one run's tables; `{steps}` and so on in a query stand for the relations.

    Opens an in-memory DuckDB; StoreError names the run where its files cannot be read.
    """

    def __init__(self, run: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self._run = run
        self._connection = connection

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows, as dictionaries by column name."""
        import duckdb

        try:
            result = self._execute(query, parameters)
        except duckdb.IOException:
            # The run was compacted between our look at the folder and the read: look again.
            result = self._retried(query, parameters)
        except duckdb.Error as error:
            raise _unreadable(self._run, error) from error
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, values, strict=True)) for values in result.fetchall()]

    def _retried(self, query: str, parameters: Sequence[object]) -> duckdb.DuckDBPyConnection:
        import duckdb

        try:
            return self._execute(query, parameters)
        except duckdb.Error as error:
            raise _unreadable(self._run, error) from error

    def _execute(self, query: str, parameters: Sequence[object]) -> duckdb.DuckDBPyConnection:
        relations = {table.name: relation(self._run, table) for table in PARQUET_TABLES}
        return self._connection.execute(query.format_map(relations), parameters)


@contextmanager
def open_tables(run: Path) -> Iterator[Tables]:
    import duckdb

    with duckdb.connect() as connection:
        yield Tables(run, connection)


def _unreadable(run: Path, error: Exception) -> StoreError:
    return StoreError(f"store: the tables of {run} cannot be read: {error}; the run is damaged")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
