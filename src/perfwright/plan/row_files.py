"""Where a feeder's rows come from, and the files that a run's workers share.

    parent   source.build(folder)        once: <key>.offsets, and <key>.jsonl where the rows are not
                                         lines of text already (Parquet, a Python iterable)
    worker   source.open(folder)         maps them

Both sides find the files by `key`: of a data file a digest of path, size and change time; of an
iterable its number in the test file. What exists is not built again.
"""

from __future__ import annotations

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from perfwright.model.errors import DataError
from perfwright.plan.rows import Kind, Table


class Source(ABC):
    """Rows that can be indexed once and then mapped by every worker. `origin` is its name in
    errors."""

    origin: str
    key: str

    def build(self, folder: Path) -> None:
        """Writes what `open` needs into `folder`; DataError where the data cannot be used."""
        offsets = folder / f"{self.key}.offsets"
        if not offsets.exists():
            partial = folder / f"{self.key}.{os.getpid()}.partial"
            self._write_offsets(folder, partial)
            partial.replace(offsets)

    @abstractmethod
    def open(self, folder: Path) -> Table:
        """The rows, from a folder that `build` has seen."""

    @abstractmethod
    def _write_offsets(self, folder: Path, to: Path) -> None: ...


class TextFile(Source):
    """A CSV or JSON-lines file, used where it lies."""

    def __init__(self, path: Path, kind: Kind, delimiter: str = ",") -> None:
        self._path = path
        self._kind = kind
        self._delimiter = delimiter
        self.origin = path.name
        self.key = _file_key(path, f"{kind}{delimiter}")

    def open(self, folder: Path) -> Table:
        offsets = folder / f"{self.key}.offsets"
        return Table(self._path, offsets, self.origin, self._kind, self._delimiter)

    def _write_offsets(self, folder: Path, to: Path) -> None:  # noqa: ARG002
        from perfwright.plan.row_index import csv_offsets, jsonl_offsets

        if self._kind == "csv":
            csv_offsets(self._path, self.origin, self._delimiter).tofile(to)
        else:
            jsonl_offsets(self._path, self.origin).tofile(to)


class Converted(Source):
    """Rows that are first written as JSON lines."""

    def open(self, folder: Path) -> Table:
        lines, offsets = folder / f"{self.key}.jsonl", folder / f"{self.key}.offsets"
        return Table(lines, offsets, self.origin, "jsonl")

    def _write_offsets(self, folder: Path, to: Path) -> None:
        from perfwright.plan.row_index import jsonl_offsets

        lines = folder / f"{self.key}.jsonl"
        self._write_lines(lines)
        jsonl_offsets(lines, self.origin).tofile(to)

    @abstractmethod
    def _write_lines(self, to: Path) -> None: ...


class ParquetFile(Converted):
    """A Parquet file, converted by DuckDB; dates and times become ISO text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.origin = path.name
        self.key = _file_key(path, "parquet")

    def _write_lines(self, to: Path) -> None:
        import duckdb

        read, written = (str(path).replace("'", "''") for path in (self._path, to))
        with duckdb.connect() as connection:
            try:
                connection.execute(
                    f"COPY (SELECT * FROM read_parquet('{read}')) TO '{written}' (FORMAT json)"
                )
            except duckdb.Error as error:
                reason = str(error).partition("\n")[0]  # what follows is our own SQL
                raise DataError(f"{self.origin}: cannot be read as Parquet: {reason}") from None


class Items(Converted):
    """Rows of a Python iterable, consumed once, by the parent."""

    def __init__(self, items: Iterable[Mapping[str, Any]], number: int) -> None:
        self._items = items
        self.origin = f"rows(…) number {number + 1}"
        self.key = f"rows-{number}"

    def _write_lines(self, to: Path) -> None:
        with to.open("w", encoding="utf-8") as file:
            for index, item in enumerate(self._items):
                if not isinstance(item, Mapping):
                    raise DataError(f"{self.origin}: item {index} is {item!r}, not a dict")
                file.write(f"{self._encoded(dict(item), index)}\n")
            if not file.tell():
                raise DataError(f"{self.origin}: there is not one item in it")

    def _encoded(self, item: dict[str, Any], index: int) -> str:
        try:
            return json.dumps(item, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{self.origin}: item {index} cannot go to other processes as JSON: {error}"
            ) from None


def existing(path: str | Path, folder: Path) -> Path:
    """The data file, relative to `folder`; DataError with what is there where it is missing."""
    full = (folder / path).resolve()
    if full.is_file():
        return full
    beside = [entry.name for entry in full.parent.iterdir()] if full.parent.is_dir() else []
    close = get_close_matches(full.name, beside, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise DataError(f"there is no file {str(path)!r} in {folder}{hint}")


def _file_key(path: Path, reading: str) -> str:
    stat = path.stat()
    identity = f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0{reading}"
    return hashlib.sha256(identity.encode()).hexdigest()[:24]
