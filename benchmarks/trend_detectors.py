"""Who is asked for changes in a series: we, and those we stand beside.

perfwright   `analyze.trend.examine`
t-test       as Mozilla's Perfherder: Student's t of 12 rows before and after, weighted to the
             nearest, where it is above 7 and larger than its neighbours'
nothing      never reports; a detector that scores less than this does harm
otava, pelt  run by `trend_peers.py` in an environment of their own
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from labelled_series import Floats, Labelled
from perfwright.analyze.trend.examine import examine
from perfwright.model.trend import NamedSeries, Trend

Detector = Callable[[Sequence[Labelled]], list[list[int]]]

PEERS = Path(__file__).with_name("trend_peers.py")
_BACK = 24
_LEAST_BACK = 12
_FORE = 12
_T = 7.0


def trend_of(series: Labelled) -> Trend:
    """Ours, changes and anomalies."""
    times = range(series.values.size)
    return examine(
        NamedSeries(
            name=series.kind,
            unit="",
            times=times,
            values=series.values.tolist(),
            seconds=[row * series.step_s for row in times],
        )
    )


def perfwright(many: Sequence[Labelled]) -> list[list[int]]:
    return [[change.index for change in trend_of(one).change_points] for one in many]


def nothing(many: Sequence[Labelled]) -> list[list[int]]:
    return [[] for _ in many]


def t_test(many: Sequence[Labelled]) -> list[list[int]]:
    return [_t_changes(one.values) for one in many]


def peer(python: Path, name: str) -> Detector:
    """A detector of `trend_peers.py`, run by the interpreter that has it."""

    def asked(many: Sequence[Labelled]) -> list[list[int]]:
        finished = subprocess.run(
            [python, PEERS, name],
            input=json.dumps([one.values.tolist() for one in many]),
            capture_output=True,
            text=True,
            check=True,
        )
        found: list[list[int]] = json.loads(finished.stdout)
        return found

    return asked


def _t_changes(values: Floats) -> list[int]:
    n = values.size
    t = np.zeros(n)
    last_seen = _BACK
    for i in range(1, n):
        back = min(_BACK, max(_LEAST_BACK, last_seen))
        before, after = values[max(0, i - back) : i][::-1], values[i : i + _FORE]
        if before.size < _LEAST_BACK or after.size < _FORE:
            continue
        t[i] = abs(_weighted_t(before, after))
        last_seen = 0 if t[i] > _T else last_seen + 1
    return [
        i for i in range(1, n - 1)
        if t[i] > _T and t[i] >= t[i - 1] and t[i] > t[i + 1]
        and t[i] == t[max(0, i - _FORE) : i + _FORE].max()
    ]  # fmt: skip


def _weighted_t(before: Floats, after: Floats) -> float:
    parts = []
    for part in (before, after):
        weights = (part.size - np.arange(part.size)) / part.size
        mean = float(np.average(part, weights=weights))
        variance = float(((part - mean) ** 2).sum() / (part.size - 1))
        parts.append((mean, variance / part.size))
    (a, va), (b, vb) = parts
    return (b - a) / np.sqrt(va + vb) if va + vb > 0 else 0.0 if a == b else np.inf
