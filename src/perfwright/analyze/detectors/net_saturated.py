"""net.saturated: a network link carries all that it can.

What is looked for under stress: an interface (loopback has no speed and is not looked at) at least
85% used in one direction, as far as its speed is known. The load's own traffic is told beside it: a
link that somebody else fills is found as well.

Gain: bytes per request are the demand of the link (utilization law); twice the speed, or half the
bytes, doubles that bound. Fooled by a link whose true speed is less than its card's (a cloud's
limit): then it is not found, and retransmits hint at it.
"""

from __future__ import annotations

from perfwright.analyze.demands import demands
from perfwright.analyze.predict import REACH, most_completed, tightest
from perfwright.analyze.resources import NETWORK
from perfwright.analyze.telling import megabytes_per_second, percent, response_evidence, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Finding, Impact, Predicted
from perfwright.model.units import format_number

_FULL = 0.85
_LOOPBACK = ("lo",)


def detect(view: View) -> list[Finding]:
    """A finding for each full interface."""
    stage = view.under_stress
    return [
        _finding(view, subject, label)
        for subject in view.subjects(metrics.NETWORK_UTILIZATION)
        for label in view.labels(metrics.NETWORK_UTILIZATION, subject)
        if label not in _LOOPBACK
        and (view.mean(metrics.NETWORK_UTILIZATION, subject, label, stage=stage) or 0.0) >= _FULL
    ]


def _finding(view: View, subject: str, label: str) -> Finding:
    told = (
        seen(view, f"{label}'s speed in use", metrics.NETWORK_UTILIZATION, subject, label, percent),
        *(
            seen(
                view, f"{label} {way}s", metrics.NETWORK_IO, subject, f"{label}.{way}",
                megabytes_per_second,
            )
            for way in ("receive", "transmit")
            if f"{label}.{way}" in view.labels(metrics.NETWORK_IO, subject)
        ),
    )  # fmt: skip
    each = _bytes_per_request(view)
    return Finding(
        kind="net.saturated",
        subject=label,
        component=subject,
        confidence=0.85,
        impact=_worth(view),
        evidence=(*told, response_evidence(view)),
        recommendation=(
            f"{label} is full. A request moves {format_number(each / 1e3)} kB: compress answers"
            " (gzip, zstd), send fewer fields and smaller pages, cache near the users; or take a"
            " faster link. See whose traffic it is if the load's own is the smaller part."
        ),
        explains=("payload.bloat", "net.latency", "errors.under_load"),
    )


def _worth(view: View) -> Impact:
    now = most_completed(view)
    left = [one for one in demands(view) if one.resource.kind != NETWORK]
    bound = tightest(left)
    most = bound.bound_per_s.value * REACH if bound else 2 * now
    predicted = max(now, min(2 * now, most))
    because = "Half the bytes, or twice the link's speed, doubles the link's bound (U = X·D)."
    if predicted <= now:
        return Impact(method=because)
    throughput = Predicted(now=now, predicted=predicted, low=now, high=max(predicted, 2.5 * now))
    return Impact(throughput_per_s=throughput, method=because)


def _bytes_per_request(view: View) -> float:
    steps = [one for one in view.steps(view.busiest).values() if one.kind != "group"]
    requests = sum(one.requests for one in steps)
    moved = sum(one.bytes_received + one.bytes_sent for one in steps)
    return moved / requests if requests else 0.0
