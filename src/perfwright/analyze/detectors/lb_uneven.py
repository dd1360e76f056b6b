"""lb.uneven: some of several equal backends do most of the work while others idle.

What is looked for among siblings (components that were started alike, of which at least one is
behind a proxy, or processes that serve one port):

    A ████████████ 0.95 cores        the busiest works at least 1.6 times the mean, uses half a core
    B ██           0.15              or more, and the imbalance grows with the load or is there from
    C ██           0.14              light load on

Gain: the busiest bounds the system at n·share times less than all of them evenly; evenly spread,
the same work is bounded by the sum of their cores (utilization law), or by the host's. Fooled by
backends that are meant for different work (told by their command lines: they are no siblings here
if those differ in more than numbers), and by a pair of which one has only just started.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfwright.analyze.demands import demand_of, demands
from perfwright.analyze.interval import Interval
from perfwright.analyze.predict import REACH, most_completed
from perfwright.analyze.resources import HOST, component, cores_of
from perfwright.analyze.roles import is_proxy, is_store, peers_of, processes
from perfwright.analyze.telling import percent, response_evidence, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding, Impact, Predicted
from perfwright.model.stage import Stage

_MORE_THAN_MEAN = 1.6
_TWO_MORE_THAN_MEAN = 1.4
_CORES = 0.4
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Siblings:
    """Who should share evenly: each one's series (subject, label) and CPU; `owner` spreads."""

    owner: str
    series: tuple[tuple[str, str], ...]
    cores: tuple[float, ...]

    @property
    def share(self) -> float:
        """The busiest one's part of the work."""
        total = sum(self.cores)
        return max(self.cores) / total if total > 0 else 0.0

    @property
    def over_mean(self) -> float:
        return self.share * len(self.cores)


def detect(view: View) -> list[Finding]:
    """A finding for each uneven group."""
    groups = [*_behind_proxies(view), *_on_one_port(view)]
    return [_finding(view, group) for group in groups if _is_uneven(view, group)]


def _is_uneven(view: View, group: _Siblings) -> bool:
    least = _TWO_MORE_THAN_MEAN if len(group.cores) == 2 else _MORE_THAN_MEAN
    if group.over_mean < least:
        return False
    busiest = max(zip(group.cores, group.series, strict=True))[1]
    return max(_wanted(view, busiest, stage) for stage in view.stages) >= _CORES


def _wanted(view: View, series: tuple[str, str], stage: Stage) -> float:
    """Cores used and waited for (which is told of a whole component only)."""
    waited = 0.0 if series[1] else view.mean(metrics.PROCESS_RUN_DELAY, series[0], stage=stage)
    return _cores(view, series, stage) + (waited or 0.0)


def _behind_proxies(view: View) -> list[_Siblings]:
    found = []
    for proxy in view.subjects(metrics.PROCESS_CPU):
        if not is_proxy(view, proxy):
            continue
        kinds = {_kind(view, peer) for peer in peers_of(view, proxy) if not is_store(view, peer)}
        for kind in sorted(kinds - {""}):
            equal = [one for one in processes(view) if _kind(view, one) == kind]
            if len(equal) > 1:
                found.append(_siblings(view, proxy, tuple((one, "") for one in equal)))
    return found


def _kind(view: View, subject: str) -> str:
    """What makes siblings: the runtime, and the command line but for its numbers."""
    known = component(view, subject)
    return f"{known.runtime} {_NUMBERS.sub('', known.detail)}" if known else ""


def _on_one_port(view: View) -> list[_Siblings]:
    """Worker processes of one component; a master that only waits is none."""
    found = []
    for subject in view.subjects(metrics.PROCESS_CPU):
        if subject == HOST or is_store(view, subject) or is_proxy(view, subject):
            continue
        labels = [label for label in view.labels(metrics.PROCESS_CPU, subject) if label]
        if len(labels) > 2:  # a master and two workers
            found.append(
                _without_master(_siblings(view, subject, tuple((subject, one) for one in labels)))
            )
    return found


def _without_master(group: _Siblings) -> _Siblings:
    order = sorted(range(len(group.cores)), key=lambda i: group.cores[i])[1:]
    return _Siblings(
        owner=group.owner,
        series=tuple(group.series[i] for i in order),
        cores=tuple(group.cores[i] for i in order),
    )


def _siblings(view: View, owner: str, series: tuple[tuple[str, str], ...]) -> _Siblings:
    stage = view.at_knee
    return _Siblings(
        owner=owner, series=series, cores=tuple(_cores(view, one, stage) for one in series)
    )


def _cores(view: View, series: tuple[str, str], stage: Stage) -> float:
    return view.mean(metrics.PROCESS_CPU, *series, stage=stage) or 0.0


def _finding(view: View, group: _Siblings) -> Finding:
    busiest = max(range(len(group.cores)), key=lambda i: group.cores[i])
    name = " ".join(part for part in group.series[busiest] if part)
    shares = ", ".join(percent(one / sum(group.cores)) for one in sorted(group.cores, reverse=True))
    told = [
        Evidence(
            what=f"shares of the work of {len(group.cores)} equal backends",
            value=shares,
            source="their CPU at the knee",
        ),
        *(
            seen(
                view,
                f"cores of {' '.join(part for part in one if part)}",
                metrics.PROCESS_CPU,
                *one,
            )
            for one in group.series[:4]
        ),
    ]
    connections = [
        seen(view, f"connections to {subject}", metrics.CONNECTIONS_TO, group.owner, subject)
        for subject, label in group.series[:4]
        if not label and subject in view.labels(metrics.CONNECTIONS_TO, group.owner)
    ]
    return Finding(
        kind="lb.uneven",
        subject=f"{name} does {percent(group.share)}",
        component=group.owner,
        confidence=min(0.9, 0.5 + 0.3 * (group.over_mean - 1)),
        impact=_worth(view, group),
        evidence=(*told, *connections, response_evidence(view)),
        recommendation=(
            f"{name} does {percent(group.share)} of the work of {len(group.cores)} equal backends."
            " Give them equal weights and balance by load (nginx: `least_conn`; HAProxy: `balance"
            " leastconn`), without sticky sessions or a hash of a key that few values dominate;"
            " check that none of them is marked down."
        ),
        explains=(
            "cpu.saturated",
            "thread_pool.exhausted",
            "event_loop.blocked",
            "errors.under_load",
            "dependency.slow",
        ),
    )


def _worth(view: View, group: _Siblings) -> Impact:
    """Spread evenly, the busiest one's part falls to 1/n; the host bounds them all together."""
    now = most_completed(view)
    host = demand_of(demands(view), HOST)
    limit = host.bound_per_s.value * REACH if host else float("inf")
    free = _host_free(view, group)
    gain = min(group.over_mean, free)
    predicted = max(now, min(now * gain, limit))
    because = (
        f"Spread evenly, the busiest backend has 1/{len(group.cores)} of the work instead of"
        f" {percent(group.share)} (utilization law)."
    )
    if predicted <= now * 1.03:
        return Impact(method=because)
    range_ = Interval(
        value=predicted,
        low=now + 0.5 * (predicted - now),
        high=min(now * group.over_mean, max(limit, predicted)),
    )
    return Impact(
        throughput_per_s=Predicted(
            now=now, predicted=range_.value, low=range_.low, high=max(range_.high, range_.value)
        ),
        method=because,
    )


def _host_free(view: View, group: _Siblings) -> float:
    """How many times the siblings' work fits into their own cores."""
    usable = sum(cores_of(view, subject) if not label else 1.0 for subject, label in group.series)
    used = sum(group.cores)
    return usable / used if used > 0 else 1.0
