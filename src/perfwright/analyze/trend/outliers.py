"""Moments out of the ordinary, after season and changes are taken out, merged into intervals.

Two scores, the larger counts, in standard deviations by MAD, upper and lower side each with its own
scale because response times are skewed:
    how far the row is from what is expected          |r_t| ÷ σ
    how far from what its two neighbours foretell     |r_t - φ (r_{t-1} + r_{t+1}) ÷ (1 + φ²)| ÷ σ'
                                                      with σ' = σ √((1 - φ²) ÷ (1 + φ²))

The threshold grows with the tails of the noise: `THRESHOLD` for normal noise, more where one row of
ten is farther out than a normal's would be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.analyze.trend.changes import Changes
from perfwright.analyze.trend.noise import SIGMA_PER_MAD, Floats, tails_cut

THRESHOLD = 4.5
_TAIL = 0.9
_NORMAL_AT_TAIL = 2.44
"""How many times its median a normal value exceeds, in size, once in ten times."""
_TAIL_POWER = 3.0
"""A tail that is heavier at one row of ten is this power heavier at one of a thousand."""
_LEAST_SCALE = 0.5
"""Of one side, in σ: of rounded values half may be equal."""
_GAP = 3
_LEAST_ROWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Rows `start`..`end`, both inclusive; `score`: the highest; `worst`: the farthest row."""

    start: int
    end: int
    worst: int
    score: float


def outliers_of(values: Floats, found: Changes) -> tuple[Span, ...]:
    """In order of time."""
    apart = values - found.level
    if values.size < _LEAST_ROWS or np.ptp(apart) == 0:
        return ()
    scores = scores_of(apart, found.sigma, found.noise.phi)
    flagged = scores >= THRESHOLD
    for start, end in found.excursions:
        flagged[start:end] = True
        score = _of_excursion(apart[start:end], found.sigma[start:end], found.noise.phi)
        scores[start:end] = np.maximum(scores[start:end], score)
    return tuple(_spans(flagged, scores, np.abs(apart)))


def scores_of(apart: Floats, sigma: Floats, phi: float) -> Floats:
    """Of each row, scaled so that `THRESHOLD` is the limit."""
    plain = _tailed(apart / sigma)
    if phi == 0:
        return plain
    calm = tails_cut(apart, width=7)
    near = np.pad(calm, 1, mode="edge")
    foretold = phi * (near[:-2] + near[2:]) / (1 + phi**2)
    surprise = (apart - foretold) / (sigma * np.sqrt((1 - phi**2) / (1 + phi**2)))
    larger: Floats = np.maximum(plain, _tailed(surprise))
    return larger


def _of_excursion(apart: Floats, sigma: Floats, phi: float) -> float:
    """How many standard errors of its own the mean of a few rows is off."""
    error = float(np.mean(sigma)) * float(np.sqrt((1 + phi) / (1 - phi) / apart.size))
    return max(THRESHOLD, abs(float(np.mean(apart))) / error)


def _tailed(z: Floats) -> Floats:
    """|z|, each side in units of its own scale and tail."""
    centred = z - np.median(z)
    scores = np.zeros_like(centred)
    for side in (1, -1):
        mine = centred * side > 0
        size = np.abs(centred[mine])
        if not size.size:
            continue
        scale = SIGMA_PER_MAD * float(np.median(size))
        scale = max(scale, _LEAST_SCALE)
        tail = SIGMA_PER_MAD * float(np.quantile(size, _TAIL)) / (scale * _NORMAL_AT_TAIL)
        scores[mine] = size / (scale * max(1.0, tail) ** _TAIL_POWER)
    return scores


def _spans(flagged: np.ndarray, scores: Floats, far: Floats) -> list[Span]:
    rows = np.flatnonzero(flagged)
    if not rows.size:
        return []
    spans = []
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > _GAP) + 1):
        worst = int(run[np.argmax(far[run])])
        score = float(scores[run].max())
        spans.append(Span(start=int(run[0]), end=int(run[-1]), worst=worst, score=score))
    return spans
