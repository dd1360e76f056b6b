"""Service demands: how long a request keeps each resource busy, by regression over the stages.

    busy │          ·          U = X · D + U₀   the slope D is the demand (busy seconds a request),
    servers      ·             the intercept U₀ what is busy without any request
         │    ·                X_max = (servers − U₀) / D bounds throughput before it is reached
      U₀ │ ·
         └────────────► X, requests/s

Weighted least squares over the stages up to the one that completed most (past it a thrashing system
no longer follows the law), weighted by their seconds, D and U₀ not negative, with Student's t for a
90% interval. Where a component's line is too unsure to be of use (loads that lie close together),
its CPU is taken to idle without load, and the line to begin at zero. With fewer than
`STAGES_NEEDED` loads no line can be judged: D is U/X of the busiest stage, too high by what is busy
anyhow, and its interval says so. A resource whose use does not follow the load has D = 0 and bounds
nothing. What a hypervisor takes from the host (steal) is no request's: it is left out of the line,
and is busy anyhow.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from perfwright.analyze.interval import COVERAGE, NOTHING, Interval
from perfwright.analyze.resources import CPU, HOST, Resource, resources
from perfwright.analyze.view import Floats, View
from perfwright.model.stage import Stage

STAGES_NEEDED = 3
_LEAST_ERROR = 0.03
_LEAST_SLOPE = 0.2
_LEAST_ERROR_FROM_ZERO = 0.15
_UNSURE = 0.6
_BUSY = 0.7
_MOST_OF_OTHERS = 0.5
"""A fair scheduler gives a service that asks for it half of the host, whoever else is busy."""
_UNFITTED_LOW = 0.5
_NEGLIGIBLE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """`per_request_s`: busy seconds of the resource per request; `idle`: servers busy without load;
    `peak_ratio`: the highest utilization of a stage, 0..1; `fitted`: over several loads."""

    resource: Resource
    per_request_s: Interval
    idle: float
    peak_ratio: float
    fitted: bool

    @property
    def bound_per_s(self) -> Interval:
        """Requests/s at which it is used up; infinite where it does not follow the load."""
        free = max(self.resource.servers - self.idle, 0.0)
        demand = self.per_request_s
        return Interval(
            value=_quotient(free, demand.value),
            low=_quotient(free, demand.high),
            high=_quotient(free, demand.low),
        )


def demands(view: View) -> tuple[Demand, ...]:
    """Of every resource seen that follows the load, the tightest bound first."""
    every = resources(view)
    found = [_demand(view, resource) for resource in every]
    fitted = [one for one in found if one is not None and one.per_request_s.value > 0]
    host = next((one for one in every if one.kind == CPU and one.subject == HOST), None)
    if host is not None:
        fitted = _with_host(view, host, fitted)
    return tuple(sorted(fitted, key=lambda one: one.bound_per_s.value))


def _with_host(view: View, host: Resource, found: list[Demand]) -> list[Demand]:
    """The host serves all of its components: where its own line is lost among other processes' work
    (flatter than theirs), theirs together make it, and the rest of its use is others'."""
    parts = [one.per_request_s for one in found if one.resource.idles_at_zero]
    whole = functools.reduce(Interval.plus, parts, NOTHING)
    own = demand_of(found, HOST)
    stage = view.busiest
    busy = host.busy(view, stage)
    if busy is None or not parts or (own and own.per_request_s.value >= whole.value):
        return found
    others = max(busy - whole.value * stage.throughput_per_s, 0.0)
    made = Demand(
        resource=host,
        per_request_s=whole,
        idle=min(others, _MOST_OF_OTHERS * host.servers),
        peak_ratio=busy / host.servers,
        fitted=False,
    )
    return [*(one for one in found if one is not own), made]


def demand_of(found: Iterable[Demand], subject: str, kind: str = "cpu") -> Demand | None:
    """One subject's demand among `found`; None where it has none."""
    return next(
        (one for one in found if (one.resource.subject, one.resource.kind) == (subject, kind)), None
    )


