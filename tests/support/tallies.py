"""Small tallies and frames with exact contents, for tests that reason about numbers."""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.model.frame import Frame, StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_MS, NS_PER_S
from perfwright.model.watched import Reading, Sample


def step(times_ms: Sequence[float], *, errors: int = 0, kind: str = "http_5xx") -> StepTally:
    """Requests that took this long, response and service time alike; `errors` of them failed."""
    histogram = Histogram.of(round(time * NS_PER_MS) for time in times_ms)
    return StepTally(
        requests=len(times_ms),
        errors=errors,
        error_kinds={kind: errors} if errors else {},
        measures={"response": histogram, "service": histogram.copy()},
    )


def second(
    number: int,
    times_ms: Sequence[float] = (),
    *,
    errors: int = 0,
    judged: bool = True,
    cpu_ratio: float = 0.1,
    late_ms: Sequence[float] = (0.01,),
    samples: tuple[Sample, ...] = (),
    name: str = "GET /",
    users: int = 0,
) -> Frame:
    """One second of one worker and one step, which is only there if it had requests."""
    tally = Tally(
        steps={name: step(times_ms, errors=errors)} if times_ms else {},
        lateness=Histogram.of(round(late * NS_PER_MS) for late in late_ms),
        cpu_ns=round(cpu_ratio * NS_PER_S),
        busiest_cpu_ratio=cpu_ratio,
        iterations_started=len(times_ms),
        users_active=users,
    )
    watched = Reading(samples=samples)
    return Frame(second=number, by_worker={0: tally}, total=tally, watched=watched, judged=judged)
