"""retry.storm: failed calls are repeated at once, and the repeats keep the other service down.

What is looked for, per called service:

    calls per request   1.0 ─► 1.6 ─► 3.0      rises with the load by 40% or more: by the caller's
                                               own metrics, by spans, or, least sure, by what each
                                               request costs the called process
    failing             while calls, or answers to the load, fail or take far longer

Gain: the calls that the other service was seen to take at most, spread over requests that need as
few as at light load (forced flow law: X = X_k / V), within the next hard bound, without what the
repeats cost. Fooled by a cache
that misses more under load (calls rise, but nothing fails) and by work that grows with the queue.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from perfwright.analyze.client_calls import call_counters
from perfwright.analyze.demands import Demand, demands
from perfwright.analyze.downstream import stage_traces
from perfwright.analyze.laws import visits
from perfwright.analyze.predict import REACH, most_completed, tightest
from perfwright.analyze.resources import process_of
from perfwright.analyze.roles import front, is_proxy, is_store, peers_of, processes
from perfwright.analyze.telling import both, measured, number, percent, response_evidence
from perfwright.analyze.trace_shares import dependencies
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding, Impact, Predicted
from perfwright.model.stage import Stage

_RISES = 1.4
_COST_RISES = 1.7
_FAILS = 0.02
_SLOWER = 3.0
_STAGES_NEEDED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Storm:
    """Calls per request at light load and under stress (for a cost: relative to light load).
    `most_per_s`: calls that were made at most, 0 where they were not counted; `calls_per_s` in each
    stage, where that was counted."""

    caller: str
    to: str
    low: float
    high: float
    failed: float
    most_per_s: float
    source: str
    sure: float
    calls_per_s: tuple[float, ...] = ()


def detect(view: View) -> list[Finding]:
    """The worst one, by the surest source that tells of one."""
    if not view.compares:
        return []
    for source in (_by_metrics, _by_traces, _by_cost):
        storms = [one for one in source(view) if _suffers(view, one)]
        if storms:
            return [_finding(view, max(storms, key=lambda one: one.high / one.low))]
    return []


def _suffers(view: View, one: _Storm) -> bool:
    slower = view.under_stress.response_mean_s > _SLOWER * view.low.response_mean_s
    errors = view.under_stress.error_ratio > max(_FAILS, 2 * view.low.error_ratio)
    return one.failed > _FAILS or errors or (slower and one.sure > 0.6)


def _by_metrics(view: View) -> list[_Storm]:
    found = []
    for counter in call_counters(view):
        low, high = _visits(view, [counter.calls_per_s(view, one) for one in _both(view)])
        calls = [counter.calls_per_s(view, one) or 0.0 for one in view.stages]
        if low and high and high >= _RISES * low:
            stress = counter.calls_per_s(view, view.under_stress) or 1.0
            found.append(
                _Storm(
                    caller=front(view) or counter.subject,
                    to=counter.peer or "another service",
                    low=low,
                    high=high,
                    failed=counter.failed_per_s(view, view.under_stress) / stress,
                    most_per_s=max(calls),
                    source=f"{counter.subject} {counter.metric}",
                    sure=0.9,
                    calls_per_s=tuple(calls),
                )
            )
    return found


def _both(view: View) -> tuple[Stage, Stage]:
    return view.low, view.under_stress


def _visits(view: View, rates: list[float | None]) -> tuple[float, float]:
    low, high = rates
    return (
        visits(low or 0.0, view.low.throughput_per_s),
        visits(high or 0.0, view.under_stress.throughput_per_s),
    )


def _by_traces(view: View) -> list[_Storm]:
    low, high = (stage_traces(view, one) for one in _both(view))
    if not low or not high:
        return []
    before = {(one.service, one.to): one.share for one in dependencies(low) if not one.system}
    return [
        _Storm(
            caller=one.service,
            to=one.to,
            low=before[key].calls_per_trace,
            high=one.share.calls_per_trace,
            failed=one.share.error_ratio,
            most_per_s=one.share.calls_per_trace * view.under_stress.throughput_per_s,
            source=f"{len(low)} and {len(high)} traces",
            sure=0.85,
        )
        for one in dependencies(high)
        if (key := (one.service, one.to)) in before
        and one.share.calls_per_trace >= _RISES * before[key].calls_per_trace
    ]


def _by_cost(view: View) -> list[_Storm]:
    """What a request makes the called process do: CPU and voluntary switches, both must rise."""
    found = []
    for caller in processes(view):
        for peer in peers_of(view, caller):
            called = process_of(view, peer)
            if called == caller or is_store(view, peer) or is_proxy(view, caller):
                continue
            cpu = _cost_rises(view, called, metrics.PROCESS_CPU, "")
            switches = _cost_rises(view, called, metrics.CONTEXT_SWITCHES, "voluntary")
            if cpu and switches and min(cpu, switches) >= _COST_RISES:
                found.append(
                    _Storm(
                        caller=caller,
                        to=peer,
                        low=1.0,
                        high=min(cpu, switches),
                        failed=0.0,
                        most_per_s=0.0,
                        source=f"CPU and context switches of {called} per request",
                        sure=0.5,
                    )
                )
    return found


def _cost_rises(view: View, subject: str, metric: str, label: str) -> float | None:
    """How many times as much per request under stress; None where it was not seen."""
    low, high = (view.mean(metric, subject, label, stage=one) for one in _both(view))
    before, after = _visits(view, [low, high])
    return after / before if before > 0 and after > 0 else None


def _finding(view: View, one: _Storm) -> Finding:
    stress = view.under_stress
    counted = Evidence(
        what=f"calls to {one.to} per request"
        if one.most_per_s
        else f"what a request costs {one.to}, light load being 1",
        value=both(view, one.low, one.high, number),
        source=one.source,
    )
    failed = Evidence(
        what=f"of the calls to {one.to} that fail", value=percent(one.failed), source=one.source
    )
    return Finding(
        kind="retry.storm",
        subject=f"{number(one.high / one.low)}× the calls to {one.to}",
        component=one.caller,
        confidence=one.sure,
        impact=_worth(view, one),
        evidence=(
            counted,
            *((failed,) if one.failed else ()),
            measured(view, "requests that fail", view.low.error_ratio, stress.error_ratio, percent),
            response_evidence(view),
        ),
        recommendation=(
            f"Under load each request calls {one.to} {number(one.high / one.low)} times as often as"
            " at light load. Retry at most once, after a wait that grows and is random (exponential"
            " back-off with jitter), within a budget (retries ≤ 10% of calls), and stop calling for"
            " a while when most calls fail (circuit breaker)."
        ),
        explains=(
            "dependency.slow",
            "errors.under_load",
            "thread_pool.exhausted",
            "pool.exhausted",
            "cpu.saturated",
        ),
    )


def _worth(view: View, one: _Storm) -> Impact:
    now = most_completed(view)
    counted = len(one.calls_per_s) >= _STAGES_NEEDED
    bound = tightest(tuple(_without_repeats(view, one)) if counted else demands(view))
    limit = bound.bound_per_s.value * REACH if bound else float("inf")
    most = one.most_per_s / one.low if one.most_per_s else now * one.high / one.low
    predicted = max(now, min(most, limit))
    because = (
        "The other service takes as many calls as now; with as few per request as at light load"
        " more requests get theirs (forced flow: X = X_k / V)."
    )
    if predicted <= 1.03 * now:
        return Impact(method=because)
    high = max(predicted, min(1.3 * most, limit))
    throughput = Predicted(
        now=now, predicted=predicted, low=now + 0.4 * (predicted - now), high=high
    )
    return Impact(throughput_per_s=throughput, method=because)


def _without_repeats(view: View, one: _Storm) -> Iterator[Demand]:
    """What a request costs that calls as seldom as at light load. Of each resource's busy time over
    the stages, `busy = X·D + K·c + idle` (K calls a second; least squares, nothing negative), it is
    `D + V·c`."""
    from scipy.optimize import nnls  # its import takes longer than the rest of a run's reasoning

    loads = np.array(
        [
            (stage.throughput_per_s, calls, 1.0)
            for stage, calls in zip(view.stages, one.calls_per_s, strict=True)
        ]
    )
    for demand in demands(view):
        resource = demand.resource
        busy = [
            (resource.busy(view, stage) or 0.0) - resource.stolen(view, stage)
            for stage in view.stages
        ]
        (own_s, call_s, _), _ = nnls(loads, np.maximum(busy, 0.0))
        yield dataclasses.replace(
            demand,
            per_request_s=demand.per_request_s.at_most(own_s + one.low * call_s),
        )
