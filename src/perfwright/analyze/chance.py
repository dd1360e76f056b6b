"""Whether what broke a limit may be chance: one slow request of ten says little about p95.

A limit on a share (p95: 5% may be slower; errors < 0.1%; checks > 99%: 1% may fail) was broken by k
of n requests. Where exactly the allowed share r goes wrong, K is about Poisson(n·r), and k may be
chance while

    P(K ≥ k) = 1 - Σ_{i<k} e^{-nr} (nr)^i / i!  >  0.05

Requests go wrong in bunches, so this is the least that is asked for, not a proof.
"""

from __future__ import annotations

import math

from perfwright.analyze.digest import Slice
from perfwright.analyze.summary import all_requests
from perfwright.model.frame import StepTally
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_S
from perfwright.plan.slo import Slo

_LIKELY = 0.05
_FAR = 10.0


def may_be_chance(count: int, of: int, ratio: float) -> bool:
    """Whether `count` or more of `of` are to be expected once in twenty, where a share of `ratio`
    (0..1) is allowed."""
    expected = of * ratio
    if count <= expected:
        return True
    if expected <= 0 or count > expected + _FAR * math.sqrt(expected) + _FAR:
        return False
    below, term = 0.0, math.exp(-expected)
    for i in range(count):
        below += term
        term *= expected / (i + 1)
    return 1 - below > _LIKELY


def broken_by_chance(slo: Slo, part: Slice) -> bool:
    """Whether an SLO that does not hold over `part` may hold with more requests; False where the
    SLO limits no share (mean, max, throughput, a probe)."""
    if slo.metric == "checks":
        failed = sum(check.failed for check in part.tally.checks.values())
        passed = sum(check.passed for check in part.tally.checks.values())
        return may_be_chance(failed, failed + passed, 1 - slo.limit)
    step = all_requests(part.tally) if slo.step is None else part.tally.steps.get(slo.step)
    if step is None:
        return False
    if slo.metric == "errors":
        return may_be_chance(step.errors, step.requests, slo.limit)
    if slo.metric in ("response", "service") and slo.quantile is not None:
        beyond, measured = _beyond(slo, step)
        return may_be_chance(beyond, measured, 1 - slo.quantile)
    return False


def _beyond(slo: Slo, step: StepTally) -> tuple[int, int]:
    """Requests slower than the limit, of how many."""
    histogram = step.measures.get(slo.metric, Histogram())
    within = histogram.ratio_at_or_below(slo.limit * NS_PER_S) or 0.0
    return round((1 - within) * histogram.count), histogram.count
