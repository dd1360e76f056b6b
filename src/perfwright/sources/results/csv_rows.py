"""CSV files into rows, with what is malformed told by its line.

The one place that speaks to DuckDB's CSV reader: formats say which columns a file has and how a row
becomes a sample. Lines that are no CSV (JSON, tab-separated records of several kinds) are read here
too, as rows of one column, and told apart by `line_rows.py`.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.imported import TABLE, BadLine
from perfwright.sources.results.heads import UNREADABLE, is_bzip2, is_gzip, unpacked
from perfwright.sources.results.scratch_files import scratch_file
from perfwright.sources.results.unread import EXAMPLES, SHOWN, Unread

if TYPE_CHECKING:
    import duckdb

_REMEMBERED = 100_000
_CHUNK_BYTES = 1 << 20
_LONGEST_LINE_BYTES = 8 * 1024 * 1024


def insert_rows(
    into: duckdb.DuckDBPyConnection,
    file: Path,
    *,
    columns: Mapping[str, str],
    select: str,
    fields: str = "*",
    where: str = "true",
    delimiter: str = ",",
    header: bool = True,
) -> Unread:
    """Insert what `select` makes of `fields`, and these of the rows; `columns`: DuckDB types by
    name, in the file's order.

    Returns the lines that were left out (of which at most `_REMEMBERED` are counted). DataError:
    the file cannot be read at all.
    """
    return scan(
        into,
        file,
        lambda source: (
            f"INSERT INTO {TABLE} BY NAME SELECT {select}"
            f" FROM (SELECT {fields} FROM {source}) WHERE {where}"
        ),
        columns=columns,
        delimiter=delimiter,
        header=header,
    )


def scan(
    into: duckdb.DuckDBPyConnection,
    file: Path,
    statement: Callable[[str], str],
    *,
    columns: Mapping[str, str],
    delimiter: str,
    header: bool,
    quote: str = '"',
) -> Unread:
    """Execute the statement that is made of what to write after FROM to read the file.

    DuckDB's strict mode knows rows that have too many columns, but gives up on a file whose line
    ends are of several kinds; that is then read without. DataError: the file cannot be read at all.
    """
    import duckdb

    named = ", ".join(f"{_quoted(name)}: {_quoted(kind)}" for name, kind in columns.items())
    with _readable(into, file) as path:
        source = (
            f"read_csv({_quoted(str(path))}, columns={{{named}}}, header={str(header).lower()},"
            f" delim={_quoted(delimiter)}, quote={_quoted(quote)}, escape={_quoted(quote)},"
            f" compression='{'gzip' if is_gzip(path) else 'none'}', auto_detect=false,"
            f" null_padding=false, store_rejects=true, rejects_limit={_REMEMBERED},"
            f" max_line_size={_LONGEST_LINE_BYTES}, strict_mode="
        )
        try:
            into.execute(statement(f"{source}true)"))
        except duckdb.InvalidInputException:
            _execute(into, statement(f"{source}false)"), file)
        except duckdb.Error as error:
            raise _unreadable(file, error) from error
        return _rejected(into, file)


def _execute(into: duckdb.DuckDBPyConnection, statement: str, file: Path) -> None:
    import duckdb

    try:
        into.execute(statement)
    except duckdb.Error as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: Exception) -> DataError:
    told = str(error).partition("\n")[0]
    return DataError(f"import: cannot read {file}: {told}")


def _rejected(into: duckdb.DuckDBPyConnection, file: Path) -> Unread:
    """What the CSV reader of the last query left out, and forget it."""
    lines = (
        "SELECT line_byte_position AS place, any_value(csv_line) AS text,"
        " any_value(error_message) AS why FROM reject_errors GROUP BY line_byte_position"
    )
    counted = into.execute(f"SELECT count(*) FROM ({lines})").fetchone()
    rows = into.execute(f"{lines} ORDER BY place LIMIT {EXAMPLES}").fetchall()
    into.execute("DROP TABLE reject_errors")
    into.execute("DROP TABLE reject_scans")
    numbers = _line_numbers(file, [place for place, _, _ in rows])
    examples = [
        BadLine(str(file), line, (text or "").strip()[:SHOWN], (why or "").partition("\n")[0])
        for line, (_, text, why) in zip(numbers, rows, strict=True)
    ]
    return Unread(count=counted[0] if counted else 0, examples=examples)


def _line_numbers(file: Path, places: Sequence[int]) -> list[int]:
    """The lines at byte positions, which grow. DuckDB numbers rows, and a row may have several
    lines; its positions count from 1, and point to the line or to the end of the one before."""
    numbers: list[int] = []
    with unpacked(file) as stream:
        read, line = 0, 1
        for place in places:
            while read < place and (chunk := stream.read(min(_CHUNK_BYTES, place - read))):
                read += len(chunk)
                line += chunk.count(b"\n")
            numbers.append(line)
    return numbers


def row_of(line: str, delimiter: str = ",") -> list[str]:
    """The values of one line, by Python's reader; none where it is no CSV."""
    try:
        return next(csv.reader([line.replace("\r", " ")], delimiter=delimiter), [])
    except csv.Error:
        return []


def distinct(names: Sequence[str]) -> list[str]:
    """The names of a header, none empty and none twice: `bytes`, `bytes (2)`."""
    apart: list[str] = []
    for place, name in enumerate(names, 1):
        told = name.strip() or f"column {place}"
        apart.append(told if told not in apart else f"{told} ({place})")
    return apart


@contextmanager
def _readable(into: duckdb.DuckDBPyConnection, file: Path) -> Iterator[Path]:
    """The file, or, as DuckDB reads no bzip2, a copy without it."""
    try:
        if not is_bzip2(file):
            yield file
            return
        with scratch_file(into) as copy:
            with unpacked(file) as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
            yield copy
    except UNREADABLE as error:
        raise DataError(f"import: cannot read {file}: {error}") from error


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
