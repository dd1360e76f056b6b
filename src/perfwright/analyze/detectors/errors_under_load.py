"""errors.under_load: requests that succeed at light load fail under stress.

Counts errors by step and kind in the stage under stress, against the lightest. What is merely late
(the client's time-outs, past the knee of a system that is just full) is no finding: time-outs under
more load than the hardware carries say nothing new. Mostly a symptom: pools, connection limits and
locks explain it where they are found. Nothing is predicted: what a failed request would have cost
is not known.
"""

from __future__ import annotations

from collections import Counter

from perfwright.analyze.predict import limited_by_hardware
from perfwright.analyze.telling import measured, percent
from perfwright.analyze.view import View
from perfwright.model.finding import Evidence, Finding, Impact
from perfwright.model.stage import Stage

_LEAST_RATIO = 0.01
_GREW = 3.0
_LATE = ("timeout", "connect_timeout", "closed_early")
_TOLD = 3


def detect(view: View) -> list[Finding]:
    """One finding for all errors that came with the load."""
    low, high = view.low, view.under_stress
    if not view.compares or high.error_ratio < max(_LEAST_RATIO, _GREW * low.error_ratio):
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
            impact=Impact(method="What fails is not slow: no law predicts its worth."),
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
