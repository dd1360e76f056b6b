"""How many connections the load makes its system close, by what they leave in TIME_WAIT.

    in TIME_WAIT(t) = closed per request · requests(t − 60 s … t) + what others leave

A closed connection stays for a minute on the side that closed first. So the count is regressed on
the requests of the last minute, second by second; where it does not follow them (coefficient of
determination below `_FOLLOWS`), nothing is said: somebody else's connections are not ours.
"""

from __future__ import annotations

import numpy as np

from perfwright.analyze.load_series import LOAD
from perfwright.analyze.resources import HOST
from perfwright.analyze.view import Floats, Series, View
from perfwright.model import metrics

_TIME_WAIT_S = 60
_LEAST_SECONDS = 15
_FOLLOWS = 0.8


def closed_per_request(view: View) -> float:
    """0 where it cannot be told."""
    waiting = view.series.get((metrics.SOCKETS, HOST, "time_wait"))
    done = view.series.get((metrics.LOAD_THROUGHPUT, LOAD, ""))
    if waiting is None or done is None or waiting.seconds.size < _LEAST_SECONDS:
        return 0.0
    recent = _of_last_minute(done, waiting)
    spread = recent - recent.mean()
    if not spread.any():
        return 0.0
    slope = float(spread @ waiting.values / (spread @ spread))
    rest = waiting.values - waiting.values.mean() - slope * spread
    explained = 1 - float(rest @ rest) / max(float(np.var(waiting.values)) * rest.size, 1e-9)
    return max(slope, 0.0) if explained >= _FOLLOWS else 0.0


def _of_last_minute(done: Series, at: Series) -> Floats:
    total: Floats = np.concatenate([[0.0], np.cumsum(done.values)])
    until = np.searchsorted(done.seconds, at.seconds, side="right")
    since = np.searchsorted(done.seconds, at.seconds - _TIME_WAIT_S, side="right")
    recent: Floats = total[until] - total[since]
    return recent
