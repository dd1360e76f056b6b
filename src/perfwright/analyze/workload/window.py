"""The stretch of time that a log is about, when a few of its stamps are far off.

One line of 1970 in a log of today would make all rates nothing. Where a thousandth of the requests
at either end takes up nine tenths of the time, the log is taken to be about the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.model.traffic import Bins, Visits

_TAIL = 0.001
_SHRINKS = 10
_ENOUGH = 100


@dataclass(frozen=True, slots=True)
class Window:
    """`outside`: requests that lie beyond it."""

    begin_us: int
    end_us: int
    outside: int = 0


def window_of(visits: Visits, begin_us: int, end_us: int) -> Window:
    """Within the log's own first and last stamp."""
    times = visits.time_us
    if times.size < _ENOUGH:
        return Window(begin_us, end_us)
    ordered = np.sort(times)
    tail = max(1, int(_TAIL * ordered.size))
    low, high = int(ordered[tail]), int(ordered[-1 - tail])
    if _SHRINKS * (high - low) >= end_us - begin_us or high == low:
        return Window(begin_us, end_us)
    # What lies next to the bulk belongs to it.
    margin = high - low
    inside = ordered[(ordered >= low - margin) & (ordered <= high + margin)]
    return Window(int(inside[0]), int(inside[-1]), int(ordered.size - inside.size))


def bins_within(visits: Visits, window: Window, bin_s: float) -> Bins:
    """Requests and beginnings of sessions in the window, in proportion where visitors were
    sampled."""
    bin_us = round(bin_s * 1e6)
    first = window.begin_us // bin_us
    edges = bin_us * np.arange(first, window.end_us // bin_us + 2)
    begins = visits.time_us[np.flatnonzero(np.diff(visits.session, prepend=-1))]
    requests, _ = np.histogram(visits.time_us, edges)
    sessions, _ = np.histogram(begins, edges)
    return Bins(
        begin_s=edges[:-1] / 1e6,
        requests=np.rint(requests / visits.sampled_ratio).astype(np.int64),
        sessions=np.rint(sessions / visits.sampled_ratio).astype(np.int64),
    )
