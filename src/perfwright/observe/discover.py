"""`--watch auto`: what stands behind a target on this machine, and what of it can be watched.

    target ─► its processes ─► who they are connected to ─► … (neighbours.py)
                  │ runtimes.py          │  and what stands beside those (siblings.py)
                  │                      └─ databases: known_databases.py, sqlite_files.py
                  └─ /metrics: metrics_page.py

Discovery only reads (/proc, and one request for `/metrics`); it is to be repeated: under
load it finds connections that an idle system does not hold. A target on another machine is not
looked into: its exporters can be, and a note says so.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from perfwright.model.watched import Component
from perfwright.observe.components import component_of
from perfwright.observe.known_databases import Runs, database_specs
from perfwright.observe.metrics_page import metrics_page
from perfwright.observe.neighbours import Machine, Neighbour, behind
from perfwright.observe.procfs import may_inspect
from perfwright.observe.runtimes import PROXIES, runtime_of
from perfwright.observe.siblings import idle_backends
from perfwright.observe.sqlite_files import sqlite_files

_LOOKS = 4
_BETWEEN_LOOKS_S = 0.03
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """`specs`: what to watch, as `--watch` takes it; they may hold passwords and are never shown.
    `notes`: what was not found or cannot be watched, and the flag that would add it."""

    components: tuple[Component, ...] = ()
    specs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def discover(target_url: str) -> Discovery:
    """What can be watched behind a target now. Nothing raises: what fails is a note."""
    parts = urlsplit(target_url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if not _is_here(host):
        return Discovery(notes=(_elsewhere(host),))
    machine = Machine.now()
    if not machine.tcp.listeners_on(port):
        return Discovery(
            specs=("host",),
            notes=(f"nobody listens on port {port} of this machine: is the target up?",),
        )
    found = [_runs(one, machine) for one in _looked_for(port, machine)]
    page = metrics_page(f"{parts.scheme}://{parts.netloc}")
    databases, notes = database_specs(found)
    specs = (
        "host",
        *(one.neighbour.subject for one in found if one.neighbour.pids),
        *databases,
        *(f"sqlite:{path}" for path in sqlite_files(_applications(found))),
        *((f"prometheus:{page}",) if page else ()),
    )
    components = tuple(_component(one) for one in found)
    return Discovery(
        components=components, specs=specs, notes=(*notes, *_notes(found, machine, page))
    )


def _looked_for(port: int, machine: Machine) -> tuple[Neighbour, ...]:
    """All that is reached from the port, in some looks: a proxy may hold each connection only for
    the moment of one request."""
    found = behind(port, machine)
    for _ in range(_LOOKS - 1):
        time.sleep(_BETWEEN_LOOKS_S)
        machine = machine.looked_again(pid for one in found for pid in one.pids)
        found = behind(port, machine, found)
    idle = idle_backends(found, machine)
    return behind(port, machine, (*found, *idle)) if idle else found


def _is_here(host: str) -> bool:
    """Whether the name means this machine: one can bind to its address."""
    try:
        answers = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM)
    except OSError:
        return False
    for family, kind, protocol, _, address in answers:
        try:
            with socket.socket(family, kind, protocol) as bound:
                bound.bind(address)
                return True
        except OSError:
            continue
    return False


def _elsewhere(host: str) -> str:
    return (
        f"{host} is another machine: nothing on it is watched by itself; add --watch "
        f"prometheus:http://{host}:9100/metrics (node_exporter), --watch prometheus:URL of the "
        f"application, --watch postgresql://USER:PASSWORD@{host}:5432/DATABASE, or --watch otlp"
    )


def _runs(one: Neighbour, machine: Machine) -> Runs:
    together = set(one.pids)
    chiefs = (pid for pid in one.pids if machine.table[pid].parent not in together)
    chief = next(chiefs, 0)
    return Runs(neighbour=one, runtime=runtime_of(chief) if chief else "")


def _component(one: Runs) -> Component:
    it = one.neighbour
    if it.pids:
        return component_of(it.subject, it.pids, port=it.port, talks_to=it.talks_to)
    return Component(subject=it.subject, runtime=one.kind, port=it.port, talks_to=it.talks_to)


def _applications(found: Sequence[Runs]) -> list[int]:
    """Processes that may keep data of their own: neither databases nor proxies."""
    return [
        pid
        for one in found
        if not one.kind and one.runtime.partition(" ")[0] not in PROXIES
        for pid in one.neighbour.pids
    ]


def _notes(found: Sequence[Runs], machine: Machine, page: str | None) -> list[str]:
    notes = []
    for one in found:
        subject, port = one.neighbour.subject, one.neighbour.port
        if subject.startswith("unix:"):
            notes.append(
                f"who listens on {subject.removeprefix('unix:')} belongs to another user and is "
                "hidden from us; run as root to watch it, or add --watch pid:N"
            )
        elif not subject.startswith(("port:", "pid:")):
            notes.append(
                f"{subject} is another machine: it is seen only by how long its answers take; "
                "add --watch for its exporter (prometheus:URL) or database"
            )
        elif one.runtime == "docker-proxy":
            notes.append(
                f"{subject} is a container's: what is inside is not followed; add --watch pid:N "
                "with the number that docker inspect -f '{{.State.Pid}}' CONTAINER says"
            )
        elif not one.neighbour.pids:
            users = {listener.uid for listener in machine.tcp.listeners_on(port)}
            notes.append(
                f"who listens on {subject} belongs to another user (uid {min(users, default=0)}) "
                "and is hidden from us; run as root to watch it, or add --watch pid:N"
            )
        elif not all(map(may_inspect, one.neighbour.pids)):
            notes.append(
                f"{subject} belongs to another user: its connections are hidden from us, so what "
                "is behind it was not found; run as root, or add --watch for what it uses"
            )
    if page is None:
        notes.append(
            "the target shows no metrics of its own at /metrics; --watch prometheus:URL adds a "
            "page at another address, --watch otlp receives what it exports by OpenTelemetry"
        )
    return notes
