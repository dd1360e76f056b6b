"""PELT: the segmentation with the least cost plus penalty, exactly, in nearly linear time.

    F(t) = min over s ≤ t - m of  F(s) + C(s, t) + β      C(s, t) = Σ w_i (z_i - mean)², s < i ≤ t

    z │ ──────╮                C by running sums; a start s with F(s) + C(s, t) ≥ F(t) can never be
      │       ╰──────          best again once t itself may be a start, that is from t + m on
      └───────┬──────► t

Killick, Fearnhead & Eckley (2012), Optimal detection of changepoints with a linear computational
cost, JASA 107. Weights are 1 ÷ σ², so the cost is in units of noise and β needs no scale:
β = `PENALTY`·ln n, which counts two parameters (a level, a place) dearly enough for noise that is
not quite normal. Robustness is the caller's: cut the tails first.
"""

from __future__ import annotations

import numpy as np

from perfwright.analyze.trend.noise import Floats

PENALTY = 3.5


def pelt(
    values: Floats, weights: Floats, *, min_segment: int, penalty: float | None = None
) -> tuple[int, ...]:
    """The first index of each segment but the first. `penalty`: β, by default `PENALTY`·ln n."""
    n = values.size
    if n < 2 * min_segment:
        return ()
    beta = PENALTY * float(np.log(n)) if penalty is None else penalty
    sums = _Sums(values - np.median(values), weights)
    best = np.full(n + 1, np.inf)
    best[0] = -beta
    last = np.zeros(n + 1, dtype=int)
    starts = np.array([0])
    dies_at = np.array([n + 1])
    for t in range(min_segment, n + 1):
        alive = dies_at > t
        starts, dies_at = starts[alive], dies_at[alive]
        costs = best[starts] + sums.cost(starts, t)
        k = int(np.argmin(costs))
        best[t], last[t] = costs[k] + beta, starts[k]
        dies_at = np.where((costs >= best[t]) & (dies_at > n), t + min_segment, dies_at)
        new = t - min_segment + 1
        if new >= min_segment:
            starts, dies_at = np.append(starts, new), np.append(dies_at, n + 1)
    return _traced(last, n)


class _Sums:
    """Running sums from which the cost of any segment is a difference."""

    def __init__(self, values: Floats, weights: Floats) -> None:
        self._w = np.concatenate(([0.0], np.cumsum(weights)))
        self._wx = np.concatenate(([0.0], np.cumsum(weights * values)))
        self._wxx = np.concatenate(([0.0], np.cumsum(weights * values**2)))

    def cost(self, starts: np.ndarray, end: int) -> Floats:
        """C(s, end) for every s of `starts`."""
        w = self._w[end] - self._w[starts]
        wx = self._wx[end] - self._wx[starts]
        cost: Floats = self._wxx[end] - self._wxx[starts] - wx**2 / w
        return cost


def _traced(last: np.ndarray, n: int) -> tuple[int, ...]:
    changes = []
    at = int(last[n])
    while at > 0:
        changes.append(at)
        at = int(last[at])
    return tuple(reversed(changes))
