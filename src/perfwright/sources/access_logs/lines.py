"""The lines of a file, whatever bytes are in it: for DuckDB, and to look at.

DuckDB reads a sound file itself, in parallel. One that it gives up on (bytes that are no UTF-8,
NUL, mixed ends of lines, lines of megabytes) is copied first, line by line: what is no text becomes
U+FFFD, and lines are cut at `LONGEST_LINE` bytes. Line numbers stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.sources.access_logs.sql import read_lines

if TYPE_CHECKING:
    import duckdb

LONGEST_LINE = 1_000_000
LOOKED_AT = 200
"""So many of the first lines tell what a file is."""
_HEAD_BYTES = 256 * 1024
_NO_TEXT = dict.fromkeys([*range(9), 11, 12, 13, *range(14, 32), 127], "\ufffd")


def execute_on_lines(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    statement: Callable[[str], str],
    scratch: Path,
) -> None:
    """Execute what `statement` makes of the table of lines. DataError: it cannot be read."""
    import duckdb

    try:
        connection.execute(statement(read_lines(file)))
    except duckdb.InvalidInputException:
        clean = scratch / "clean"
        try:
            _copy_clean(file, clean)
            connection.execute(statement(read_lines(clean)))
        except (duckdb.Error, OSError) as error:
            raise _unreadable(file, error) from error
        finally:
            clean.unlink(missing_ok=True)
    except duckdb.Error as error:
        raise _unreadable(file, error) from error


def head_lines(file: Path) -> list[str]:
    """The first lines that are not blank, whole ones where there are any."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    return lines_of(head)


def lines_of(head: bytes) -> list[str]:
    """Of the beginning of a file; its last line is left out, as it may be cut."""
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    whole = lines[:-1] if len(lines) > 1 and len(head) >= _HEAD_BYTES else lines
    texts = (_text(line) for line in whole)
    return [text for text in texts if text.strip()][:LOOKED_AT]


def numbered(file: Path) -> Iterator[tuple[int, str]]:
    """Each line, cut at `LONGEST_LINE`, with its number from 1 on."""
    with file.open("rb") as stream:
        for number, line in enumerate(_cut(stream), 1):
            yield number, _text(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def _copy_clean(file: Path, clean: Path) -> None:
    with clean.open("w", encoding="utf-8", newline="\n") as target:
        for _, line in numbered(file):
            target.write(line + "\n")


def _cut(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Lines, of which no more than `LONGEST_LINE` bytes are ever held."""
    readline: Callable[[int], bytes] = stream.readline  # type: ignore[attr-defined]
    while line := readline(LONGEST_LINE):
        yield line
        while not line.endswith(b"\n") and (line := readline(LONGEST_LINE)):
            pass


def _text(line: bytes) -> str:
    return clean_text(line.rstrip(b"\r\n").decode("utf-8", errors="replace"))


def clean_text(line: str) -> str:
    return line.translate(_NO_TEXT)


def _unreadable(file: Path, error: Exception) -> DataError:
    told = str(error).partition("\n")[0]
    return DataError(f"access log: cannot read {file}: {told}")
