"""Rows drawn in proportion to one of their columns, as popularity has it.

    weight       5    0    3    2
    cumulative   5    5    8   10         u · 10 = 6.1  →  the third row

The running sums are written once a run (float64) and mapped by all workers; a draw is a search by
halves. Draw k of the one sequence is fixed by seed and k, so workers, who own every N-th draw, are
independent of each other.

A weight that is no finite number of zero or more, or weights that are all zero, are a DataError
that names file and line; a column that is not there is a MissingColumn.
"""

from __future__ import annotations

import hashlib
import math
import os
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path

from perfwright.model.errors import DataError
from perfwright.plan.permutation import uniform
from perfwright.plan.rows import Table, mapped


class WeightedDraws:
    """Independent draws of row numbers; call it with a draw's number (≥ 0)."""

    __slots__ = ("_last", "_seed", "_sums", "_total")

    def __init__(self, sums: Sequence[float], seed: int) -> None:
        self._sums = sums
        self._seed = seed
        self._total = sums[-1]
        self._last = bisect_left(sums, self._total)  # rows behind it weigh nothing

    def __call__(self, number: int) -> int:
        place = uniform(self._seed, number) * self._total
        return min(bisect_right(self._sums, place), self._last)


def weights_file(folder: Path, key: str, column: str) -> Path:
    """Where the running sums of a source's column lie."""
    return folder / f"{key}.{hashlib.sha256(column.encode()).hexdigest()[:12]}.weights"


def build_weights(table: Table, column: str, to: Path) -> None:
    """Writes the running sums of `column`, unless they are there."""
    if to.exists():
        return
    sums = array("d")
    total = 0.0
    for index in range(len(table)):
        total += _weight(table, index, column)
        sums.append(total)
    if not 0 < total < math.inf:
        raise DataError(f"{table.origin}: the weights in {column!r} add up to {total:g}")
    partial = to.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(sums.tobytes())
    partial.replace(to)


def weighted_draws(path: Path, seed: int) -> WeightedDraws:
    return WeightedDraws(memoryview(mapped(path)).cast("d"), seed)


def _weight(table: Table, index: int, column: str) -> float:
    written = table.row(index)[column]
    try:
        weight = float(written)
    except (TypeError, ValueError):
        weight = math.nan
    if not 0 <= weight < math.inf:
        raise DataError(
            f"{table.origin}:{table.line(index)}: {column} is {written!r}; a weight is a number of "
            "zero or more"
        )
    return weight
