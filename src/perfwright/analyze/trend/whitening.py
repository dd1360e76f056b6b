"""Steps or autocorrelation? Both make neighbours alike, so they are settled together.

For each φ of a grid up to what differences allow, the series is whitened and segmented by PELT; the
φ whose description is cheapest is taken:

    n ln mean η_t² + β k      η_t = e_t - φ e_{t-1}, e = x - level      β = `PENALTY`·(1 + φ²) ln n

White noise with steps is cheapest at φ = 0 with its steps; AR(1) noise is cheapest without steps at
its φ. The likelihood is that of Chakar et al. (2017), A robust approach for estimating
change-points in the mean of an AR(1) process, Bernoulli 23(2), maximised over a grid instead of
step by step.
"""

from __future__ import annotations

import numpy as np

from perfwright.analyze.trend.noise import (
    MOST_PHI,
    Floats,
    Noise,
    ar1_of,
    scale_of,
    tails_cut,
    whitened,
)
from perfwright.analyze.trend.pelt import PENALTY, pelt
from perfwright.analyze.trend.wandering import one_ramp, wandering

MIN_SEGMENT = 4
WIDTH = 2 * MIN_SEGMENT - 1
_GRID = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, MOST_PHI)
_STANDARD_ERROR = 1.2
"""Of `ar1_of`, times √n; measured on white noise."""
_MANY = 4
"""From so many steps on the series may as well wander (`wandering.py`)."""


def cleaned(values: Floats) -> Floats:
    """Without spikes of up to `MIN_SEGMENT` - 1 rows."""
    return tails_cut(values, width=WIDTH)


def noise_of(values: Floats) -> Noise:
    """Of cleaned values."""
    most = ar1_of(values) + _STANDARD_ERROR / np.sqrt(max(1, values.size))
    cheapest, steps, found = np.inf, 0, Noise(sigma=scale_of(values), phi=0.0)
    for phi in _GRID:
        if phi > most or found.sigma == 0:
            break
        z = cleaned(whitened(values, phi))
        sigma = scale_of(z)
        cost, number = _cost(values, z, sigma, phi)
        if cost < cheapest:
            cheapest, steps, found = cost, number, Noise(sigma=sigma, phi=phi)
    if steps >= _MANY:
        cost, phi = wandering(values)
        if cost < min(cheapest, one_ramp(values)):
            return Noise(sigma=scale_of(cleaned(whitened(values, phi))), phi=phi)
    return found


def _cost(values: Floats, z: Floats, sigma: float, phi: float) -> tuple[float, int]:
    """In twice the negative logarithm of the likelihood; and how many steps. Steps are sought in z,
    whose tails are cut, and paid for in `values`, where a jump that no step explains is dear."""
    n = z.size
    if sigma <= 0 or n < 2 * MIN_SEGMENT:
        return np.inf, 0
    beta = PENALTY * (1 + phi**2) * float(np.log(n))
    changes = pelt(z, np.full(n, sigma**-2), min_segment=MIN_SEGMENT, penalty=beta)
    level = np.concatenate([np.full(part.size, part.mean()) for part in np.split(z, changes)])
    left = values - level
    shocks = np.concatenate((left[:1] * (1 - phi), left[1:] - phi * left[:-1]))
    mean = max(float(np.mean(shocks**2)), 1e-12 * sigma**2)
    return float(n * np.log(mean) + beta * len(changes)), len(changes)
