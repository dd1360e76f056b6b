"""How many requests a quantile needs before it means anything.

    n ≥ 1 / (1 - q)        p50: 2   p90: 10   p95: 20   p99: 100   p99.9: 1000

With fewer, not even one request is expected beyond the quantile, so a single one decides the SLO.
It is a floor, not a proof: for 95% confidence that the true quantile lies below the largest value,
n ≥ ln 0.05 / ln q, about three times as many, are needed (S. S. Wilks, Annals of Mathematical
Statistics 12, 1941, pp. 91–96), and the requests of one run are not independent.
"""

from __future__ import annotations

import math

_ROUNDING = 1e-9


def requests_needed(quantile: float) -> int:
    """The fewest requests of which one is expected beyond the quantile (0..1, below 1)."""
    return math.ceil(1 / (1 - quantile) - _ROUNDING)
