"""Views of systems whose truth is known: stages by queueing theory, series with a little noise.

    stages = loaded(capacity_per_s=400)
    view = make_view(stages, shop(stages))                          # healthy, CPU-bound at 400/s
    view = make_view(stages, shop(stages), per_second(stages, DB_BLOCKED, DB, 3.0))

`shop`, in `support/watched_shop.py`, is what probes see of a healthy service.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from perfwright.analyze.view import StageSteps, View
from perfwright.model.frame import StepTally
from perfwright.model.histogram import Histogram
from perfwright.model.stage import Knee, Stage
from perfwright.model.watched import (
    Reading,
    Sample,
    Span,
    StackCount,
    StatementTally,
    joined,
)

APP = "port:8000"
DB = "db:shop@127.0.0.1:5432"
RATES = (20.0, 50.0, 100.0, 200.0, 300.0, 380.0, 460.0)
SECONDS = 8
Value = float | Callable[[Stage], float]


def stage(
    index: int,
    offered: float,
    *,
    throughput_per_s: float | None = None,
    mean_s: float = 0.01,
    p95_s: float | None = None,
    model: str = "open",
    error_ratio: float = 0.0,
    generator_ratio: float = 0.2,
    lateness_p99_s: float = 0.0002,
) -> Stage:
    """`SECONDS` long; one request an iteration."""
    done = offered if throughput_per_s is None else throughput_per_s
    return Stage(
        index=index,
        from_s=index * SECONDS,
        to_s=(index + 1) * SECONDS,
        model=model,
        offered=offered,
        iterations_per_s=done,
        throughput_per_s=done,
        error_ratio=error_ratio,
        response_mean_s=mean_s,
        response_p50_s=0.8 * mean_s,
        response_p95_s=2.2 * mean_s if p95_s is None else p95_s,
        response_p99_s=3.5 * mean_s if p95_s is None else 1.4 * p95_s,
        in_flight=done * mean_s,
        steady=True,
        generator_ratio=generator_ratio,
        lateness_p99_s=lateness_p99_s,
    )


def loaded(
    rates: Sequence[float] = RATES,
    *,
    capacity_per_s: float = 400.0,
    unloaded_s: float = 0.008,
    demand_s: float | None = None,
    error_ratio: Callable[[float], float] = lambda _: 0.0,
) -> tuple[Stage, ...]:
    """Open stages against one server (M/M/1, `demand_s` by default 1/capacity, the rest of
    `unloaded_s` a plain delay); past the capacity the queue grows for the stage's length."""
    demand = 1 / capacity_per_s if demand_s is None else demand_s
    return tuple(
        stage(
            index,
            rate,
            throughput_per_s=min(rate, capacity_per_s),
            mean_s=_response_s(rate, capacity_per_s, unloaded_s, demand),
            error_ratio=error_ratio(rate),
        )
        for index, rate in enumerate(rates)
    )


def _response_s(rate: float, capacity: float, unloaded_s: float, demand_s: float) -> float:
    if rate >= capacity:
        return unloaded_s + SECONDS / 2 * (rate - capacity) / capacity + 20 * demand_s
    used = rate / capacity
    return unloaded_s + demand_s * used / (1 - used)


def knee_of(stages: Sequence[Stage], capacity_per_s: float) -> Knee:
    """Between the last stage that was held and the first that was not."""
    held = [one for one in stages if one.offered <= capacity_per_s]
    beyond = [one for one in stages if one.offered > capacity_per_s]
    last = held[-1]
    return Knee(
        rate_per_s=last.iterations_per_s,
        throughput_per_s=last.throughput_per_s,
        users=last.in_flight,
        response_ms_p95=last.response_p95_s * 1e3,
        response_ms_p99=last.response_p99_s * 1e3,
        low=last.offered,
        high=beyond[0].offered if beyond else None,
        limited_by="throughput stopped rising" if beyond else "the budget was used up",
        reached=bool(beyond),
    )


def make_view(
    stages: Sequence[Stage],
    *readings: Reading,
    steps: Callable[[Stage], Mapping[str, StepTally]] | None = None,
    search: bool = True,
) -> View:
    """`search`: whether a knee was looked for; its place is where throughput stops following."""
    counted = tuple(StageSteps(stage=one, steps=(steps or plain_steps)(one)) for one in stages)
    capacity = max((one.offered for one in stages if _follows(one)), default=stages[0].offered)
    return View(
        target="http://127.0.0.1:8000",
        stages=tuple(stages),
        counted=counted,
        watched=joined(readings),
        knee=knee_of(stages, capacity) if search else None,
    )