def fit(rates: Floats, busy: Floats, weights: Floats) -> tuple[Interval, float]:
    """Slope with its interval, and intercept, both ≥ 0, of busy = slope · rate + intercept; three
    points or more."""
    slope, intercept = _line(rates, busy, weights)
    error = _slope_error(rates, busy, weights, slope, intercept)  # of the line without bounds
    if intercept < 0:
        slope, intercept = _through_origin(rates, busy, weights), 0.0
    slope = max(slope, 0.0)
    half = max(_quantile(len(rates) - 2) * error, _LEAST_ERROR * slope)
    low = max(slope - half, _LEAST_SLOPE * slope)
    return Interval(value=slope, low=low, high=slope + half), intercept


def fit_from_zero(rates: Floats, busy: Floats, weights: Floats) -> Interval:
    """As `fit`, for what is known to be idle without load: its intercept is 0."""
    slope = max(_through_origin(rates, busy, weights), 0.0)
    variance = float(np.sum(weights * (busy - slope * rates) ** 2)) / max(len(rates) - 1, 1)
    error = math.sqrt(variance / float(np.sum(weights * rates**2)))
    half = max(_quantile(len(rates) - 1) * error, _LEAST_ERROR_FROM_ZERO * slope)
    return Interval(value=slope, low=max(slope - half, _LEAST_SLOPE * slope), high=slope + half)


def _demand(view: View, resource: Resource) -> Demand | None:
    points = [
        (stage, busy)
        for stage in view.stages
        if (busy := resource.busy(view, stage)) is not None and stage.throughput_per_s > 0
    ]
    if not points:
        return None
    peak = max(busy for _, busy in points) / resource.servers
    lawful = [point for point in points if point[0].offered <= view.busiest.offered]
    used = lawful if len(lawful) >= STAGES_NEEDED else points
    fitted = len({stage.offered for stage, _ in used}) >= STAGES_NEEDED
    if fitted:
        rates = np.array([stage.throughput_per_s for stage, _ in used])
        weights = np.array([stage.duration_s for stage, _ in used])
        stolen = np.array([resource.stolen(view, stage) for stage, _ in used])
        use = np.array([busy for _, busy in used]) - stolen
        demand, idle = fit(rates, use, weights)
        if resource.idles_at_zero and demand.high - demand.low > _UNSURE * demand.value:
            demand, idle = fit_from_zero(rates, use, weights), 0.0
        idle += float(np.average(stolen, weights=weights))
    else:
        demand, idle = _at_one_load(used), 0.0
    if demand.value * view.busiest.throughput_per_s < _NEGLIGIBLE * resource.servers:
        return None
    if resource.kind != CPU and peak < _BUSY and demand.high - demand.low > _UNSURE * demand.value:
        return None  # a device that somebody uses now and then: no line, no bound
    return Demand(
        resource=resource, per_request_s=demand, idle=idle, peak_ratio=peak, fitted=fitted
    )


def _at_one_load(points: list[tuple[Stage, float]]) -> Interval:
    stage, busy = max(points, key=lambda point: point[0].throughput_per_s)
    most = busy / stage.throughput_per_s
    return Interval(value=most, low=_UNFITTED_LOW * most, high=most)


def _line(x: Floats, y: Floats, w: Floats) -> tuple[float, float]:
    x_mean, y_mean = np.average(x, weights=w), np.average(y, weights=w)
    spread = float(np.sum(w * (x - x_mean) ** 2))
    if spread == 0:
        return 0.0, float(y_mean)
    slope = float(np.sum(w * (x - x_mean) * (y - y_mean))) / spread
    return slope, float(y_mean) - slope * float(x_mean)


def _through_origin(x: Floats, y: Floats, w: Floats) -> float:
    return float(np.sum(w * x * y) / np.sum(w * x * x))


def _slope_error(x: Floats, y: Floats, w: Floats, slope: float, intercept: float) -> float:
    """Standard error of the slope."""
    variance = float(np.sum(w * (y - slope * x - intercept) ** 2)) / max(len(x) - 2, 1)
    spread = float(np.sum(w * (x - np.average(x, weights=w)) ** 2))
    return math.sqrt(variance / spread) if spread > 0 else 0.0


def _quantile(freedom: int) -> float:
    """Student's t for the 90% interval."""
    from scipy.special import stdtrit  # its import takes longer than the rest of a run's reasoning

    return float(stdtrit(max(freedom, 1), (1 + COVERAGE) / 2))


def _quotient(free: float, demand: float) -> float:
    return free / demand if demand > 0 else math.inf
