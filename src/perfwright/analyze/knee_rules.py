"""When a stage has told enough, and when the system no longer holds its load.

Steady (enough was seen), over the stage's seconds i = 1…n, n ≥ 4:
    throughput     t-interval (90%) of the mean of X_i no wider than ± 5% of the mean
    response time  the least-squares slope b of p95_i over i times n is below a fifth of the mean
                   p95, or b's 90% interval holds 0: it does not climb

Broken (the system does not hold the load), from n ≥ 2 on, against the lightest stage `low`:
    errors         above 1%, and above twice those of `low`, by more than chance (`chance.py`)
    throughput     below 95% of what the offered load asks for, by two standard errors of a count
                   (all requests of an iteration come or fail together), while the iterations under
                   way grow by more than a tenth from the stage's first half to its second (open
                   model); closed, it gains less than a fifth of what the added users could have
    response time  p95 above five times that of `low`, and above it by 50 ms
    objectives     an SLO of the test does not hold

The generator is told from the system: where its busiest worker used 90% of a core, or lateness is
more than half of the p95 that climbed, the stage says nothing about the system.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from perfwright.analyze.chance import may_be_chance
from perfwright.model.frame import Frame
from perfwright.model.stage import Stage
from perfwright.model.units import NS_PER_S, format_duration

_LEAST_SECONDS = 4
_CLIMB = 5.0
_CLIMB_FLOOR_S = 0.05
_THROUGHPUT_SHARE = 0.95
_GAIN_SHARE = 0.2
_ERROR_RATIO = 0.01
_GENERATOR_CPU = 0.9
_LATENESS_SHARE = 0.5
_T90 = {3: 2.353, 4: 2.132, 5: 2.015, 6: 1.943, 7: 1.895, 8: 1.86, 9: 1.833, 10: 1.812}
"""Student's t, two-sided 90%, by degrees of freedom; beyond, the normal's 1.645 is near enough."""


def is_steady(frames: Sequence[Frame]) -> bool:
    """Whether more seconds of this stage would tell nothing new."""
    n = len(frames)
    if n < _LEAST_SECONDS:
        return False
    throughput = np.array([frame.total.requests() for frame in frames], dtype=float)
    half = _T90.get(n - 1, 1.645) * throughput.std(ddof=1) / math.sqrt(n)
    if half > 0.05 * throughput.mean():
        return False
    return not _climbs(np.array([_p95_s(frame) for frame in frames]))


def broken_by(
    stage: Stage, frames: Sequence[Frame], low: Stage, previous: Stage,
    requests_per_iteration: float,
) -> str:  # fmt: skip
    """Why the system does not hold the load of the stage that these frames make up, in a sentence;
    "" where it does. `previous`: the highest stage that was held."""
    if _fails(frames, max(_ERROR_RATIO, 2 * low.error_ratio)):
        return f"errors rose to {stage.error_ratio:.1%}"
    piles_up = stage.model == "closed" or _piles_up(frames)
    if piles_up and (plateau := _plateau(stage, previous, requests_per_iteration)):
        return plateau
    limit_s = max(_CLIMB * low.response_p95_s, low.response_p95_s + _CLIMB_FLOOR_S)
    if stage.response_p95_s > limit_s:
        return (
            f"response time climbed: p95 {format_duration(stage.response_p95_s)}, against "
            f"{format_duration(low.response_p95_s)} at low load"
        )
    return ""


def generator_at_fault(stage: Stage) -> str:
    """How the generator, not the system, limited the stage; "" where it did not."""
    if generator_is_full(stage):
        return f"the load generator used {stage.generator_ratio:.0%} of its core"
    if stage.lateness_p99_s > max(0.001, _LATENESS_SHARE * stage.response_p95_s):
        return f"the load generator started requests {format_duration(stage.lateness_p99_s)} late"
    return ""


def generator_is_full(stage: Stage) -> bool:
    """Whether the generator has no CPU left, which no second try mends."""
    return stage.generator_ratio >= _GENERATOR_CPU


def _plateau(stage: Stage, previous: Stage, requests_per_iteration: float) -> str:
    if stage.model == "open":
        asked_per_s = stage.offered * requests_per_iteration
        missing_per_s = asked_per_s - stage.throughput_per_s
        error_per_s = math.sqrt(asked_per_s * requests_per_iteration / stage.duration_s)
        if missing_per_s > max((1 - _THROUGHPUT_SHARE) * asked_per_s, 2 * error_per_s):
            return (
                f"throughput stopped at {stage.throughput_per_s:,.0f} requests/s where "
                f"{asked_per_s:,.0f} were asked for"
            )
        return ""
    if stage.offered <= previous.offered or previous.throughput_per_s == 0:
        return ""
    users = stage.offered / previous.offered - 1
    gain = stage.throughput_per_s / previous.throughput_per_s - 1
    if gain < _GAIN_SHARE * users:
        return (
            f"throughput stopped at {stage.throughput_per_s:,.0f} requests/s: {users:.0%} more "
            f"users brought {gain:+.0%}"
        )
    return ""


def _fails(frames: Sequence[Frame], allowed_ratio: float) -> bool:
    errors = sum(frame.total.errors() for frame in frames)
    return not may_be_chance(errors, sum(frame.total.requests() for frame in frames), allowed_ratio)


def _piles_up(frames: Sequence[Frame]) -> bool:
    """Whether ever more iterations are under way: what arrives no longer leaves."""
    under_way = [frame.total.users_active + frame.total.waiting for frame in frames]
    half = len(under_way) // 2
    before, after = sum(under_way[:half]) / half, sum(under_way[-half:]) / half
    return after > 1.1 * before + 1


def _climbs(values: np.ndarray) -> bool:
    n = len(values)
    at = np.arange(n) - (n - 1) / 2
    slope = float(at @ values / (at @ at))
    residuals = values - values.mean() - slope * at
    error = math.sqrt(float(residuals @ residuals) / (n - 2) / float(at @ at))
    rises = slope > _T90.get(n - 2, 1.645) * error
    return rises and slope * n > 0.2 * float(values.mean())


def _p95_s(frame: Frame) -> float:
    return (frame.total.measure("response").quantile(0.95) or 0) / NS_PER_S
