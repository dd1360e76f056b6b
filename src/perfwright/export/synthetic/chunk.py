"""A run of rows under way: what the columns made so far hold, for those that are made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Values:
    """A column's values of a chunk. `nulls`: where there is none, or None where all are there."""

    data: Array
    nulls: NDArray[np.bool_] | None = None

    def listed(self) -> list[Any]:
        """As Python values, None where there is none."""
        listed: list[Any] = self.data.tolist()
        if self.nulls is not None:
            for index in np.flatnonzero(self.nulls).tolist():
                listed[index] = None
        return listed

    def texts(self) -> list[str]:
        """As text: `true`, `false`, nothing where there is none."""
        listed = self.listed()
        kinds = set(map(type, listed))
        if kinds == {str}:
            return listed
        if kinds <= {int, float}:
            return list(map(str, listed))
        return [_text(value) for value in listed]


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows [start, start + rows) of a table. `values`, `scores`: of the columns made so far; scores
    are the normal scores of those that others are correlated with."""

    start: int
    rows: int
    values: dict[str, Values] = field(default_factory=dict)
    scores: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def positions(self) -> NDArray[np.int64]:
        return np.arange(self.start, self.start + self.rows, dtype=np.int64)


Maker: TypeAlias = Callable[[Chunk], Array]
"""Makes a column's values of a chunk; called once for each chunk, in order."""


def generator(seed: int, *names: str) -> np.random.Generator:
    """Independent of every other generator that has other names."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    entropy = (seed, int.from_bytes(digest[:16], "little"))
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(entropy)))
