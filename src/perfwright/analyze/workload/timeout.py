"""After how long a silence a visitor's next request begins a new session.

Gaps between the requests of a visitor are of two kinds: within a visit, and between visits. Their
logarithms are a mixture of normals; the timeout is where a gap is as likely of the one kind as of
the other (Halfaker, Keyes, Kluver, Thebault-Spieker, Nguyen, Shores, Uduwage & Warncke-Wang: "User
Session Identification Based on Strong Regularities in Inter-activity Time", WWW 2015).

    density │   ▂▅█▇▅▂▁         ▂▄▅▄▂
            │ ▂▆███████▅▂▁▁▁▂▄▆██████▅▂
            └──────────────┴──────────────► log gap
               within      timeout   between

One to four components are fitted by EM to a histogram of the logarithms, the number chosen by BIC;
those with a median of 30 minutes and more are "between". The crossing counts where it is between
5 and 60 minutes; everything else, too few gaps or a log shorter than a few hours among it, gives
the customary 30 minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfwright.model.units import format_duration

DEFAULT_S = 1800.0
LOW_S, HIGH_S = 300.0, 3600.0
_ENOUGH_GAPS = 500
_ENOUGH_LONG = 50
_BETWEEN_S = 1800.0
_MAX_COMPONENTS = 4
_BINS_PER_E = 8
_ROUNDS = 300

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Timeout:
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class _Mixture:
    weights: Floats
    means: Floats
    deviations: Floats
    bic: float

    def densities(self, at: Floats) -> Floats:
        z = (at[:, None] - self.means) / self.deviations
        result: Floats = self.weights * np.exp(-0.5 * z * z) / self.deviations
        return result


def choose_timeout(gaps_s: Floats) -> Timeout:
    """From the gaps between successive requests of each visitor; those under 1 s are left aside."""
    gaps = gaps_s[gaps_s >= 1.0]
    long = int((gaps >= LOW_S).sum())
    if gaps.size < _ENOUGH_GAPS or long < _ENOUGH_LONG:
        return Timeout(
            DEFAULT_S,
            f"30 minutes, the customary value: {long:,} gaps of 5 minutes and more are too few to "
            "find a better one",
        )
    mixture = _best_mixture(np.log(gaps))
    between = mixture.means >= math.log(_BETWEEN_S)
    if not between.any() or between.all():
        return Timeout(
            DEFAULT_S,
            "30 minutes, the customary value: the gaps between requests fall into no two groups, "
            "within visits and between them",
        )
    at = np.linspace(math.log(1.0), math.log(7 * 86_400.0), 4000)
    densities = mixture.densities(at)
    within_wins = densities[:, ~between].sum(1) >= densities[:, between].sum(1)
    inside = at >= mixture.means[~between].max()
    crossing_s = float(np.exp(at[inside & ~within_wins][0])) if (inside & ~within_wins).any() else 0
    if not LOW_S <= crossing_s <= HIGH_S:
        bounded_s = min(max(crossing_s, LOW_S), HIGH_S)
        return Timeout(
            bounded_s,
            f"{format_duration(bounded_s)}: gaps within and between visits are equally likely at "
            f"{format_duration(crossing_s)}, outside the 5 to 60 minutes that are sensible",
        )
    rounded_s = 60.0 * max(1, round(crossing_s / 60))
    return Timeout(
        rounded_s,
        f"{format_duration(rounded_s)}: where a gap is as likely within a visit as between two "
        f"(a mixture of {mixture.means.size} log-normals, number by BIC; Halfaker et al. 2015)",
    )


def _best_mixture(logs: Floats) -> _Mixture:
    edges = np.linspace(0.0, logs.max() + 1e-9, max(20, int(_BINS_PER_E * logs.max())))
    counts, _ = np.histogram(logs, edges)
    centres = (edges[:-1] + edges[1:]) / 2
    kept = counts > 0
    fitted = [
        _fit(centres[kept], counts[kept].astype(float), components)
        for components in range(1, _MAX_COMPONENTS + 1)
    ]
    return min(fitted, key=lambda mixture: mixture.bic)


def _fit(centres: Floats, counts: Floats, components: int) -> _Mixture:
    """EM over the bins, begun at evenly spaced quantiles; deviations are at least half a bin."""
    total = counts.sum()
    cumulated = np.cumsum(counts) / total
    starts = (np.arange(components) + 0.5) / components
    means = centres[np.searchsorted(cumulated, starts).clip(0, centres.size - 1)].copy()
    means += np.linspace(-0.01, 0.01, components)
    spread = math.sqrt(float(np.average((centres - np.average(centres, weights=counts)) ** 2,
                                        weights=counts)))  # fmt: skip
    least = 1.0 / _BINS_PER_E
    deviations = np.full(components, max(spread / components, least))
    weights = np.full(components, 1.0 / components)
    likelihood = -math.inf
    for _ in range(_ROUNDS):
        mixture = _Mixture(weights, means, deviations, 0.0)
        parts = mixture.densities(centres) + 1e-300
        sums = parts.sum(1)
        latest = float((counts * np.log(sums)).sum())
        shares = counts[:, None] * parts / sums[:, None]
        mass = shares.sum(0) + 1e-9
        weights = mass / mass.sum()
        means = (shares * centres[:, None]).sum(0) / mass
        variances = (shares * (centres[:, None] - means) ** 2).sum(0) / mass
        deviations = np.maximum(np.sqrt(variances), least)
        if latest - likelihood < 1e-6 * total:
            break
        likelihood = latest
    bic = (3 * components - 1) * math.log(total) - 2 * latest
    return _Mixture(weights, means, deviations, bic)
