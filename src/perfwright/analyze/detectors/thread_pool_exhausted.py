"""thread_pool.exhausted: every worker thread (or prefork process) is taken, and requests queue.

What is looked for, in the wall profile of threads that are no event loops (`workers.py`):

    workers   N of them, three quarters busy at the knee, or so busy that they are full at just the
              throughput where the system stops; mostly off the CPU (they wait, not compute)
    queue     more requests in flight under stress than workers (Little: X·R)

Little's law: N workers, each held S = busy / X, let N / S requests through and no more. The size
asked for is what the next hard bound needs. Gain: the pool is lifted, the next hard bound remains.
Fooled by workers that all queue at one lock (lock.contention tells), or for a connection or a
database (those findings explain this one; it is less sure then), and by servers that start a thread
per connection: their number follows the load.
"""

from __future__ import annotations

from perfwright.analyze.interval import about
from perfwright.analyze.laws import holding_s, servers_needed
from perfwright.analyze.off_cpu import (
    asks_store,
    fills_up,
    profile_of,
    profiled,
    profiled_stage,
    writes_log,
)
from perfwright.analyze.plateau import queues
from perfwright.analyze.predict import with_limit_lifted
from perfwright.analyze.telling import (
    idle_hardware,
    measured,
    number,
    percent,
    response_evidence,
    seconds,
)
from perfwright.analyze.view import View
from perfwright.analyze.workers import Workers, worker_groups
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding, Impact
from perfwright.model.stage import KNEE
from perfwright.model.units import format_count

_BUSY = 0.75
_STANDING = 0.5
_GROWS = 1.3
_SURE, _ASKS_ANOTHER = 0.9, 0.55


def detect(view: View) -> list[Finding]:
    """A finding for each component whose workers are all taken."""
    if not queues(view):
        return []
    found = []
    for subject in profiled(view):
        groups = worker_groups(profile_of(view, subject, KNEE))
        full = [group for group in groups if _is_full(view, subject, group)]
        found += [_finding(view, subject, full[0])] if full else []
    return found


def _is_full(view: View, subject: str, group: Workers) -> bool:
    if group.busy_ratio < _BUSY and not fills_up(view, group.busy_ratio):
        return False
    if group.standing < _STANDING * group.busy or group.queue_at_lock:
        return False
    if writes_log(group.places[0].stack):
        return False
    more_waiting = view.under_stress.in_flight > group.size
    return more_waiting and not _threads_follow_load(view, subject)


def _threads_follow_load(view: View, subject: str) -> bool:
    """Whether the process starts threads as the load rises past the knee."""
    held = view.mean(metrics.PROCESS_THREADS, subject, stage=view.at_knee)
    values = view.values(metrics.PROCESS_THREADS, subject, stage=view.under_stress)
    return held is not None and bool(values.size) and float(values.max()) > _GROWS * held


def _finding(view: View, subject: str, group: Workers) -> Finding:
    stage = profiled_stage(view, KNEE)
    held_s = holding_s(group.busy, stage.throughput_per_s)
    worth = with_limit_lifted(
        view,
        f"Little's law: {group.size} workers, each held {seconds(held_s)} a request, let"
        f" {number(group.size / held_s)} requests/s through.",
    )
    hardware = idle_hardware(view)
    waits_for_store = asks_store(group.places[0].stack)
    return Finding(
        kind="thread_pool.exhausted",
        subject=f"{group.size} workers" + (f" ({group.name})" if group.name else ""),
        component=subject,
        confidence=_ASKS_ANOTHER if waits_for_store else _SURE * group.busy_ratio**0.5,
        impact=worth,
        evidence=(
            *_evidence(view, subject, group),
            response_evidence(view),
            *([hardware] if hardware else []),
        ),
        recommendation=_recommendation(group, held_s, worth),
        explains=("errors.under_load", "event_loop.blocked"),
    )


def _evidence(view: View, subject: str, group: Workers) -> tuple[Evidence, ...]:
    source = f"wall profile of {subject} at the knee"
    place = group.places[0]
    return (
        Evidence(
            what="workers that are busy",
            value=f"{number(group.busy)} of {group.size} ({percent(group.busy_ratio)})",
            source=source,
        ),
        Evidence(
            what=f"of them waiting at {place.frame.name}",
            value=number(place.load),
            source=source,
        ),
        measured(
            view,
            "requests in flight (X·R)",
            view.low.in_flight,
            view.under_stress.in_flight,
            number,
        ),
    )


def _recommendation(group: Workers, held_s: float, worth: Impact) -> str:
    place = group.places[0].frame
    shorten = f"shorten what holds them: {place.name}"
    if worth.throughput_per_s is None:
        return f"All {group.size} workers are taken. Give the pool more, and {shorten}."
    rate = worth.throughput_per_s.predicted
    size = max(servers_needed(rate, about(held_s).value), group.size + 1)
    return (
        f"All {group.size} workers are taken, each {seconds(held_s)} a request. Raise the pool to"
        f" {size} (Little's law for {format_count(round(rate))} requests/s), or {shorten}."
    )
