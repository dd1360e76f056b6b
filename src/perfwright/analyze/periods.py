"""Regular events in a series: a period and its phase, or none.

    value │    ╷        ╷        ╷        a peak is above `_HIGH` × the median of its surroundings;
          │ ──────────────────────        runs of peaks are one event; at least three events whose
          └────────────────────── s       distances agree make a period

Distances agree when each is within `_SLACK` of the median distance or of twice it (one event was
missed). Times in seconds. How often pure chance does this is measured by the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.analyze.view import Floats

_HIGH = 3.0
_LEAST_EVENTS = 3
_SLACK = 0.2
_SLACK_S = 1.0
_MOST_OF_TIME = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`every_s`; `events`: the second of each event's highest value; `lasts_s` on average."""

    every_s: float
    events: tuple[float, ...]
    lasts_s: float


def period_of(seconds: Floats, values: Floats, *, least: float = 0.0) -> Period | None:
    """The period of peaks of at least `least` above the ordinary; None where there is none."""
    if values.size < 3 * _LEAST_EVENTS:
        return None
    ordinary = _surroundings(values)
    high = (values > _HIGH * ordinary) & (values - ordinary >= least)
    if not high.any() or high.mean() > _MOST_OF_TIME:
        return None
    runs = _runs(seconds, values, high)
    events = [run[0] for run in runs]
    if len(events) < _LEAST_EVENTS:
        return None
    gaps = np.diff(events)
    every = float(np.median(gaps))
    slack = max(_SLACK * every, _SLACK_S)
    regular = (np.abs(gaps - every) <= slack) | (np.abs(gaps - 2 * every) <= slack)
    if every < 2 * _SLACK_S or not regular.all():
        return None
    return Period(
        every_s=every,
        events=tuple(events),
        lasts_s=float(np.mean([run[1] for run in runs])),
    )


def contrast(seconds: Floats, values: Floats, events: tuple[float, ...]) -> float:
    """How many times larger a series is around the events than elsewhere; 1 where it is alike."""
    if not values.size:
        return 1.0
    near = np.min(np.abs(seconds[:, None] - np.array(events)[None, :]), axis=1) <= 1
    if not near.any() or near.all():
        return 1.0
    elsewhere = float(values[~near].mean())
    at = float(values[near].mean())
    return at / elsewhere if elsewhere > 0 else (float("inf") if at > 0 else 1.0)


def _surroundings(values: Floats, reach: int = 7) -> Floats:
    """The median of the values around each, for the load changes as the run goes on."""
    padded = np.pad(values, reach, mode="reflect" if values.size > reach else "edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)


def _runs(seconds: Floats, values: Floats, high: np.ndarray) -> list[tuple[float, float]]:
    """Of each run of high values: the second of its highest, and how many seconds it lasts."""
    runs = []
    indices = np.flatnonzero(high)
    for run in np.split(indices, np.flatnonzero(np.diff(indices) > 2) + 1):
        top = run[int(np.argmax(values[run]))]
        runs.append((float(seconds[top]), float(run[-1] - run[0] + 1)))
    return runs
