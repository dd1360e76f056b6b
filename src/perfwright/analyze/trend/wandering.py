"""Does the series merely wander? What many steps describe may be slow noise under fast noise.

    x = AR(1) with φ + white noise with r times its innovations' variance
    g(ω) = 1 ÷ |1 - φ e^{-iω}|² + r

Its description costs n ln mean(I_j ÷ g_j) + Σ ln g_j (Whittle's likelihood, I the periodogram) and
2 ln n for its two numbers; it stands against the cost of the steps, and of one ramp, in the same
units. Wandering noise is whitened by its φ: too much rather than too little, so that little is
told.
"""

from __future__ import annotations

import numpy as np

from perfwright.analyze.trend.drift import ramp_squares
from perfwright.analyze.trend.noise import Floats

_PHIS = (0.8, 0.9, 0.95, 0.98)
_RATIOS = (0.0, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


def wandering(values: Floats) -> tuple[float, float]:
    """The cheapest cost, and its φ."""
    n = values.size
    periodogram = np.abs(np.fft.fft(values - values.mean())[1:]) ** 2 / n
    omega = 2 * np.pi * np.arange(1, n) / n
    costs = []
    for phi in _PHIS:
        slow = 1 / np.abs(1 - phi * np.exp(-1j * omega)) ** 2
        for ratio in _RATIOS:
            g = slow + ratio
            level = max(float(np.mean(periodogram / g)), 1e-300)
            costs.append((n * np.log(level) + float(np.log(g).sum()) + 2 * np.log(n), phi))
    cost, phi = min(costs)
    return float(cost), phi


def one_ramp(values: Floats) -> float:
    """The cost of a level, a ramp and a level in white noise."""
    n = values.size
    mean = max(ramp_squares(values) / n, 1e-300)
    return float(n * np.log(mean) + 4 * np.log(n))
