"""Think times of one edge: four families fitted by maximum likelihood, the best by AIC, or none.

Of families within 2 of the lowest AIC, which it cannot tell apart (Burnham & Anderson: "Model
Selection and Multimodel Inference", 2002), the one with the fewest parameters is taken.
Times are those the log shows: a gap between two requests, less the answer's duration where the log
tells it. What its clock rounds away is part of the likelihood (`families.py`). A family must also
describe what was seen: its largest distance from the empirical distribution (Kolmogorov–Smirnov)
may be 0.1. That is a limit and no significance test, which with enough data rejects every family.
Else quantiles are kept, each rounded time spread evenly over its own resolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from perfwright.analyze.workload.families import (
    FAMILIES,
    Family,
    Floats,
    Moments,
    Seen,
    observed_cdf,
)
from perfwright.model.think import Empirical, Think

KS_LIMIT = 0.1
ENOUGH = 30
_MAX_SAMPLES = 5_000
_MAX_DISTINCT = 160
_QUANTILES = 41
_LEAST_S = 1e-3
_NO_PAUSE_S = 0.05
_AS_GOOD = 2.0
_FAR = 30.0
_NEVER = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """`think`: None where there is no pause to speak of. `candidates`: (family, AIC), lowest
    first. `distance`: KS of the family taken, 0 where none was tried."""

    think: Think | None
    candidates: tuple[tuple[str, float], ...] = ()
    distance: float = 0.0


def fit_think(times_s: Floats, resolution_s: float, rng: np.random.Generator) -> Fit:
    """`times_s` as seen: at a coarse clock they may be 0, or just below it."""
    if times_s.size == 0 or np.quantile(times_s, 0.95) + resolution_s < _NO_PAUSE_S:
        return Fit(think=None)
    if times_s.size > _MAX_SAMPLES:
        times_s = rng.choice(times_s, _MAX_SAMPLES, replace=False)
    # A pause cannot be less than nothing: what a parallel request shows is counted as the least.
    times = np.maximum(times_s, -0.99 * resolution_s)
    if resolution_s < _LEAST_S:
        times = np.maximum(times, _LEAST_S)
    if times.size < ENOUGH or np.ptp(times) == 0:
        return Fit(think=_quantiles(times, resolution_s, rng))
    values, counts = _binned(times)
    positive = np.maximum(values, max(resolution_s / 3, _LEAST_S))
    moments, seen = _moments(positive, counts), Seen(values, resolution_s)
    fits = [(family, *_fitted(family, moments, seen, counts)) for family in FAMILIES]
    fits.sort(key=lambda fit: fit[2])
    best, parameters, _ = min(
        (fit for fit in fits if fit[2] - fits[0][2] < _AS_GOOD), key=lambda fit: fit[0].parameters
    )
    distance = _distance(best, parameters, np.sort(times), resolution_s)
    think = best.think(parameters) if distance <= KS_LIMIT else None
    return Fit(
        think=think or _quantiles(times, resolution_s, rng),
        candidates=tuple((family.name, round(aic, 2)) for family, _, aic in fits),
        distance=distance,
    )


def _binned(times: Floats) -> tuple[Floats, Floats]:
    """Distinct values and their counts; where those are many, means of neighbours."""
    values, counts = np.unique(times, return_counts=True)
    if values.size <= _MAX_DISTINCT:
        return values, counts.astype(float)
    ordered = np.sort(times)
    edges = np.linspace(0, ordered.size, _MAX_DISTINCT + 1).astype(int)[:-1]
    sizes = np.diff(np.append(edges, ordered.size))
    return np.add.reduceat(ordered, edges) / sizes, sizes.astype(float)


def _moments(values: Floats, counts: Floats) -> Moments:
    logs = np.log(values)
    log_mean = float(np.average(logs, weights=counts))
    deviation = float(np.sqrt(np.average((logs - log_mean) ** 2, weights=counts)))
    return Moments(float(np.average(values, weights=counts)), log_mean, max(deviation, 0.05))


def _fitted(family: Family, moments: Moments, seen: Seen, counts: Floats) -> tuple[Floats, float]:
    """Parameters and AIC."""

    def cost(parameters: Floats) -> float:
        if np.abs(parameters).max() > _FAR:
            return _NEVER
        with np.errstate(all="ignore"):
            likelihood = float((counts * np.log(seen.density(family, parameters))).sum())
        return -likelihood if np.isfinite(likelihood) else _NEVER

    found = optimize.minimize(
        cost,
        family.start(moments),
        method="Nelder-Mead",
        options={"xatol": 1e-3, "fatol": 1e-3, "maxiter": 200},
    )
    return np.asarray(found.x), 2 * family.parameters + 2 * float(found.fun)


def _distance(family: Family, parameters: Floats, ordered: Floats, resolution_s: float) -> float:
    values, last = np.unique(ordered[::-1], return_index=True)
    upto = (ordered.size - last) / ordered.size
    with np.errstate(all="ignore"):
        expected = observed_cdf(family, parameters, values, resolution_s)
    below = np.concatenate(([0.0], upto[:-1]))
    if resolution_s > 0 and values.size < ordered.size / 2:  # whole steps of the clock
        return float(np.abs(expected - upto).max())
    return float(np.maximum(np.abs(expected - upto), np.abs(expected - below)).max())


def _quantiles(times: Floats, resolution_s: float, rng: np.random.Generator) -> Empirical:
    spread = times + resolution_s * rng.uniform(-0.5, 0.5, times.size)
    # Reflected at 0, where half of the first step of the clock would lie below it.
    quantiles = np.quantile(np.abs(spread), np.linspace(0, 1, min(_QUANTILES, max(2, times.size))))
    return Empirical(tuple(float(f"{max(value, _LEAST_S):.4g}") for value in quantiles))
