"""A spec of synthetic data → its files, one a table, in one folder."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.export.synthetic.chunk import Array, Values
from perfwright.export.synthetic.tables import TableRows
from perfwright.export.synthetic.writers import Format, write_table
from perfwright.model.errors import DataError, os_reason
from perfwright.plan.data_spec import DataSpec, Table
from perfwright.plan.data_values import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTable:
    """`taken_s`: from its first row to the end of its file."""

    name: str
    rows: int
    path: Path
    size_bytes: int
    taken_s: float

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rows": self.rows,
            "path": str(self.path),
            "bytes": self.size_bytes,
            "seconds": round(self.taken_s, 3),
        }


def with_rows(spec: DataSpec, rows: Mapping[str, int]) -> DataSpec:
    """Other numbers of rows, by table; "" stands for every table that is not named."""
    names = [table.name for table in spec.tables]
    for name in rows:
        if name and name not in names:
            raise DataError(
                f"--rows: there is no table {name!r}{did_you_mean(name, names)} There are "
                f"{', '.join(names)}"
            )

    def changed(table: Table) -> Table:
        return dataclasses.replace(table, rows=rows.get(table.name, rows.get("", table.rows)))

    return dataclasses.replace(spec, tables=tuple(map(changed, spec.tables)))


def write_data(
    spec: DataSpec,
    folder: Path,
    form: Format,
    *,
    on_rows: Callable[[str, int], None] = lambda _name, _rows: None,
) -> tuple[WrittenTable, ...]:
    """Writes every table. `on_rows` hears of each table's rows as they are made. DataError where
    the spec asks for what cannot be, or a file cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"--out: {folder}: {os_reason(error)}") from None
    keys: dict[tuple[str, str], Array] = {}
    written = []
    for table in spec.tables:
        begun_s = time.monotonic()
        rows = TableRows(spec, table, keys)
        path = folder / f"{table.name}.{form}"
        names = [column.name for column in table.columns]
        write_table(path, names, _told(rows.chunks(), table.name, on_rows), form)
        keys |= rows.keys()
        written.append(
            WrittenTable(
                name=table.name,
                rows=table.rows,
                path=path,
                size_bytes=path.stat().st_size,
                taken_s=time.monotonic() - begun_s,
            )
        )
    return tuple(written)


def _told(
    chunks: Iterator[dict[str, Values]], name: str, on_rows: Callable[[str, int], None]
) -> Iterator[dict[str, Values]]:
    rows = 0
    for chunk in chunks:
        yield chunk
        rows += len(next(iter(chunk.values())).data)
        on_rows(name, rows)
