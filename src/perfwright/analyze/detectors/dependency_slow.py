"""dependency.slow: most of a response passes at a service behind this one.

What is looked for (`downstream.py`): at light load already, 40% or more of the response time and at
least 3 ms are spent in calls to another service, and it is no less under load. The service that
waits has CPU left.

Gain: a response without that time (Amdahl at light load), and where requests queue while hardware
has room, throughput to the next hard bound. Fooled by a peer that waits for something of ours, and,
where neither spans nor a wall profile were taken, by anything else that takes time off the CPU
while connections to a peer are open: the confidence then says so. If the other service was watched,
what makes it slow may be a finding of its own.
"""

from __future__ import annotations

from perfwright.analyze.downstream import Downstream, downstreams
from perfwright.analyze.interval import about
from perfwright.analyze.plateau import is_softly_limited
from perfwright.analyze.predict import Change, impact
from perfwright.analyze.resources import process_of
from perfwright.analyze.telling import idle_hardware, percent, response_evidence, seconds, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding

_OF_RESPONSE = 0.4
_LEAST_S = 0.003
_NO_LESS = 0.7
_AVOIDABLE = 0.9
_QUEUES = ("thread_pool.exhausted", "pool.exhausted", "errors.under_load")


def detect(view: View) -> list[Finding]:
    """The dependency that takes the most, if one takes much."""
    slow = [one for one in downstreams(view) if _is_slow(view, one)]
    return [_finding(view, slow[0])] if slow else []


def _is_slow(view: View, one: Downstream) -> bool:
    low = one.low_s >= max(_OF_RESPONSE * view.low.response_mean_s, _LEAST_S)
    return low and one.knee_s >= _NO_LESS * one.low_s


def _finding(view: View, one: Downstream) -> Finding:
    softly_limited = is_softly_limited(view)
    wait_s = about(min(_AVOIDABLE * one.low_s, 0.95 * view.low.response_mean_s), 0.15)
    worth = impact(
        view,
        Change(wait_s=wait_s, lifts=softly_limited),
        f"A response spends {seconds(one.low_s)} there at light load (Amdahl).",
    )
    hardware = idle_hardware(view)
    return Finding(
        kind="dependency.slow",
        subject=one.to,
        component=one.caller,
        confidence=one.sure,
        impact=worth,
        evidence=(
            *one.told,
            *_its_cpu(view, one),
            response_evidence(view),
            *([hardware] if hardware else []),
        ),
        recommendation=(
            f"{percent(min(one.low_s / view.low.response_mean_s, 1.0))} of a response is waiting"
            f" for {one.to}. Find out what makes it slow (watch it: --watch), set a timeout below"
            " what users accept, cache what it answers, call it beside other work instead of"
            " before it, and go on without it where the answer is not vital (circuit breaker)."
        ),
        explains=_QUEUES if softly_limited else (),
    )


def _its_cpu(view: View, one: Downstream) -> tuple[Evidence, ...]:
    subject = process_of(view, one.to)
    if subject not in view.subjects(metrics.PROCESS_CPU):
        return ()
    return (seen(view, f"cores that {one.to} uses", metrics.PROCESS_CPU, subject),)
