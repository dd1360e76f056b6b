"""A table's rows, chunk by chunk, in the order of its columns.

    columns in the order of need ─► values of a chunk ─► nulls ─► columns in the order of the spec

What other tables refer to is kept (numbers 8 bytes a row, text some 100); nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import TopologicalSorter

import numpy as np

from perfwright.export.synthetic.chunk import Array, Chunk, Values, generator
from perfwright.export.synthetic.makers import Keys, maker_of
from perfwright.plan.data_file import needed_by
from perfwright.plan.data_spec import DataSpec, Reference, Table

CHUNK_ROWS = 50_000


class TableRows:
    """Use: `chunks` to its end, then `keys`. Making it fails with DataError where it cannot be."""

    def __init__(
        self, spec: DataSpec, table: Table, keys: Keys, *, chunk_rows: int = CHUNK_ROWS
    ) -> None:
        self._table = table
        self._chunk_rows = chunk_rows
        order = TopologicalSorter({one.name: needed_by(one) for one in table.columns})
        named = {one.name: one for one in table.columns}
        self._columns = [named[name] for name in order.static_order()]
        self._makers = {
            one.name: maker_of(table, one, keys, seed=spec.seed, locale=spec.locale)
            for one in self._columns
        }
        self._holes = {
            one.name: generator(spec.seed, table.name, one.name, "nulls") for one in table.columns
        }
        self._kept: dict[str, list[Array]] = {name: [] for name in referred_to(spec, table)}

    def chunks(self) -> Iterator[dict[str, Values]]:
        """The columns of at most `chunk_rows` rows each time."""
        for start in range(0, self._table.rows, self._chunk_rows):
            chunk = Chunk(start, min(self._chunk_rows, self._table.rows - start))
            for column in self._columns:
                data = self._makers[column.name](chunk)
                nulls = None
                if column.nulls:
                    nulls = self._holes[column.name].random(chunk.rows) < column.nulls
                chunk.values[column.name] = Values(data, nulls)
            for name, kept in self._kept.items():
                kept.append(chunk.values[name].data)
            yield {column.name: chunk.values[column.name] for column in self._table.columns}

    def keys(self) -> dict[tuple[str, str], Array]:
        """The columns that other tables refer to."""
        return {(self._table.name, name): np.concatenate(kept) for name, kept in self._kept.items()}


def referred_to(spec: DataSpec, table: Table) -> set[str]:
    """The columns of a table that others take their keys from."""
    return {
        column.kind.column
        for other in spec.tables
        for column in other.columns
        if isinstance(column.kind, Reference) and column.kind.table == table.name
    }