def _follows(one: Stage) -> bool:
    return one.throughput_per_s >= 0.95 * one.offered or one.model == "closed"


def plain_steps(one: Stage) -> Mapping[str, StepTally]:
    """One step `GET /`, 2 kB an answer."""
    return {"GET /": step(one, "GET /", requests=round(one.throughput_per_s * one.duration_s))}


def step(
    one: Stage,
    name: str,
    *,
    requests: int,
    bytes_each: int = 2_000,
    errors: int = 0,
    error_kinds: Mapping[str, int] | None = None,
    connects: int = 0,
    mean_s: float | None = None,
    phases_s: Mapping[str, float] | None = None,
) -> StepTally:
    """Counts of one step; `connects`: of its requests that opened a connection."""
    del name
    mean_ns = round((mean_s or one.response_mean_s) * 1e9)
    measures = {"response": _alike(mean_ns, requests), "service": _alike(mean_ns, requests)}
    if connects:
        measures["connect"] = _alike(200_000, connects)
    for phase, seconds in (phases_s or {}).items():
        measures[phase] = _alike(round(seconds * 1e9), requests)
    return StepTally(
        requests=requests,
        errors=errors,
        error_kinds=dict(error_kinds or {}),
        bytes_received=bytes_each * requests,
        bytes_sent=200 * requests,
        measures=measures,
    )


def _alike(value_ns: int, count: int) -> Histogram:
    histogram = Histogram()
    histogram.record(value_ns, count)
    return histogram


def per_second(
    stages: Sequence[Stage],
    metric: str,
    subject: str,
    value: Value,
    label: str = "",
    *,
    noise: float = 0.02,
) -> Reading:
    """A sample in each second; `noise`: its standard deviation, relative."""
    seed = hashlib.sha256(f"{metric}{subject}{label}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(seed[:8]))
    return Reading(
        samples=tuple(
            Sample(
                second=second,
                metric=metric,
                subject=subject,
                label=label,
                value=_at(value, one) * (1 + noise * float(random.standard_normal())),
            )
            for one in stages
            for second in range(round(one.from_s), round(one.to_s))
        )
    )


def statement(
    stages: Sequence[Stage],
    text: str,
    *,
    calls: Value = 1.0,
    each_s: Value = 0.0005,
    rows: float = 1.0,
    blocks_hit: float = 4.0,
    blocks_read: float = 0.0,
    temp_blocks: float = 0.0,
    subject: str = DB,
) -> Reading:
    """A statement: `calls` a request, taking `each_s` s, `rows` and blocks a call."""
    tallies = []
    for one in stages:
        count = _at(calls, one) * one.throughput_per_s
        tallies += [
            StatementTally(
                second=second,
                subject=subject,
                fingerprint=fingerprint(text),
                text=text,
                calls=count,
                total_ns=count * _at(each_s, one) * 1e9,
                rows=count * rows,
                blocks_hit=count * blocks_hit,
                blocks_read=count * blocks_read,
                temp_blocks=count * temp_blocks,
            )
            for second in range(round(one.from_s), round(one.to_s))
        ]
    return Reading(statements=tuple(tallies))


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stacks(
    shares: Mapping[str, float],
    *,
    moment: str = "knee",
    mode: str = "cpu",
    subject: str = APP,
    thread: str = "MainThread",
    samples: int = 1_000,
) -> Reading:
    """A profile of `samples` samples (10 s at 100 Hz): stack → its part."""
    return Reading(
        stacks=tuple(
            StackCount(
                moment=moment,
                subject=subject,
                mode=mode,
                thread=thread,
                stack=stack,
                count=round(samples * part),
                rate_per_s=100,
                duration_s=10,
            )
            for stack, part in shares.items()
        )
    )


def span(
    name: str,
    *,
    trace: str,
    span_id: str,
    parent: str = "",
    start_s: float = 0.0,
    duration_s: float = 0.001,
    kind: str = "internal",
    service: str = "shop",
    statement: str = "",
    code: str = "",
    peer: str = "",
) -> Span:
    return Span(
        second=int(start_s),
        trace_id=trace,
        span_id=span_id,
        parent_id=parent,
        service=service,
        name=name,
        kind=kind,
        start_ns=round(start_s * 1e9),
        duration_ns=round(duration_s * 1e9),
        system="postgresql" if statement else "",
        statement=statement,
        code=code,
        peer=peer,
    )


def _at(value: Value, one: Stage) -> float:
    return value(one) if callable(value) else value
