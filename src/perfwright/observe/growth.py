"""How much counters of things that come and go grew between two reads.

    read 1   thread A: 100                     A grew by 20: what it counted since
    read 2   thread A: 120   thread B: 7       B by 7 if it was born since read 1, else by nothing
    read 3                   thread B: 9       (it was there before, only not seen: no history)

A counter that fell was reset and grew by nothing. Times are seconds since boot.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class Counts(NamedTuple):
    """What one thing has counted by now, several counters side by side, and when it was born."""

    values: tuple[float, ...]
    born_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown(Generic[K]):
    """By how much each thing's counters grew over `elapsed_s`; those that vanished are in `gone`,
    with what they had last counted."""

    elapsed_s: float
    by: Mapping[K, tuple[float, ...]]
    gone: Mapping[K, tuple[float, ...]]

    def per_s(self, column: int) -> float:
        """The sum over all things of one counter's growth a second."""
        return sum(values[column] for values in self.by.values()) / self.elapsed_s


class Growth(Generic[K]):
    """Remembers the counters of the read before."""

    def __init__(self) -> None:
        self._last: Mapping[K, Counts] = {}
        self._read_s: float | None = None

    def since_last(self, now: Mapping[K, Counts], now_s: float) -> Grown[K] | None:
        """None at the first read, and where no time went by."""
        last, last_s = self._last, self._read_s
        self._last, self._read_s = now, now_s
        if last_s is None or now_s <= last_s:
            return None
        by = {key: _growth(counts, last.get(key), last_s) for key, counts in now.items()}
        gone = {key: counts.values for key, counts in last.items() if key not in now}
        return Grown(elapsed_s=now_s - last_s, by=by, gone=gone)


def _growth(now: Counts, last: Counts | None, last_s: float) -> tuple[float, ...]:
    if last is not None:
        return tuple(max(0.0, a - b) for a, b in zip(now.values, last.values, strict=True))
    return now.values if now.born_s > last_s else (0.0,) * len(now.values)
