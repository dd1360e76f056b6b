"""disk.saturated: a disk is busy all the time and operations queue for it.

Looks for a device that is busy nearly always under stress and was not at light load, whose
operations take longer than they did there (a drive that serves many at once may be busy all the
time and still have room: then await stays). Worth: the disk's service demand goes by `_SAVED`, as
by fewer or larger writes or a faster device, and the next bound is left (demand law). Fooled by
another's I/O on the same disk: named is who writes and reads most.
"""

from __future__ import annotations

from perfwright.analyze.demands import demands
from perfwright.analyze.predict import Change, impact
from perfwright.analyze.resources import DISK
from perfwright.analyze.telling import (
    low_and_stress,
    megabytes_per_second,
    number,
    percent,
    seconds,
    seen,
)
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding

_BUSY = 0.85
_IDLE_BEFORE = 0.6
_SLOWER = 1.5
_SLOW_S = 0.005
_SAVED = 0.8
_EXPLAINS = (
    "log.sync_io", "latency.periodic_stall", "errors.under_load", "pool.exhausted",
    "db.slow_query", "thread_pool.exhausted",
)  # fmt: skip


def detect(view: View) -> list[Finding]:
    """One finding for each disk at its limit."""
    return [
        finding
        for subject in view.subjects(metrics.DISK_UTILIZATION)
        for device in view.labels(metrics.DISK_UTILIZATION, subject)
        if (finding := _judge(view, subject, device))
    ]


def _judge(view: View, subject: str, device: str) -> Finding | None:
    low, high = low_and_stress(view, metrics.DISK_UTILIZATION, subject, device)
    if high is None or high < _BUSY or (view.compares and (low or 0.0) > _IDLE_BEFORE):
        return None
    before_s, wait_s = low_and_stress(view, metrics.DISK_AWAIT, subject, device)
    if wait_s is not None and wait_s < max(_SLOW_S, _SLOWER * (before_s or 0.0)):
        return None
    writer = _heaviest(view)
    return Finding(
        kind="disk.saturated",
        subject=f"disk {device}",
        component=writer[0] if writer else subject,
        confidence=0.85 if wait_s is not None else 0.6,
        impact=impact(
            view,
            Change(devices={device: _SAVED}),
            f"Demand law: {device} is {percent(high)} busy; a fifth of its work is left where"
            " writes are batched or the device is faster.",
        ),
        evidence=_evidence(view, subject, device, writer),
        recommendation=_recommendation(view, device, writer),
        explains=_EXPLAINS,
    )


def _heaviest(view: View) -> tuple[str, str, float] | None:
    """Component and direction of the most bytes/s to or from storage."""
    stage = view.under_stress
    found = [
        (view.mean(metrics.PROCESS_IO, subject, label, stage=stage) or 0.0, subject, label)
        for subject in view.subjects(metrics.PROCESS_IO)
        for label in ("read", "write")
    ]
    most = max(found, default=None)
    return (most[1], most[2], most[0]) if most and most[0] > 0 else None


def _evidence(
    view: View, subject: str, device: str, writer: tuple[str, str, float] | None
) -> tuple[Evidence, ...]:
    told = [
        seen(view, f"{device} busy", metrics.DISK_UTILIZATION, subject, device, percent),
        seen(view, "time an operation takes", metrics.DISK_AWAIT, subject, device, seconds),
    ]
    if writer:
        told.append(
            seen(
                view,
                f"most of it, {writer[1]}",
                metrics.PROCESS_IO,
                writer[0],
                writer[1],
                megabytes_per_second,
            )
        )
    told += [
        seen(view, "waiting for block I/O, threads", metrics.IO_DELAY, one)
        for one in view.subjects(metrics.IO_DELAY)[:2]
    ]
    return tuple(told)


def _recommendation(view: View, device: str, writer: tuple[str, str, float] | None) -> str:
    stage = view.under_stress
    who = ""
    if writer and stage.throughput_per_s > 0:
        each = writer[2] / stage.throughput_per_s / 1e3
        who = f" {writer[0]} {writer[1]}s {number(each)} kB a request."
    bounds = [
        demand.bound_per_s.value
        for demand in demands(view)
        if demand.resource.kind == DISK and demand.resource.label == device
    ]
    limit = f" {device} carries about {number(bounds[0])} requests/s." if bounds else ""
    return (
        "Write less, less often and in larger pieces (group commits, buffered logs), cache what is"
        f" read again, or give the data a faster disk.{who}{limit}"
    )
