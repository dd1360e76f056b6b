"""errors.under_load: requests that succeed at light load fail under stress.

Counts errors by step and kind in the stage that failed most, against the lightest: at least one in
a thousand, by more than chance. What is merely late (the client's time-outs, past the knee of a
system that is just full) is no finding: time-outs under more load than the hardware carries say
nothing new. Mostly a symptom: pools, connection limits and locks explain it where they are found.

Gain: where requests fail and none waits longer, it is errors that limit the load, and without them
the tightest hard bound does (utilization law). Where requests queue as well, nothing is predicted:
what a failed request would have cost is not known.
"""

from __future__ import annotations

from collections import Counter

from perfwright.analyze.chance import may_be_chance
from perfwright.analyze.plateau import queues
from perfwright.analyze.predict import limited_by_hardware, with_limit_lifted
from perfwright.analyze.telling import measured, percent
from perfwright.analyze.view import View
from perfwright.model.finding import Evidence, Finding, Impact
from perfwright.model.stage import Stage

_LEAST_RATIO = 0.001
_GREW = 3.0
_LATE = ("timeout", "connect_timeout", "closed_early")
_TOLD = 3


def detect(view: View) -> list[Finding]:
    """One finding for all errors that came with the load."""
    low, high = view.low, max(view.stages, key=lambda stage: stage.error_ratio)
    allowed = max(_LEAST_RATIO, _GREW * low.error_ratio)
    if not view.compares or high.offered <= low.offered or _may_be_chance(high, allowed):
        return []
    kinds = _kinds(view, high)
    late = sum(kinds[kind] for kind in _LATE)
    if limited_by_hardware(view) and kinds and late >= 0.9 * kinds.total():
        return []
    failed = _failed_steps(view, high)
    worst = f"{kinds.most_common(1)[0][0]} on {failed[0]}" if kinds and failed else "requests"
    return [
        Finding(
            kind="errors.under_load",
            subject=worst,
            component="",
            confidence=0.9,
            impact=_worth(view),
            evidence=(
                measured(view, "requests that failed", low.error_ratio, high.error_ratio, percent),
                *_told(kinds, high),
            ),
            recommendation=(
                f"From {low.offered:,.0f} to {high.offered:,.0f} {_unit(high)} the share of failed"
                f" requests rises to {percent(high.error_ratio)}, mostly {worst}: read the"
                " service's log of that time, find the limit it hits, and let it shed load on"
                " purpose (429 or 503 with Retry-After) rather than fail."
            ),
        )
    ]


def _may_be_chance(stage: Stage, allowed_ratio: float) -> bool:
    requests = round(stage.throughput_per_s * stage.duration_s)
    return may_be_chance(round(stage.error_ratio * requests), requests, allowed_ratio)


def _worth(view: View) -> Impact:
    if queues(view):
        return Impact(method="What fails is not slow: no law predicts its worth.")
    return with_limit_lifted(
        view, "Requests fail while those that succeed take no longer: errors are the limit."
    )


def _kinds(view: View, stage: Stage) -> Counter[str]:
    """Errors of the stage by kind; an HTTP error by its status."""
    kinds: Counter[str] = Counter()
    for tally in view.steps(stage).values():
        if tally.kind == "group":
            continue
        for kind, count in tally.error_kinds.items():
            if kind not in ("http_4xx", "http_5xx"):
                kinds[kind] += count
        for status, count in tally.statuses.items():
            if status[:1] in "45" and tally.errors:
                kinds[f"HTTP {status}"] += count
    return kinds


def _failed_steps(view: View, stage: Stage) -> list[str]:
    steps = [(tally.errors, name) for name, tally in view.steps(stage).items() if tally.errors]
    return [name for _, name in sorted(steps, reverse=True)]


def _told(kinds: Counter[str], stage: Stage) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            what=kind,
            value=f"{count / stage.duration_s:,.1f}/s",
            source="the answers",
        )
        for kind, count in kinds.most_common(_TOLD)
    )


def _unit(stage: Stage) -> str:
    return "users" if stage.model == "closed" else "iterations/s"
