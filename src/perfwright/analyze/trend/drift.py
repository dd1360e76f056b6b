"""A slow climb or fall, told from steps: one drift is one change, not a staircase of ten.

    y │            ____ b         f(t) = 0 up to s, (t - s) ÷ (e - s) between, 1 from e on
      │          ╱                y ≈ a + (b - a) f
      │ a ______╱
      └────────s───e────► t

The ramp with the least squares over a grid of (s, e) stands against the steps found on the same
rows; each pays `_PRICE`·ln n for every number it has (a ramp two levels and two places; k steps
k + 1 levels and k places), in units of σ². Neighbouring changes of one direction are one group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfwright.analyze.trend.noise import Floats

LEAST_ROWS = 6
"""A ramp over fewer rows is a step."""
_GRID = 40
_ROWS = 600
_PRICE = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """From level `before` at row `start` to `after` at row `end`."""

    start: int
    end: int
    before: float
    after: float

    def holds(self, changes: Sequence[int], *, slack: int) -> bool:
        """Whether all `changes` lie on the ramp, give or take `slack` rows."""
        return self.start - slack <= min(changes) and max(changes) <= self.end + slack


def same_direction(levels: Sequence[float]) -> list[tuple[int, int]]:
    """Groups [i, j) of changes i (between `levels` i and i + 1) that go one way without a turn."""
    ups = np.sign(np.diff(np.asarray(levels, dtype=float)))
    groups: list[tuple[int, int]] = []
    start = 0
    for i in range(1, ups.size + 1):
        if i == ups.size or ups[i] != ups[start]:
            groups.append((start, i))
            start = i
    return groups


def ramp_of(values: Floats, changes: Sequence[int], sigma: float) -> Ramp | None:
    """The ramp that tells more of `values` than steps at `changes` do, or None."""
    n = values.size
    if n < 3 * LEAST_ROWS or sigma <= 0:
        return None
    every = max(1, n // _ROWS)
    thin = _thinned(values, every)
    start, end, before, after, squares = _best_ramp(thin, max(2, LEAST_ROWS // every))
    if end - start < max(2, LEAST_ROWS // every):
        return None
    k = len(changes)
    steps = _squares(thin, sorted({round(change / every) for change in changes}))
    noise = sigma**2 / every
    price = _PRICE * np.log(n)
    if squares / noise + 4 * price >= steps / noise + (2 * k + 1) * price:
        return None
    return Ramp(start=start * every, end=min(end * every, n - 1), before=before, after=after)


def ramp_squares(values: Floats) -> float:
    """What the best ramp leaves of all of `values`: the sum of squares, in rows' terms."""
    every = max(1, values.size // _ROWS)
    thin = _thinned(values, every)
    start, end, before, after, _ = _best_ramp(thin, 2)
    rows = np.arange(values.size) / every
    fitted = before + (after - before) * np.clip((rows - start) / max(end - start, 1), 0.0, 1.0)
    return float(((values - fitted) ** 2).sum())


def _thinned(values: Floats, every: int) -> Floats:
    """Means of `every` neighbours."""
    if every == 1:
        return values
    whole = values[: values.size // every * every]
    means: Floats = whole.reshape(-1, every).mean(axis=1)
    return means


def _squares(values: Floats, changes: Sequence[int]) -> float:
    parts = np.split(values, changes)
    return float(sum(((part - part.mean()) ** 2).sum() for part in parts if part.size))


def _best_ramp(values: Floats, least: int) -> tuple[int, int, float, float, float]:
    """start, end, before, after and sum of squares: a coarse grid of (s, e), then a fine one."""
    n = values.size
    coarse = np.unique(np.linspace(0, n - 1, _GRID).astype(int))
    start, end = _fitted(values, coarse, coarse, least)[:2]
    reach = max(1, n // _GRID + 1)
    starts = np.arange(max(0, start - reach), min(n, start + reach + 1))
    ends = np.arange(max(0, end - reach), min(n, end + reach + 1))
    return _fitted(values, starts, ends, least)


def _fitted(
    values: Floats, starts: np.ndarray, ends: np.ndarray, least: int
) -> tuple[int, int, float, float, float]:
    s, e = (grid.ravel() for grid in np.meshgrid(starts, ends, indexing="ij"))
    s, e = s[e - s >= least], e[e - s >= least]
    if not s.size:
        return 0, 0, 0.0, 0.0, np.inf
    rows = np.arange(values.size)
    f = np.clip((rows[None, :] - s[:, None]) / (e - s)[:, None], 0.0, 1.0)
    centred = f - f.mean(axis=1, keepdims=True)
    y = values - values.mean()
    across = (centred**2).sum(axis=1)
    slope = centred @ y / np.maximum(across, 1e-12)
    squares = (y**2).sum() - slope**2 * across
    k = int(np.argmin(squares))
    before = float(values.mean() - slope[k] * f[k].mean())
    return int(s[k]), int(e[k]), before, before + float(slope[k]), float(squares[k])
