"""From tallies to the numbers that people read: one `RunResult` per run.

Times become milliseconds here, because this is the surface. Throughput is completed requests over
the time they were counted in: the whole run for `totals` and `steps`, the judged time for
`judged_steps` and `overall`. Groups (`user.step`) are steps of their own and count in no total.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
from perfwright.model.frame import MEASURES, StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.result import (
    PERCENTILES,
    CheckResult,
    GeneratorHealth,
    RecordResult,
    RunResult,
    StepResult,
    Totals,
)
from perfwright.model.units import NS_PER_MS
from perfwright.model.verdict import SloResult, Verdict

PHASES = MEASURES[2:]
OVERALL = "all requests"


def summarize(
    digest: Digest, facts: RunFacts, *, slos: tuple[SloResult, ...], verdict: Verdict
) -> RunResult:
    """Everything a finished run comes to."""
    judged_duration_s = facts.judged_duration_s()
    told = facts.quantiles
    together = all_requests(digest.judged.tally)
    return RunResult(
        run_id=facts.run_id,
        verdict=verdict,
        slos=slos,
        totals=totals_of(digest, duration_s=facts.duration_s),
        steps=steps_of(digest.whole, duration_s=facts.duration_s, told=told),
        judged_s=facts.judged_windows(),
        judged_steps=steps_of(digest.judged.tally, duration_s=judged_duration_s, told=told),
        overall=step_of(OVERALL, together, duration_s=judged_duration_s, told=told),
        checks=tuple(
            CheckResult(name=name, passed=check.passed, failed=check.failed)
            for name, check in sorted(digest.whole.checks.items())
        ),
        records=_records_of(digest.whole),
        generator=health_of(digest, facts),
        holds=tuple(sorted(digest.whole.holds, key=lambda hold: -hold.total_ns)),
        scenario_errors=tuple(sorted(digest.whole.scenario_errors, key=lambda e: -e.count)),
        exemplars=tuple(digest.whole.exemplars),
        notes=facts.notes,
        path=facts.path,
    )


def steps_of(
    tally: Tally, *, duration_s: float, told: Collection[float] = ()
) -> tuple[StepResult, ...]:
    """A result per step, in the order in which the steps were first seen."""
    return tuple(
        step_of(name, step, duration_s=duration_s, told=told) for name, step in tally.steps.items()
    )


def step_of(
    name: str, step: StepTally, *, duration_s: float, told: Collection[float] = ()
) -> StepResult:
    """`told`: as in `times_ms`."""
    phases = {phase: step.measures[phase].mean() for phase in PHASES if phase in step.measures}
    return StepResult(
        name=name,
        kind=step.kind,
        requests=step.requests,
        errors=step.errors,
        error_kinds=dict(sorted(step.error_kinds.items())),
        statuses=dict(sorted(step.statuses.items())),
        throughput_per_s=_per_s(step.requests, duration_s),
        bytes_sent=step.bytes_sent,
        bytes_received=step.bytes_received,
        response_ms=times_ms(step.measures.get("response"), told),
        service_ms=times_ms(step.measures.get("service"), told),
        phases_ms={name: mean / NS_PER_MS for name, mean in phases.items() if mean is not None},
    )


def all_requests(tally: Tally) -> StepTally:
    """Every request and call of a tally as one step; groups are left out."""
    together = StepTally()
    for step in tally.steps.values():
        if step.kind != "group":
            together.merge(step)
    return together


def times_ms(histogram: Histogram | None, told: Collection[float] = ()) -> dict[str, float | None]:
    """p50 … p999, max and mean in ms; None where nothing was measured, and, where only the
    quantiles `told` are known, for every other one."""
    histogram = histogram or Histogram()
    wanted = {**PERCENTILES, "max": 1.0}
    times = {
        name: _ms(histogram.quantile(q)) if is_told(q, told) else None for name, q in wanted.items()
    }
    return {**times, "mean": _ms(histogram.mean())}


def is_told(q: float, told: Collection[float]) -> bool:
    """Whether the quantile q is known: it is among those told, or none is missing (empty)."""
    return not told or any(math.isclose(q, one) for one in told)


def totals_of(digest: Digest, *, duration_s: float) -> Totals:
    whole, together = digest.whole, all_requests(digest.whole)
    return Totals(
        requests=together.requests,
        errors=together.errors,
        error_ratio=together.errors / together.requests if together.requests else 0.0,
        throughput_per_s=_per_s(together.requests, duration_s),
        duration_s=duration_s,
        iterations=whole.iterations_completed,
        iterations_failed=whole.iterations_failed,
        iterations_interrupted=whole.iterations_interrupted,
        requests_interrupted=whole.requests_interrupted,
        bytes_sent=together.bytes_sent,
        bytes_received=together.bytes_received,
        users_max=digest.users_max,
        reconnects=whole.reconnects,
    )


def health_of(digest: Digest, facts: RunFacts) -> GeneratorHealth:
    """How the generator did in the judged time; what it dropped counts over the whole run."""
    times = times_ms(digest.judged.tally.lateness)
    return GeneratorHealth(
        cpu_ratio=digest.busiest_cpu_ratio(),
        lateness_ms=_picked(times, "p50", "p99", "max"),
        dropped=digest.whole.dropped,
        workers=facts.workers,
        workers_lost=len(facts.lost_workers),
        cpu_us_per_request=facts.cpu_us_per_request,
    )


def _records_of(tally: Tally) -> tuple[RecordResult, ...]:
    return tuple(
        RecordResult(
            name=name,
            unit=record.unit,
            count=record.count,
            mean=record.total / record.count,
            min=record.minimum,
            max=record.maximum,
        )
        for name, record in sorted(tally.records.items())
        if record.count
    )


def _picked(times: Mapping[str, float | None], *names: str) -> dict[str, float | None]:
    return {name: times[name] for name in names}


def _per_s(count: int, duration_s: float) -> float:
    return count / duration_s if duration_s > 0 else 0.0


def _ms(value_ns: float | None) -> float | None:
    return None if value_ns is None else value_ns / NS_PER_MS
