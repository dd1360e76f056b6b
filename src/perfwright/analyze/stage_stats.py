"""A stage's numbers from the seconds that were counted in it.

Throughput is what completed a second; the requests under way follow by Little's law, N = X·R, from
mean response time. Times in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.view import StageSteps
from perfwright.model.frame import Frame, Tally, merged
from perfwright.model.stage import Stage
from perfwright.model.units import NS_PER_S


def stage_of(
    index: int, frames: Sequence[Frame], *, model: str, offered: float, steady: bool
) -> StageSteps:
    """The stage that these consecutive frames (at least one) make up."""
    total = merged((frame.total for frame in frames), gauges="last")
    from_s, to_s = float(frames[0].second), float(frames[-1].second + 1)
    stage = _stage(index, total, from_s, to_s, model=model, offered=offered, steady=steady)
    return StageSteps(stage=stage, steps=total.steps)


def _stage(
    index: int, total: Tally, from_s: float, to_s: float, *, model: str, offered: float,
    steady: bool,
) -> Stage:  # fmt: skip
    seconds = to_s - from_s
    requests = total.requests()
    response = total.measure("response")
    mean_s = response.total / response.count / NS_PER_S if response.count else 0.0
    throughput_per_s = requests / seconds

    def quantile_s(q: float) -> float:
        return (response.quantile(q) or 0) / NS_PER_S

    return Stage(
        index=index,
        from_s=from_s,
        to_s=to_s,
        model=model,
        offered=offered,
        iterations_per_s=total.iterations_completed / seconds,
        throughput_per_s=throughput_per_s,
        error_ratio=total.errors() / requests if requests else 0.0,
        response_mean_s=mean_s,
        response_p50_s=quantile_s(0.5),
        response_p95_s=quantile_s(0.95),
        response_p99_s=quantile_s(0.99),
        in_flight=throughput_per_s * mean_s,
        steady=steady,
        generator_ratio=total.busiest_cpu_ratio,
        lateness_p99_s=(total.lateness.quantile(0.99) or 0) / NS_PER_S,
    )
