"""connection.no_keepalive: a new connection is opened for every request, or every second one.

In front: the load keeps its connections, so that every one that it had to open anew was closed by
the system; connects per request at the knee tell it. Behind: nothing counts a service's new
connections to its database or to another service, but what is closed stays in TIME_WAIT for a
minute (`closed_connections.py`): their number per request, less those in front; a profile of the
service must show it opening them. Worth: the
hand-shakes' time (TCP, TLS) goes from each request, and the service's CPU that its profile finds in
accepting, connecting and shaking hands. Fooled by a load of many short-lived users: each opens
connections of its own, so the front is judged by requests per connection at the knee only.
"""

from __future__ import annotations

from perfwright.analyze.closed_connections import closed_per_request
from perfwright.analyze.driver_code import profile_of
from perfwright.analyze.interval import Interval, about
from perfwright.analyze.predict import Change, cpu_part, impact
from perfwright.analyze.resources import HOST
from perfwright.analyze.roles import front, is_proxy, processes
from perfwright.analyze.stacks import inside, total_load
from perfwright.analyze.telling import number, seconds, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.stage import Stage
from perfwright.model.units import NS_PER_S

_OFTEN = 0.4
_BEHIND_OFTEN = 0.3
_OPENING = (
    "connection_made", "connection_lost", "do_handshake", "create_connection", "open_connection",
    "accept", "_accept_connection", "shutdown", "close (socket", "tcp_v4_connect",
    "inet_csk_accept", "getaddrinfo", "sys_connect", "sys_accept", "tcp_close", "SSL_", "tls_",
    "connect (", "connect.",
    "__init__ (uvicorn/protocols", "_start_transport", "authenticate", "startup",
)  # fmt: skip
_SPARE_CPU = 0.15
_OF_A_PROXY = 0.4
_LEAST_SAMPLES = 50
_SEEN = 0.03
_EXPLAINS = ("cpu.saturated", "net.latency", "code.hot_function", "db.connection_limit")


def detect(view: View) -> list[Finding]:
    """One finding for the connections in front of the system, or else for those behind it."""
    stage = view.at_knee
    ratio, handshake_s = _opened(view, stage)
    if ratio >= _OFTEN:
        return [_finding(view, ratio, handshake_s, behind=False)]
    closed = closed_per_request(view) - ratio
    if closed >= _BEHIND_OFTEN and _is_seen_opening(view):
        return [_finding(view, closed, 0.0, behind=True)]
    return []


def _is_seen_opening(view: View) -> bool:
    """Whether a service's profile shows it opening connections: TIME_WAIT alone is anybody's."""
    return any(
        inside(stacks, *_OPENING) >= _SEEN * total_load(stacks)
        for subject in processes(view)
        if (stacks := profile_of(view, subject))
    )


def _opened(view: View, stage: Stage) -> tuple[float, float]:
    """Connections that the load opened per request, and what opening one took (TCP and TLS)."""
    requests = opened = 0
    total_ns = 0
    for tally in view.steps(stage).values():
        if tally.kind != "request":
            continue
        requests += tally.requests
        if connect := tally.measures.get("connect"):
            opened += connect.count
        for phase in ("connect", "tls"):
            if histogram := tally.measures.get(phase):
                total_ns += histogram.total
    if not requests or not opened:
        return 0.0, 0.0
    return opened / requests, total_ns / opened / NS_PER_S


def _finding(view: View, ratio: float, handshake_s: float, *, behind: bool) -> Finding:
    where = "behind the service" if behind else "in front of it"
    cpu_s: dict[str, Interval] = {}
    for subject in (front(view), *processes(view)):
        if subject and subject not in cpu_s:
            cpu_s |= cpu_part(view, subject, _cpu_of_opening(view, subject))
    return Finding(
        kind="connection.no_keepalive",
        subject=f"{number(ratio)} new connections a request {where}",
        component=front(view),
        confidence=0.6 if behind else 0.9,
        impact=impact(
            view,
            Change(cpu_s=cpu_s, wait_s=about(ratio * handshake_s, 0.3)),
            f"Amdahl's law: opening a connection takes {seconds(handshake_s)} of a request, and"
            " CPU on both of its sides.",
        ),
        evidence=_evidence(view, ratio, handshake_s, behind=behind),
        recommendation=_recommendation(behind=behind),
        explains=_EXPLAINS,
    )


def _cpu_of_opening(view: View, subject: str) -> Interval:
    """The part of a component's CPU, by its profile; a guess where that tells too little, as of a
    proxy without symbols."""
    stacks = profile_of(view, subject)
    whole = total_load(stacks)
    part = min(inside(stacks, *_OPENING) / whole, 0.9) if whole > 0 else 0.0
    few = sum(stack.count for stack in stacks) < _LEAST_SAMPLES
    proxy = is_proxy(view, subject)
    if few or (proxy and part < _SPARE_CPU):
        guess = _OF_A_PROXY if proxy else _SPARE_CPU
        return Interval(value=guess, low=0.0, high=2 * guess)
    return Interval(value=part, low=0.7 * part, high=min(1.5 * part + 0.1, 0.95))


def _evidence(
    view: View, ratio: float, handshake_s: float, *, behind: bool
) -> tuple[Evidence, ...]:
    told = []
    if not behind:
        told += [
            Evidence(
                what="connections opened per request",
                value=number(ratio),
                source="the load's own counts",
            ),
            Evidence(
                what="opening one (TCP, TLS)",
                value=seconds(handshake_s),
                source="the load's own timing",
            ),
        ]
    told.append(seen(view, "sockets in TIME_WAIT", metrics.SOCKETS, HOST, "time_wait"))
    return tuple(told)


def _recommendation(*, behind: bool) -> str:
    if behind:
        return (
            "The service opens a connection for each call to what is behind it (database or"
            " another service) and closes it: make one client or pool when it starts, and share it"
            " between requests."
        )
    return (
        "The server closes each connection after its answer: turn HTTP keep-alive on (an idle"
        " time-out of a minute or so, no `Connection: close`, and in nginx `keepalive` with"
        " `proxy_http_version 1.1` towards the service)."
    )
