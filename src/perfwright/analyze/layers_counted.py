"""The server's part of a mean response without traces: what is counted, by Little's law.

    something that N requests are in on average, at X requests/s, takes each request N / X seconds

    on CPU         cores that the services use                       process.cpu.utilization
    ready, no core threads that could run and have no core           process.cpu.run_delay
    not accepted   connections established, not yet accepted         process.listen.queue
    off CPU        threads that stand still, by what they wait for   wall profiles
    database       statements' time, the longest by name             pg_stat_statements, …
    downstream     time in other services                            `downstream.py`

A thread that stands in a database's or another service's client is counted there, not twice.
"""

from __future__ import annotations

from collections.abc import Callable

from perfwright.analyze.downstream import calls_service, downstreams
from perfwright.analyze.off_cpu import (
    asks_store,
    is_loop,
    profile_of,
    profiled,
    standing,
)
from perfwright.analyze.roles import is_store, processes
from perfwright.analyze.view import View
from perfwright.analyze.wait_kinds import Wait
from perfwright.model import metrics
from perfwright.model.stage import KNEE, LOW, Stage
from perfwright.model.units import NS_PER_S

_NAMED = 3
_TEXT = 50
_WAITS = {
    Wait.LOCK: "app off CPU: waiting for a lock",
    Wait.SLEEP: "app off CPU: sleeping",
    Wait.IO: "app off CPU: waiting for I/O",
    Wait.NONE: "app off CPU: standing in code",
}
Parts = dict[str, tuple[float, str]]


def counted_parts(view: View, stage: Stage) -> Parts:
    """Seconds per request and source by layer."""
    rate = stage.throughput_per_s
    if rate <= 0:
        return {}
    makers: tuple[Callable[[View, Stage], Parts], ...] = (
        _queued, _on_cpu, _standing, _statements, _downstream,
    )  # fmt: skip
    return {
        name: part for make in makers for name, part in make(view, stage).items() if part[0] > 0
    }


def _queued(view: View, stage: Stage) -> Parts:
    names = (
        ("queueing: connections not yet accepted", metrics.ACCEPT_QUEUE),
        ("queueing: ready to run, no core free", metrics.PROCESS_RUN_DELAY),
    )
    return {
        name: (_all_services(view, metric, stage) / stage.throughput_per_s, metric)
        for name, metric in names
    }


def _on_cpu(view: View, stage: Stage) -> Parts:
    cores = _all_services(view, metrics.PROCESS_CPU, stage)
    return {"app on CPU": (cores / stage.throughput_per_s, metrics.PROCESS_CPU)}


def _all_services(view: View, metric: str, stage: Stage) -> float:
    return sum(view.mean(metric, subject, stage=stage) or 0.0 for subject in processes(view))


def _standing(view: View, stage: Stage) -> Parts:
    moment = LOW if stage == view.low and view.compares else KNEE
    loads: dict[str, float] = {}
    for subject in profiled(view):
        if is_store(view, subject):
            continue
        for one in standing(profile_of(view, subject, moment)):
            counted = asks_store(one.stack) or calls_service(one.stack)
            if is_loop(one.stack) or not counted:
                name = _WAITS[one.wait if one.seen else Wait.NONE]
                loads[name] = loads.get(name, 0.0) + one.load
    source = "wall profiles"
    return {name: (load / stage.throughput_per_s, source) for name, load in loads.items()}


def _statements(view: View, stage: Stage) -> Parts:
    """The longest by name, the others together."""
    longest = {one.fingerprint for one in view.statements(view.at_knee)[:_NAMED]}
    requests = stage.throughput_per_s * stage.duration_s
    parts: Parts = {}
    for one in view.statements(stage):
        text = " ".join(one.text.split())
        short = text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
        name = f"database: {short if one.fingerprint in longest else 'other statements'}"
        seconds = one.total_ns / NS_PER_S / requests
        parts[name] = (parts.get(name, (0.0, ""))[0] + seconds, f"statements of {one.subject}")
    return parts


def _downstream(view: View, stage: Stage) -> Parts:
    at_low = stage == view.low
    return {
        f"downstream: {one.to}": (one.low_s if at_low else one.knee_s, one.told[0].source)
        for one in downstreams(view)
    }
