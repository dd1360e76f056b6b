"""latency.periodic_stall: response times leap at regular intervals, whatever the load.

Looks for regular peaks in the load's own second-by-second maximum response time, overload left out,
and names what else happens at just those seconds: the watched series that rises most around them
(a checkpoint's writes, a collector's CPU, a cron job, a cgroup's throttling). Worth: the seconds
with a stall go from the tail, and the p95 of those without one remains. Fooled by the load itself,
if it comes in bursts: seconds whose throughput rises by half are no stall; and by the steps of a
search for the knee, which are not regular.
"""

from __future__ import annotations

import numpy as np

from perfwright.analyze.load_series import LOAD
from perfwright.analyze.periods import Period, contrast, period_of
from perfwright.analyze.resources import HOST
from perfwright.analyze.telling import number, seconds
from perfwright.analyze.view import Floats, Series, View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding, Impact, Predicted

_LEAST_S = 0.05
_RISES = 1.5
_OF_THE_HOST = 0.4
_OVERLOADED = 4.0
_NEAR = 0.5
_MS = 1e3
_CAUSES = (
    metrics.DISK_IO, metrics.DISK_UTILIZATION, metrics.DISK_AWAIT, metrics.PROCESS_CPU,
    metrics.PROCESS_IO, metrics.CPU_UTILIZATION, metrics.CGROUP_THROTTLED, metrics.DB_WAITS,
    metrics.DB_BLOCKED, metrics.CACHE_EVICTIONS, metrics.PRESSURE, metrics.THREAD_CPU,
    metrics.PROCESS_MEMORY,
)  # fmt: skip


def detect(view: View) -> list[Finding]:
    """At most one finding."""
    slowest = view.series.get((metrics.LOAD_RESPONSE, LOAD, "max"))
    if slowest is None:
        return []
    held = _without_overload(view, slowest)
    period = period_of(held.seconds, held.values, least=_LEAST_S)
    if period is None or _bursts(view, period):
        return []
    return [_finding(view, held, period)]


def _without_overload(view: View, series: Series) -> Series:
    """Without the stages in which even the median request queued: there, everything leaps."""
    kept = np.ones(series.seconds.size, dtype=bool)
    for stage in view.stages:
        if stage.response_p50_s > _OVERLOADED * view.low.response_p50_s:
            kept &= (series.seconds < stage.from_s) | (series.seconds >= stage.to_s)
    return Series(seconds=series.seconds[kept], values=series.values[kept])


def _bursts(view: View, period: Period) -> bool:
    """Whether the load came in bursts at those seconds."""
    done = view.series.get((metrics.LOAD_THROUGHPUT, LOAD, ""))
    return done is not None and contrast(done.seconds, done.values, period.events) > 1.5


def _finding(view: View, held: Series, period: Period) -> Finding:
    stall_s = float(np.median([held.values[held.seconds == at].max() for at in period.events]))
    ordinary_s = float(np.median(held.values))
    cause = _cause(view, period)
    share = min(stall_s / period.every_s, 0.5)
    named = f": {cause[1]} rises with it" if cause else ""
    return Finding(
        kind="latency.periodic_stall",
        subject=f"every {seconds(period.every_s)}, for {seconds(stall_s)}{named}",
        component=cause[0][1] if cause else "",
        confidence=min(0.9, 0.5 + 0.08 * len(period.events)) if cause else 0.55,
        impact=_impact(view, period, stall_s, share),
        evidence=(
            Evidence(
                what=f"the slowest answer in the {len(period.events)} stalls, and otherwise",
                value=f"{seconds(stall_s)}, {seconds(ordinary_s)}",
                source="the load's own timing",
                metric=metrics.LOAD_RESPONSE,
                subject=LOAD,
                label="max",
            ),
            *_told(cause),
        ),
        recommendation=_recommendation(period, cause),
    )


def _impact(view: View, period: Period, stall_s: float, share: float) -> Impact:
    """A request that arrives in a stall waits for its end, half of it on average."""
    method = (
        f"A stall takes {share:.1%} of the time, and stops all that arrives in it, for half of"
        f" {seconds(stall_s)} on average."
    )
    now_s = view.at_knee.response_p95_s
    calm_s = _calm_p95_s(view, period)
    if share < 0.05 or not calm_s.size or np.median(calm_s) >= now_s:  # the tail beyond p95 sees it
        return Impact(method=method)
    low_s, without_s, high_s = (float(value) for value in np.quantile(calm_s, (0.1, 0.5, 0.9)))
    return Impact(
        response_ms_p95=Predicted(
            now=now_s * _MS,
            predicted=without_s * _MS,
            low=low_s * _MS,
            high=min(high_s, now_s) * _MS,
        ),
        method=f"{method} The p95 of the seconds without one remains.",
    )


def _calm_p95_s(view: View, period: Period) -> Floats:
    """From half the knee's load up to it, the p95 of each second that has no stall beside it."""
    p95 = view.series[(metrics.LOAD_RESPONSE, LOAD, "p95")]
    seconds, values = p95.seconds, p95.values
    calm = np.zeros(seconds.size, dtype=bool)
    knee = view.at_knee.offered
    for stage in view.stages:
        if _NEAR * knee <= stage.offered <= knee:
            calm |= (seconds >= stage.from_s) & (seconds < stage.to_s)
    for event in period.events:
        calm &= np.abs(seconds - event) > 1
    return values[calm]


def _cause(view: View, period: Period) -> tuple[tuple[str, str, str], str, float] | None:
    """The series that rises most around the stalls, how it is told, and by how much (of the host's,
    a part counts)."""
    found = [
        (contrast(series.seconds, series.values, period.events) * _nearness(key[1]), key)
        for key, series in view.series.items()
        if key[0] in _CAUSES and series.values.size and float(series.values.max()) > 0
    ]
    times, key = max(found, default=(0.0, ("", "", "")))
    if times < _RISES:
        return None
    label = f" {key[2]}" if key[2] else ""
    return key, f"{key[1]} {key[0]}{label}", times


def _nearness(subject: str) -> float:
    """What rises in a component tells more than what rises anywhere on the host."""
    return _OF_THE_HOST if subject == HOST else 1.0


def _told(cause: tuple[tuple[str, str, str], str, float] | None) -> tuple[Evidence, ...]:
    if cause is None:
        return ()
    (metric, subject, label), name, times = cause
    return (
        Evidence(
            what="what rises at the same seconds",
            value=f"{number(min(times, 999))}x: {name}",
            source=subject,
            metric=metric,
            subject=subject,
            label=label,
        ),
    )


def _recommendation(period: Period, cause: tuple[tuple[str, str, str], str, float] | None) -> str:
    what = cause[1] if cause else "nothing that was watched"
    return (
        f"Something runs every {seconds(period.every_s)} and stops everything for about"
        f" {seconds(period.lasts_s)}; at the same seconds {what} rises. Look for a job of that"
        " period (a timer, a cron entry, a checkpoint, a collector, a cache that is rebuilt), take"
        " it off the path of requests, or spread it out."
    )
