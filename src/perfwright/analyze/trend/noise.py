"""The noise of a series that may have steps in it: its scale σ and its autocorrelation φ.

Steps and spikes spoil the standard deviation, so σ comes from neighbours' differences. Noise is
taken as AR(1), e_t = φ e_{t-1} + η_t. Of differences over k rows

    mean |x_{t+k} - x_t|² ∝ 1 - φ^k,      each difference cut at `_CUT` of its scale

which gives φ, but steps make it larger than it is: `ar1_of` is an upper bound, `whitening.py`
settles it. Whitened, z_t = (x_t - φ x_{t-1}) ÷ (1 - φ): a level stays what it is, and neighbours no
longer depend on each other. A constant series has σ = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIGMA_PER_MAD = 1.4826
MOST_PHI = 0.98
_LAGS = np.array([1, 2, 3, 4])
_CUT = 3.0
_TAME = 5.0
_ORDINARY = 0.9
_TINY = 1e-3
"""Noise is taken as no less than this share of the series' range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """`sigma`: of the innovations of the whitened series. `phi`: 0..`MOST_PHI`."""

    sigma: float
    phi: float

    @property
    def block(self) -> int:
        """Rows after which neighbours are as good as independent: resample whole blocks of them."""
        return 1 if self.phi == 0 else int(np.ceil(3.0 / (1.0 - self.phi)))


def ar1_of(values: Floats) -> float:
    """φ of the noise in 0..`MOST_PHI`, too large rather than too small where there are steps."""
    if values.size < 3 * _LAGS.size:
        return 0.0
    squares = np.array([_cut_square(values[lag:] - values[:-lag]) for lag in _LAGS])
    if not np.all(squares > 0):
        return 0.0
    phis = np.linspace(0.0, MOST_PHI, 99)
    expected = (1 - phis[:, None] ** _LAGS) / (1 - phis[:, None])
    off = np.log(expected) - np.log(squares / squares[0])
    return float(phis[np.argmin((off**2 / _LAGS).sum(axis=1))])


def _cut_square(steps: Floats) -> float:
    size = np.abs(steps)
    return float(np.mean(np.minimum(size, _CUT * SIGMA_PER_MAD * np.median(size)) ** 2))


def whitened(values: Floats, phi: float) -> Floats:
    """As long as `values`; the first stands for itself. Levels are kept."""
    if phi == 0:
        return values
    z = np.empty_like(values)
    z[1:] = (values[1:] - phi * values[:-1]) / (1 - phi)
    z[0] = np.median(z[1:4])
    return z


def scale_of(values: Floats) -> float:
    """σ of the noise from neighbours' differences; 0 only of a constant series."""
    if values.size < 2:
        return 0.0
    steps = np.abs(np.diff(values))
    sigma = SIGMA_PER_MAD * float(np.median(steps)) / np.sqrt(2)
    if sigma <= 0:  # most neighbours are equal: rounded values
        sigma = float(np.mean(np.minimum(steps, np.quantile(steps, 0.9))))
    sigma = max(sigma, _TINY * float(np.ptp(values)))
    tame = np.minimum(steps, _TAME * sigma)  # heavy tails count, a few steps do not
    return float(max(sigma, np.sqrt(np.mean(tame**2) / 2)))


def mad(values: Floats) -> float:
    """The standard deviation of normal values, from their median absolute deviation."""
    if not values.size:
        return 0.0
    return SIGMA_PER_MAD * float(np.median(np.abs(values - np.median(values))))


def spread(values: Floats) -> float:
    """The standard deviation without the farthest values; more than the MAD of rounded values,
    whose median deviation is often nothing."""
    if not values.size:
        return 0.0
    apart = np.abs(values - np.median(values))
    tame = np.minimum(apart, np.quantile(apart, _ORDINARY))
    return max(mad(values), float(np.sqrt(np.mean(tame**2))))


def running_median(values: Floats, width: int) -> Floats:
    """The median of the `width` (odd) values around each; the ends see themselves mirrored."""
    from scipy.ndimage import median_filter

    smooth: Floats = median_filter(values, size=width, mode="reflect")
    return smooth


def tails_cut(values: Floats, *, width: int, sigmas: float = 3.5) -> Floats:
    """Each value at most `sigmas` scales from the median of its surroundings: a spike shorter than
    half the `width` becomes ordinary, a step stays one."""
    around = running_median(values, width)
    apart = values - around
    reach = sigmas * max(spread(apart), _TINY * float(np.ptp(values)))
    cut: Floats = around + np.clip(apart, -reach, reach)
    return cut
