"""Evidence as people read it: a figure at light load beside the same under stress.

`what` names the figure, `value` shows it at both loads (`0.1 → 9.8`) or at the one there is, and
metric, subject and label point at the series, so that a report can draw it.
"""

from __future__ import annotations

from collections.abc import Callable

from perfwright.analyze.demands import demands
from perfwright.analyze.plateau import used_by_load
from perfwright.analyze.view import View
from perfwright.model.finding import Evidence
from perfwright.model.units import format_duration, format_number

Spelling = Callable[[float], str]


def percent(ratio: float) -> str:
    return f"{ratio:.0%}" if ratio >= 0.1 or ratio == 0 else f"{ratio:.1%}"


def seconds(value: float) -> str:
    return format_duration(value)


def number(value: float) -> str:
    return format_number(value)


def per_second(value: float) -> str:
    return f"{format_number(value)}/s"


def megabytes_per_second(value: float) -> str:
    return f"{format_number(value / 1e6)} MB/s"


def low_and_stress(
    view: View, metric: str, subject: str, label: str = ""
) -> tuple[float | None, float | None]:
    """A series' mean at the lightest load and under stress."""
    return (
        view.mean(metric, subject, label, stage=view.low),
        view.mean(metric, subject, label, stage=view.under_stress),
    )


def both(view: View, low: float | None, high: float | None, spell: Spelling = number) -> str:
    """`0.1 → 9.8`, or the one figure where the run had one load or saw it at one only."""
    if low is None or high is None or not view.compares:
        value = high if high is not None else low
        return "not seen" if value is None else spell(value)
    return f"{spell(low)} → {spell(high)}"


def seen(
    view: View, what: str, metric: str, subject: str, label: str = "", spell: Spelling = number
) -> Evidence:
    """A series, at light load and under stress."""
    low, high = low_and_stress(view, metric, subject, label)
    return Evidence(
        what=what,
        value=both(view, low, high, spell),
        source=f"{subject} {metric}" + (f" {label}" if label else ""),
        metric=metric,
        subject=subject,
        label=label,
    )


def measured(view: View, what: str, low: float, high: float, spell: Spelling = number) -> Evidence:
    """What the load itself measured, at light load and under stress."""
    return Evidence(what=what, value=both(view, low, high, spell), source="the load's own timing")


def response_evidence(view: View) -> Evidence:
    """Response time p95."""
    return measured(
        view,
        "response time p95",
        view.low.response_p95_s,
        view.under_stress.response_p95_s,
        seconds,
    )


def idle_hardware(view: View) -> Evidence | None:
    """That no hardware is used up: what is used most; None where none was watched."""
    found = demands(view)
    if not found:
        return None
    used, most = max(((used_by_load(view, one), one) for one in found), key=lambda pair: pair[0])
    others = "" if used == most.peak_ratio else f" by this load, {percent(most.peak_ratio)} in all"
    return Evidence(
        what="the busiest hardware has room for the load",
        value=f"{most.resource.name}, {percent(used)} used{others}",
        source="utilization law over the stages",
        metric=most.resource.metric,
        subject=most.resource.subject,
        label=most.resource.label,
    )
