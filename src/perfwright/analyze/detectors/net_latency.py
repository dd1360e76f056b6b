"""net.latency: the way to the system and back takes a good part of every response.

What is looked for: the round-trip time that a TCP handshake shows (connect phase, its quickest
tenth, so that a busy server does not count) of at least 5 ms, and at least 40% of the response time
at light load; it stays the same under load.

Gain: one round trip less per request (Amdahl at light load): no throughput. Fooled by a client that
kept all its connections from before (no handshake in sight), and by a proxy near the client that
accepts at once: then the way behind it is not seen here.
"""

from __future__ import annotations

from perfwright.analyze.interval import about
from perfwright.analyze.predict import without_wait
from perfwright.analyze.telling import percent, seconds
from perfwright.analyze.view import View
from perfwright.model.finding import Evidence, Finding
from perfwright.model.frame import StepTally
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_S

_LEAST_S = 0.005
_OF_RESPONSE = 0.4
_QUICKEST = 0.1
_CONNECTS = 5


def detect(view: View) -> list[Finding]:
    """At most one."""
    rtt_s = round_trip_s(view)
    low_s = view.low.response_p50_s
    if rtt_s is None or rtt_s < max(_LEAST_S, _OF_RESPONSE * low_s):
        return []
    per_request = _connects_per_request(view)
    told = (
        Evidence(
            what="round trip to the system",
            value=seconds(rtt_s),
            source="TCP handshakes of the load",
        ),
        Evidence(
            what="of the median response time at light load",
            value=percent(min(rtt_s / low_s, 1.0)) if low_s > 0 else "all",
            source="the load's own timing",
        ),
    )
    return [
        Finding(
            kind="net.latency",
            subject=f"{seconds(rtt_s)} round trip",
            component="",
            confidence=0.75,
            impact=without_wait(
                view,
                about(min(rtt_s, 0.95 * view.low.response_mean_s) * (1 + per_request), 0.2),
                "A request takes at least one round trip (Amdahl at light load).",
            ),
            evidence=told,
            recommendation=(
                "Bring the system nearer to its users (a region near them, a CDN), keep"
                " connections alive, and put what takes several requests one after another into"
                " one, or send them side by side. If the users of this test sit elsewhere than the"
                " real ones, run the load from where those are."
            ),
        )
    ]


def round_trip_s(view: View) -> float | None:
    """The quickest tenth of TCP handshakes; None where too few were made."""
    connects = Histogram()
    for counted in view.counted:
        for step in counted.steps.values():
            if step.kind != "group" and "connect" in step.measures:
                connects.merge(step.measures["connect"])
    if connects.count < _CONNECTS:
        return None
    quickest_ns = connects.quantile(_QUICKEST)
    return None if quickest_ns is None else quickest_ns / NS_PER_S


def _connects_per_request(view: View) -> float:
    steps: list[StepTally] = [one for one in view.steps(view.low).values() if one.kind != "group"]
    requests = sum(one.requests for one in steps)
    connects = sum(one.measures["connect"].count for one in steps if "connect" in one.measures)
    return connects / requests if requests else 0.0
