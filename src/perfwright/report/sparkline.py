"""A series as one line of eight heights: `▂▂▃▂▂▆▇▆▇`, with room for marks below it.

Each column is the mean of the rows that fall in it; a blank is a stretch without values. Heights go
from the lowest to the highest column, the one or two most extreme of many left out of the scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], width: int) -> str:
    """At most `width` characters; one per value where there are fewer."""
    columns = [_mean(values[start:end]) for start, end in _bounds(len(values), width)]
    known = sorted(value for value in columns if value is not None)
    if not known:
        return " " * len(columns)
    aside = len(known) // 50
    low, high = known[aside], known[len(known) - 1 - aside]
    return "".join(_bar(value, low, high) for value in columns)


def column_of(index: int, rows: int, width: int) -> int:
    """Which column of the sparkline holds row `index`."""
    for column, (start, end) in enumerate(_bounds(rows, width)):
        if start <= index < end:
            return column
    return 0


def _bounds(rows: int, width: int) -> list[tuple[int, int]]:
    columns = min(rows, width)
    return [(rows * i // columns, rows * (i + 1) // columns) for i in range(columns)]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def _bar(value: float | None, low: float, high: float) -> str:
    if value is None:
        return " "
    if high <= low:
        return _BARS[3]
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]
