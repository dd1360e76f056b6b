"""Does memory grow with every request served? Slope of resident memory against requests.

    RSS │            ___╱  slope within a stage: bytes kept per request
        │       ____╱      between stages it may jump: more connections, more under way (no leak)
        │   ___╱
        └────────────────► requests served

Each held stage of four seconds or more gives the Theil–Sen slope (the median of all pairs' slopes:
a lone jump does not move it) of memory over requests served so far. What warms up flattens out, so
the later half of the stages is judged by itself: a leak goes on. Stages past the knee are left out,
for queued requests hold memory, too. H. Theil (1950); P. K. Sen, JASA 63 (1968).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from perfwright.analyze.view import Floats, View
from perfwright.model import metrics
from perfwright.model.stage import Stage

_LEAST_SECONDS = 4
_POINTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryGrowth:
    """`bytes_per_request`: median over the later stages, each weighted by its requests, `low` and
    `high` the quartiles; `grown_bytes` in all; `rising`: part of the requests that were served in
    stages where it grew; `requests`: how many were looked at."""

    subject: str
    bytes_per_request: float
    low: float
    high: float
    grown_bytes: float
    first_bytes: float
    last_bytes: float
    rising: float
    later_to_earlier: float
    requests: float


def memory_growth(view: View, subject: str) -> MemoryGrowth | None:
    """None where no stage says anything."""
    held = [one for one in view.stages if one.offered <= view.at_knee.offered]
    slopes = [(one, slope) for one in held if (slope := _slope(view, subject, one)) is not None]
    if not slopes:
        return None
    weights = np.array([one.throughput_per_s * one.duration_s for one, _ in slopes])
    values = np.array([slope for _, slope in slopes])
    later = np.cumsum(weights) > weights.sum() / 3 if len(slopes) > 1 else np.array([True])
    low, middle, high = (_quantile(values[later], weights[later], q) for q in (0.25, 0.5, 0.75))
    earlier = _quantile(values[~later], weights[~later], 0.5) if (~later).any() else middle
    readings = np.concatenate(
        [view.values(metrics.PROCESS_MEMORY, subject, stage=one) for one, _ in slopes]
    )
    return MemoryGrowth(
        subject=subject,
        bytes_per_request=middle,
        low=low,
        high=high,
        grown_bytes=float(readings[-1] - readings[0]),
        first_bytes=float(readings[0]),
        last_bytes=float(readings[-1]),
        rising=float(weights[values > 0].sum() / weights.sum()),
        later_to_earlier=middle / earlier if earlier > 0 else 1.0,
        requests=float(weights.sum()),
    )


def _slope(view: View, subject: str, stage: Stage) -> float | None:
    """Bytes per request within a stage; None where it is too short."""
    values = view.values(metrics.PROCESS_MEMORY, subject, stage=stage)
    if values.size < _LEAST_SECONDS or stage.throughput_per_s <= 0:
        return None
    return theil_sen(values[:_POINTS]) / stage.throughput_per_s


def theil_sen(values: Floats) -> float:
    """The median slope between all pairs of values that are one second apart each."""
    pairs = combinations(range(values.size), 2)
    return float(np.median([(values[j] - values[i]) / (j - i) for i, j in pairs]))


def _quantile(values: Floats, weights: Floats, q: float) -> float:
    order = np.argsort(values)
    summed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(summed, q * summed[-1])])
