"""Zipf's law for the popularity of ids: p(rank) ∝ rank^-s over the D values that were seen.

The exponent is the maximum of the likelihood  -s Σ n_r ln r - N ln Σ_r r^-s  (Clauset, Shalizi &
Newman: "Power-Law Distributions in Empirical Data", 2009, for a bounded support); the law is
believed where the largest distance between the two distributions over ranks is at most 0.1. Ranks
come from the same counts, which makes the exponent a little too large where counts are small.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

KS_LIMIT = 0.1
_LEAST_DISTINCT = 10
_LEAST_PER_VALUE = 2.0


def fit_zipf(
    counts: NDArray[np.int64], distinct: int, others: int = 0
) -> tuple[float, float] | None:
    """Exponent and KS distance, of counts in falling order; None where there is too little, or the
    law does not fit. `others`: requests for the `distinct` - len(counts) values that are rarer."""
    total = int(counts.sum()) + others
    if distinct < _LEAST_DISTINCT or total < _LEAST_PER_VALUE * distinct:
        return None
    logs = np.log(np.arange(1, distinct + 1))
    observed = np.asarray(counts, dtype=float)
    if distinct > observed.size:  # what lies beyond is spread evenly
        rest = distinct - observed.size
        observed = np.append(observed, np.full(rest, others / rest))
    weighted = float((observed * logs).sum())

    def cost(s: float) -> float:
        return s * weighted + total * float(np.log(np.exp(-s * logs).sum()))

    s = float(optimize.minimize_scalar(cost, bounds=(0.0, 6.0), method="bounded").x)
    law = np.exp(-s * logs)
    distance = float(np.abs(np.cumsum(law) / law.sum() - np.cumsum(observed) / total).max())
    return (s, distance) if distance <= KS_LIMIT else None
