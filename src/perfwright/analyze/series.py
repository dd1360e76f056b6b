"""A run second by second, as plain records: what charts and live views draw.

One `SeriesPoint` per second: counts of that second (so rates by themselves), times in ms, gauges as
they stood. Percentiles are None in seconds in which nothing completed. Pure; never fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perfwright.analyze.summary import PHASES, all_requests, times_ms
from perfwright.model.frame import Frame, StepTally
from perfwright.model.units import NS_PER_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint:
    """[second, second + 1). `response_ms`, `service_ms`: p50, p90, p95, p99, p999, max, mean."""

    second: int
    judged: bool
    requests: int
    errors: int
    error_kinds: Mapping[str, int]
    iterations_started: int
    response_ms: Mapping[str, float | None]
    service_ms: Mapping[str, float | None]
    phases_ms: Mapping[str, float]
    """Mean per request; spread over all requests, so that the phases add up to the service time."""
    users_active: int
    users_target: float
    arrivals_target_per_s: float
    waiting: int
    dropped: int
    lateness_ms_p99: float | None
    cpu_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    points: tuple[SeriesPoint, ...] = ()


def series_of(frames: Iterable[Frame], *, step: str | None = None) -> Series:
    """All requests together, or one step alone (it may be a group); gauges are the run's."""
    return Series(points=tuple(point_of(frame, step=step) for frame in frames))


def point_of(frame: Frame, *, step: str | None = None) -> SeriesPoint:
    """One second."""
    total = frame.total
    of = all_requests(total) if step is None else total.steps.get(step, StepTally())
    return SeriesPoint(
        second=frame.second,
        judged=frame.judged,
        requests=of.requests,
        errors=of.errors,
        error_kinds=dict(sorted(of.error_kinds.items())),
        iterations_started=total.iterations_started,
        response_ms=times_ms(of.measures.get("response")),
        service_ms=times_ms(of.measures.get("service")),
        phases_ms=_phases_ms(of),
        users_active=total.users_active,
        users_target=total.users_target,
        arrivals_target_per_s=total.arrivals_target_per_s,
        waiting=total.waiting,
        dropped=total.dropped,
        lateness_ms_p99=times_ms(total.lateness)["p99"],
        cpu_ratio=total.busiest_cpu_ratio,
    )


def _phases_ms(step: StepTally) -> dict[str, float]:
    requests = step.measures["service"].count if "service" in step.measures else 0
    if requests == 0:
        return {}
    sums = {phase: step.measures[phase].total for phase in PHASES if phase in step.measures}
    return {phase: total / requests / NS_PER_MS for phase, total in sums.items() if total}
