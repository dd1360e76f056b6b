"""Rows of a data file, decoded one by one from memory-mapped text.

    people.csv   name,password⏎ann,x1⏎bob,"y⏎2"⏎          mapped, shared by all workers
                                ▲      ▲          ▲
    index        [               14,    21,        32 ]    uint64: where rows start, and the end

The operating system keeps one copy of both files per machine however many workers map them; a
worker holds only the rows in use. `row_index.py` builds the index and checks the whole file first,
so decoding meets bad rows only in JSON lines, which are checked no deeper than their first
character.
"""

from __future__ import annotations

import csv
import json
import mmap
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from perfwright.model.errors import DataError, MissingColumn

Kind = Literal["csv", "jsonl"]
BOM = b"\xef\xbb\xbf"


class Row(dict[str, Any]):
    """A row by column name. CSV gives text, JSON lines whatever was written."""

    __slots__ = ("origin",)

    origin: str

    def __missing__(self, column: str) -> Any:
        close = get_close_matches(str(column), self, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise MissingColumn(
            f"column {column!r} is not in {self.origin}: it has {', '.join(self)}{hint}"
        )


class Table:
    """Random access to the rows of one file; `origin` is what errors call it."""

    def __init__(
        self, data: Path, offsets: Path, origin: str, kind: Kind, delimiter: str = ","
    ) -> None:
        self._data = mapped(data)
        self._offsets = memoryview(mapped(offsets)).cast("Q")
        self.origin = origin
        self._delimiter = delimiter
        self._is_csv = kind == "csv"
        self._columns = self._header() if self._is_csv else []
        if self._offsets[-1] != len(self._data):
            raise DataError(f"{origin} has changed since the run began; start again")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def row(self, index: int) -> Row:
        """The row with this 0-based number; DataError, naming its line, where it is malformed."""
        text = self._data[self._offsets[index] : self._offsets[index + 1]].rstrip(b"\r\n").decode()
        if not self._is_csv:
            row = self._json_row(text, index)
        elif '"' in text:
            values = self._quoted_values(text, index)
            row = Row(zip(self._columns, values, strict=True))
        else:
            row = Row(zip(self._columns, text.split(self._delimiter), strict=True))
        row.origin = self.origin
        return row

    def _header(self) -> list[str]:
        text = self._data[: self._offsets[0]].removeprefix(BOM).strip(b"\r\n").decode()
        return split_row(text, self._delimiter)

    def _quoted_values(self, text: str, index: int) -> list[str]:
        try:
            return split_row(text, self._delimiter)
        except csv.Error as error:
            raise DataError(f"{self.origin}:{self.line(index)}: {error}") from None

    def _json_row(self, text: str, index: int) -> Row:
        try:
            value = json.loads(text)
        except ValueError as error:
            raise DataError(f"{self.origin}:{self.line(index)}: no JSON: {error}") from None
        if not isinstance(value, dict):
            where = f"{self.origin}:{self.line(index)}"
            raise DataError(f'{where}: each line must be an object, like {{"name": "ann"}}')
        return Row(value)

    def line(self, index: int) -> int:
        """The 1-based number of the line that this row begins on."""
        return line_of(self._data, self._offsets[index])


def split_row(text: str, delimiter: str) -> list[str]:
    """One CSV row (RFC 4180), without its line end; csv.Error where quotes are misplaced."""
    return next(csv.reader([text], delimiter=delimiter, strict=True))


def line_of(data: bytes | mmap.mmap, offset: int) -> int:
    """The 1-based number of the line that holds this byte."""
    return data[:offset].count(b"\n") + 1


def mapped(path: Path) -> mmap.mmap:
    """The file, read-only, in memory that all processes share."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
