"""Calls to other services as a program's own metrics count them (Prometheus, OTLP).

    http_client_request_duration_seconds_count{server_address="stock"}   calls/s       V = calls / X
    …_sum                                                                s per s = calls under way
    …_count{…,http_response_status_code="503"}                           failed ones

Names are known by words: *client* (or outgoing, upstream, egress) and *request*, *call* or
*duration*. What names the peer, and what the outcome, is told by the label's key. Fooled by a
metric of that name that counts something else; a histogram's `_sum` and `_count` must both be
there for times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfwright.analyze.view import View
from perfwright.model.stage import Stage

_CLIENT = re.compile(
    r"(client|outgoing|outbound|upstream|egress|downstream|dependency).*"
    r"(request|call|duration|latency|response)", re.IGNORECASE
)  # fmt: skip
_DATABASE = re.compile(r"^db|sql|redis|mongo|pool|connection_?(count|pool)", re.IGNORECASE)
_COUNTS = re.compile(r"^(?P<stem>.+?)[._](count|total)$")
_PEER_KEYS = ("server_address", "server.address", "peer", "server", "host", "target", "upstream",
              "service", "destination", "client")  # fmt: skip
_FAILED = re.compile(
    r"(status|code|status_code|http_response_status_code|outcome|result)=\"?"
    r"(5\d\d|429|error|fail\w*|timeout|exception|\w*Error)", re.IGNORECASE
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCounter:
    """The series of calls to one peer in one program's metrics, as keys of `View.series`."""

    subject: str
    metric: str
    peer: str
    labels: tuple[str, ...]
    times: tuple[str, ...]
    time_metric: str

    def calls_per_s(self, view: View, stage: Stage) -> float | None:
        """None where nothing was read in the stage."""
        return _summed(view, self.metric, self.subject, self.labels, stage)

    def failed_per_s(self, view: View, stage: Stage) -> float:
        failed = tuple(label for label in self.labels if _FAILED.search(label))
        return _summed(view, self.metric, self.subject, failed, stage) or 0.0

    def under_way(self, view: View, stage: Stage) -> float | None:
        """Calls under way at a time (seconds spent in them per second)."""
        return _summed(view, self.time_metric, self.subject, self.times, stage)


def call_counters(view: View) -> tuple[CallCounter, ...]:
    """One for each program, metric and peer."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for metric, subject, label in view.series:
        if _CLIENT.search(metric) and not _DATABASE.search(metric) and _COUNTS.match(metric):
            groups.setdefault((metric, subject, peer_of(label)), []).append(label)
    return tuple(
        _counter(view, metric, subject, peer, labels)
        for (metric, subject, peer), labels in sorted(groups.items())
    )


def peer_of(label: str) -> str:
    """The called service by a series' labels; "" where none tells."""
    pairs = dict(part.partition("=")[::2] for part in label.split(","))
    return next((pairs[key].strip('"') for key in _PEER_KEYS if pairs.get(key)), "")


def _counter(view: View, metric: str, subject: str, peer: str, labels: list[str]) -> CallCounter:
    match = _COUNTS.match(metric)
    assert match is not None, metric
    time_metric = f"{match['stem']}_sum"
    times = [one for one in view.labels(time_metric, subject) if peer_of(one) == peer]
    return CallCounter(
        subject=subject,
        metric=metric,
        peer=peer,
        labels=tuple(labels),
        times=tuple(times),
        time_metric=time_metric,
    )


def _summed(
    view: View, metric: str, subject: str, labels: tuple[str, ...], stage: Stage
) -> float | None:
    means = [view.mean(metric, subject, label, stage=stage) for label in labels]
    known = [one for one in means if one is not None]
    return sum(known) if known else None
