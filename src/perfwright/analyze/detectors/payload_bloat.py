"""payload.bloat: answers are far larger than they need be, and their size is what they cost.

Looks for a step that carries most of the bytes, in answers of at least `_LARGE_BYTES` and many
times the size of the other steps', where size is what hurts: a network near its limit, a service
whose CPU goes into writing the answer (its profile: serializing, compressing), or an answer whose
transfer is a real part of its time. Worth: of these bytes a page of `_PAGE_BYTES` is left, of the
CPU that makes and reads them and of their transfer as much (demand law). Fooled by steps that are
downloads: large answers that cost neither CPU nor time are no finding.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from perfwright.analyze.driver_code import DRIVERS, profile_of
from perfwright.analyze.interval import NOTHING, about
from perfwright.analyze.predict import GENERATOR, Change, cpu_part, generator_cpu_s, impact
from perfwright.analyze.stacks import inside, total_load
from perfwright.analyze.statement_change import service_of
from perfwright.analyze.statements import costs
from perfwright.analyze.telling import megabytes_per_second, number, percent, seconds, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.units import NS_PER_S

_LARGE_BYTES = 50_000
_LARGER = 5.0
_OF_BYTES = 0.5
_PAGE_BYTES = 20_000
"""Some 50 entries of a list, as an interface shows them."""
_OF_CPU = 0.2
_OF_TIME = 0.2
_FULL = 0.7
_MANY_ROWS = 300
_SERIALIZING = (
    "json/", "json.", "_json", "simplejson", "orjson", "ujson", "msgpack", "encoder.py",
    "iterencode", "c_make_encoder", "pydantic", "marshmallow", "serializers", "gzip", "zlib",
    "brotli", "deflate", "jinja2", "xml/", "base64", "sock.send", "sendall", "sendmsg",
    "writelines", "selector_events.py", "JSON.stringify", "encoding/json", "jackson",
)  # fmt: skip
_EXPLAINS = (
    "cpu.saturated", "net.saturated", "code.hot_function", "net.latency", "gc.pressure",
    "db.slow_query", "event_loop.blocked",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heavy:
    """A step's answers: bytes each, their part of all bytes, and of that step's requests of all;
    `transfer_s`: first byte to last."""

    step: str
    bytes_each: float
    others_bytes: float
    part: float
    of_requests: float
    transfer_s: float
    response_s: float


def detect(view: View) -> list[Finding]:
    """At most one finding: the step that carries most bytes."""
    heavy = _heaviest(view)
    if heavy is None or heavy.part < _OF_BYTES or heavy.bytes_each < _LARGE_BYTES:
        return []
    if heavy.bytes_each < _LARGER * heavy.others_bytes:
        return []
    service = service_of(view)
    cpu = _serializing(view, service)
    network = _network(view)
    transfer = heavy.transfer_s / heavy.response_s if heavy.response_s > 0 else 0.0
    if (cpu or 0.0) < _OF_CPU and network < _FULL and transfer < _OF_TIME:
        return []
    return [_finding(view, heavy, service, cpu)]


def _heaviest(view: View) -> _Heavy | None:
    steps = {
        name: tally
        for name, tally in view.steps(view.at_knee).items()
        if tally.kind == "request" and tally.requests
    }
    total = sum(tally.bytes_received for tally in steps.values())
    if not total:
        return None
    name, tally = max(steps.items(), key=lambda pair: pair[1].bytes_received)
    others = [one.bytes_received / one.requests for key, one in steps.items() if key != name]
    receive, response = tally.measures.get("receive"), tally.measures.get("response")
    return _Heavy(
        step=name,
        bytes_each=tally.bytes_received / tally.requests,
        others_bytes=statistics.median(others) if others else 0.0,
        part=tally.bytes_received / total,
        of_requests=tally.requests / sum(one.requests for one in steps.values()),
        transfer_s=receive.total / tally.requests / NS_PER_S if receive else 0.0,
        response_s=response.total / tally.requests / NS_PER_S if response else 0.0,
    )


def _serializing(view: View, service: str) -> float | None:
    """The part of the service's CPU that makes and sends answers, reading what is in them included;
    None without a profile."""
    stacks = profile_of(view, service) if service else ()
    whole = total_load(stacks)
    reads = any(cost.rows >= _MANY_ROWS for cost in costs(view, view.under_stress))
    costly = (*_SERIALIZING, *DRIVERS) if reads else _SERIALIZING
    return inside(stacks, *costly) / whole if whole > 0 else None


def _network(view: View) -> float:
    """Utilization of the busiest interface."""
    return max(
        (
            view.mean(metrics.NETWORK_UTILIZATION, subject, label, stage=view.under_stress) or 0.0
            for subject in view.subjects(metrics.NETWORK_UTILIZATION)
            for label in view.labels(metrics.NETWORK_UTILIZATION, subject)
        ),
        default=0.0,
    )


def _finding(view: View, heavy: _Heavy, service: str, cpu: float | None) -> Finding:
    saved = (1 - _PAGE_BYTES / heavy.bytes_each) * heavy.part
    part = NOTHING if cpu is None else about(min(saved * cpu, 0.95), 0.3).at_most(0.98)
    devices = {
        label: saved
        for subject in view.subjects(metrics.NETWORK_UTILIZATION)
        for label in view.labels(metrics.NETWORK_UTILIZATION, subject)
    }
    wait_s = about(saved * heavy.transfer_s * heavy.of_requests, 0.3)
    return Finding(
        kind="payload.bloat",
        subject=f"{heavy.step}: {number(heavy.bytes_each / 1e3)} kB an answer",
        component=service,
        confidence=0.8 if cpu and cpu >= _OF_CPU else 0.65,
        impact=impact(
            view,
            Change(
                cpu_s={
                    **(cpu_part(view, service, part) if service else {}),
                    GENERATOR: about(saved * generator_cpu_s(view), 0.3),
                },
                wait_s=wait_s,
                devices=devices,
            ),
            f"Demand law: {percent(heavy.part)} of all bytes are this step's; a page of"
            f" {number(_PAGE_BYTES / 1e3)} kB is left of each answer, with the CPU and the transfer"
            " that it takes.",
        ),
        evidence=_evidence(view, heavy, cpu),
        recommendation=(
            f"{heavy.step} answers with {number(heavy.bytes_each / 1e3)} kB"
            + (
                f" where the others send {number(heavy.others_bytes / 1e3)} kB"
                if heavy.others_bytes
                else ""
            )
            + ": send only the fields that callers use, page long lists (20 to 100 entries), keep"
            " descriptions and images for the single item, and compress what is left."
        ),
        explains=_EXPLAINS,
    )


def _evidence(view: View, heavy: _Heavy, cpu: float | None) -> tuple[Evidence, ...]:
    told = [
        Evidence(
            what=f"bytes an answer of {heavy.step}",
            value=number(heavy.bytes_each),
            source="the load's own counts",
        ),
        Evidence(what="of all bytes", value=percent(heavy.part), source="the load's own counts"),
        Evidence(
            what="first byte to last, of its response time",
            value=f"{seconds(heavy.transfer_s)} of {seconds(heavy.response_s)}",
            source="the load's own timing",
        ),
    ]
    if cpu is not None:
        told.append(
            Evidence(
                what="CPU samples in making and sending answers",
                value=percent(cpu),
                source="profile",
            )
        )
    told += [
        seen(view, f"bytes/s on {label}", metrics.NETWORK_IO, subject, label, megabytes_per_second)
        for subject in view.subjects(metrics.NETWORK_IO)
        for label in view.labels(metrics.NETWORK_IO, subject)
        if label.endswith("transmit")
    ][:2]
    return tuple(told)
