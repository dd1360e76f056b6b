"""What counts up becomes a rate a second, and a histogram's buckets become quantiles.

    counter   100 ─ 1 s ─► 130 ─ 2 s ─► 130 ─ 1 s ─► 20 (it began anew)
    rate               30/s         0/s          20/s

A counter that goes down was reset with its process; what it shows since then is its increase, as
Prometheus has it. The first sight of a counter gives nothing. Quantiles follow Prometheus too:
linear within a bucket, the last finite bound where a value lies beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from itertools import pairwise

MAX_SERIES = 2000
"""Series that one probe publishes; more are cut, and it is noted."""

QUANTILES = {"p50": 0.5, "p99": 0.99}
"""By the label under which they are published."""


class Counters:
    """Counters by key, and when each was last read."""

    def __init__(self) -> None:
        self._last: dict[Hashable, tuple[float, float]] = {}

    def rate(self, key: Hashable, value: float, at_s: float) -> float | None:
        """Per second since the last reading; None at the first, or where no time has passed."""
        last = self._last.get(key)
        if last is not None and at_s <= last[0]:
            return None
        self._last[key] = (at_s, value)
        if last is None:
            return None
        increase = value - last[1] if value >= last[1] else value
        return increase / (at_s - last[0])

    def forget_before(self, at_s: float) -> None:
        """Drops counters not read since: series come and go with their labels."""
        self._last = {key: last for key, last in self._last.items() if last[0] >= at_s}


def quantile(q: float, buckets: Sequence[tuple[float, float]]) -> float | None:
    """The q-quantile of a histogram of (upper bound, how many at most that), bounds ascending and
    +Inf last; None where it is empty or malformed."""
    if not buckets or not math.isinf(buckets[-1][0]) or buckets[-1][1] <= 0:
        return None
    rank = q * buckets[-1][1]
    below, lower = 0.0, min(0.0, buckets[0][0])
    for bound, count in buckets:
        if count >= rank and count > below:
            if math.isinf(bound):
                return lower if len(buckets) > 1 else None
            return lower + (bound - lower) * (rank - below) / (count - below)
        below, lower = max(below, count), bound
    return None


def cumulated(bounds: Sequence[float], counts: Sequence[float]) -> list[tuple[float, float]]:
    """A histogram of separate counts (one more than bounds) as `quantile` takes it."""
    total, buckets = 0.0, []
    for bound, count in zip((*bounds, math.inf), counts, strict=True):
        total += count
        buckets.append((bound, total))
    return buckets


def is_ascending(bounds: Sequence[float]) -> bool:
    return all(a < b for a, b in pairwise(bounds))
