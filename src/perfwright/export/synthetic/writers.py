"""Chunks of columns → a file: CSV, JSON lines or Parquet.

A file is written beside its name and moved there when it is complete, so that an interrupted one is
never taken for data. CSV: UTF-8, a header, `true`/`false`, nothing for null. Parquet goes through a
table of DuckDB's on disk, so that memory stays bounded there, too.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from json.encoder import encode_basestring
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from perfwright.export.synthetic.chunk import Values
from perfwright.model.errors import DataError, os_reason

Format = Literal["csv", "jsonl", "parquet"]
Chunks = Iterable[dict[str, Values]]

_SPECIAL = re.compile(r'[,"\r\n]')


def write_table(path: Path, columns: Sequence[str], chunks: Chunks, form: Format) -> None:
    """DataError where the file cannot be written."""
    try:
        with _beside(path) as unfinished:
            if form == "csv":
                _write_csv(unfinished, columns, chunks)
            elif form == "jsonl":
                _write_jsonl(unfinished, columns, chunks)
            else:
                _write_parquet(unfinished, columns, chunks)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {os_reason(error)}") from None


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_csv(path: Path, columns: Sequence[str], chunks: Chunks) -> None:
    """As the csv module writes it, in half its time: whole columns are looked at for quotes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(_quoted(list(columns))) + "\n")
        for chunk in chunks:
            rows = zip(*map(_csv_texts, chunk.values()), strict=True)
            lines = list(map(",".join, rows))
            if len(columns) == 1:  # an empty line would be no row
                lines = [line or '""' for line in lines]
            file.write("\n".join(lines) + "\n")


def _csv_texts(values: Values) -> list[str]:
    texts = values.texts()
    return _quoted(texts) if values.data.dtype == object else texts


def _quoted(texts: list[str]) -> list[str]:
    """Those with a comma, a quote or a line's end are quoted (RFC 4180)."""
    if not _SPECIAL.search("".join(texts)):
        return texts
    return [
        '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text for text in texts
    ]


def _write_jsonl(path: Path, columns: Sequence[str], chunks: Chunks) -> None:
    """An object a line; the keys and the marks between them are the same in every line."""
    marks = chain("{", repeat(","))
    keys = [f"{next(marks)}{encode_basestring(column)}:" for column in columns]
    with path.open("w", encoding="utf-8") as file:
        for chunk in chunks:
            parts: list[Iterable[str]] = []
            for key, values in zip(keys, chunk.values(), strict=True):
                parts += [repeat(key), _json_texts(values)]
            file.writelines(map("".join, zip(*parts, repeat("}\n"), strict=False)))


def _json_texts(values: Values) -> list[str]:
    listed = values.listed()
    kinds = set(map(type, listed))
    if kinds <= {int, float}:
        return list(map(str, listed))
    if kinds == {str}:
        return list(map(encode_basestring, listed))
    return [json.dumps(value, ensure_ascii=False) for value in listed]


def _write_parquet(path: Path, columns: Sequence[str], chunks: Chunks) -> None:
    import duckdb

    names = [f"c{number}" for number in range(len(columns))]
    with (
        TemporaryDirectory(prefix="perfwright-", dir=path.parent) as scratch,
        duckdb.connect(str(Path(scratch) / "rows.duckdb")) as connection,
    ):
        for number, chunk in enumerate(chunks):
            if number == 0:
                types = map(_sql_type, chunk.values())
                described = ", ".join(f"{n} {t}" for n, t in zip(names, types, strict=True))
                connection.execute(f"CREATE TABLE rows ({described})")
            arrays = _arrays(names, chunk)
            selected = ", ".join(f"CASE WHEN {n}_null THEN NULL ELSE {n} END" for n in names)
            connection.register("chunk", arrays)
            connection.execute(f"INSERT INTO rows SELECT {selected} FROM chunk")
            connection.unregister("chunk")
        quoted = ", ".join(
            f'{n} AS "{column.replace(chr(34), chr(34) * 2)}"'
            for n, column in zip(names, columns, strict=True)
        )
        target = str(path).replace("'", "''")
        connection.execute(f"COPY (SELECT {quoted} FROM rows) TO '{target}' (FORMAT parquet)")


def _arrays(names: Sequence[str], chunk: dict[str, Values]) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for name, values in zip(names, chunk.values(), strict=True):
        nulls = np.zeros(len(values.data), dtype=bool) if values.nulls is None else values.nulls
        data = values.data
        if data.dtype == object:
            nulls = nulls | np.array([value is None for value in data], dtype=bool)
            data = np.array(values.texts(), dtype=object)
        arrays[name], arrays[f"{name}_null"] = data, nulls
    return arrays


def _sql_type(values: Values) -> str:
    """Objects are text, or of several types."""
    kinds = {"b": "BOOLEAN", "i": "BIGINT", "u": "UBIGINT", "f": "DOUBLE", "O": "VARCHAR"}
    return kinds[values.data.dtype.kind]
