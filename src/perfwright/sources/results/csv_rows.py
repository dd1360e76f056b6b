"""CSV files into rows, with what is malformed told by its line.

The one place that speaks to DuckDB's CSV reader: formats say which columns a file has and how a row
becomes a sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.imported import TABLE, BadLine

if TYPE_CHECKING:
    import duckdb

_EXAMPLES = 5
_REMEMBERED = 100_000
_SHOWN = 120
_LONGEST_LINE_BYTES = 8 * 1024 * 1024


def insert_rows(
    into: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    *,
    columns: Mapping[str, str],
    select: str,
    where: str = "true",
    delimiter: str = ",",
    header: bool = True,
    quote: str = '"',
) -> tuple[int, tuple[BadLine, ...]]:
    """Insert what `select` makes of the rows; `columns`: DuckDB types by name, in the file's order.

    Returns how many lines were left out (at most `_REMEMBERED` are counted), and the first few.
    DataError: a file cannot be read at all.
    """
    import duckdb

    listed = ", ".join(_quoted(str(file)) for file in files)
    named = ", ".join(f"{_quoted(name)}: {_quoted(kind)}" for name, kind in columns.items())
    source = (
        f"read_csv([{listed}], columns={{{named}}}, header={str(header).lower()},"
        f" delim={_quoted(delimiter)}, quote={_quoted(quote)}, escape={_quoted(quote)},"
        f" auto_detect=false, null_padding=false, store_rejects=true,"
        f" rejects_limit={_REMEMBERED}, max_line_size={_LONGEST_LINE_BYTES})"
    )
    try:
        into.execute(f"INSERT INTO {TABLE} BY NAME SELECT {select} FROM {source} WHERE {where}")
    except duckdb.Error as error:
        files_told = ", ".join(map(str, files))
        raise DataError(f"import: cannot read {files_told}: {_first_line(error)}") from error
    return _rejected(into)


def _rejected(into: duckdb.DuckDBPyConnection) -> tuple[int, tuple[BadLine, ...]]:
    lines = (
        "SELECT file_path, line, any_value(csv_line) AS text, any_value(error_message) AS why"
        " FROM reject_errors JOIN reject_scans USING (scan_id, file_id) GROUP BY ALL"
    )
    counted = into.execute(f"SELECT count(*) FROM ({lines})").fetchone()
    rows = into.execute(f"{lines} ORDER BY file_path, line LIMIT {_EXAMPLES}").fetchall()
    examples = tuple(
        BadLine(file, line, (text or "")[:_SHOWN], (why or "").partition("\n")[0])
        for file, line, text, why in rows
    )
    return (counted[0] if counted else 0), examples


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
