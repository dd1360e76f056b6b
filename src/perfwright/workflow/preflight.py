"""Can this machine make the load that is asked of it? Checked before the first request.

    open files   users per worker + some for ourselves  ≤  RLIMIT_NOFILE
    ports        users, or new connections that linger in TIME_WAIT  ≤  ip_local_port_range
    cores        workers  ≤  cores of this process

The soft limit of open files is raised to the hard one; workers inherit it. Whatever is still too
small becomes a note that says what to raise and by how much; the run goes on, since the estimate
may err and what fails is counted by kind (`too_many_files`, `no_ports`).
"""

from __future__ import annotations

import ipaddress
import math
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from perfwright.model.units import format_count
from perfwright.plan.shapes import Shape
from perfwright.plan.test import Test
from perfwright.workflow.host import usable_cores

FILES_FOR_OURSELVES = 64
"""Per worker: the interpreter, the poller, pipes, feeder files."""
TIME_WAIT_S = 60.0
TIME_WAIT_REUSED_S = 1.0
"""How long a closed port is lost: always (TCP_TIMEWAIT_LEN), or where `tcp_tw_reuse` allows."""

_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_TW_REUSE = Path("/proc/sys/net/ipv4/tcp_tw_reuse")
_DEFAULT_PORTS = (32768, 60999)
_DEFAULT_REUSE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What this machine allows. `reused_after_s`: how long a closed local port is lost."""

    files: int
    ports: int
    reused_after_s: float
    cores: int


def limits_for(target: str) -> Limits:
    """Raises the soft limit of open files to the hard one, then reads all limits."""
    return Limits(
        files=_raise_open_files(),
        ports=_local_ports(),
        reused_after_s=_port_reused_after_s(target),
        cores=usable_cores(),
    )


def preflight(test: Test, workers: int, limits: Limits) -> tuple[str, ...]:
    """A sentence for each limit that the load will meet, with the remedy."""
    return (*_files(test, workers, limits), *_ports(test, limits), *_cores(workers, limits))


def most_users(test: Test) -> int | None:
    """The most users at once; None in the open model without `--max-users`: as many as it takes."""
    if any(shape.model == "open" for shape in test.load.values()):
        return test.max_users
    shapes = tuple(test.load.values())
    edges = {t for shape in shapes for part in shape.segments for t in (part.start_s, part.end_s)}
    peak = math.ceil(max(_users_around(t, shapes) for t in edges))
    return peak if test.max_users is None else min(peak, test.max_users)


def _files(test: Test, workers: int, limits: Limits) -> Iterator[str]:
    users = most_users(test)
    if users is None or test.connections == "shared":
        return
    needed = math.ceil(users / workers) + FILES_FOR_OURSELVES
    if needed > limits.files:
        yield (
            f"open files: {format_count(users)} users in {workers} worker(s) need about "
            f"{format_count(needed)} open files each, and the hard limit (ulimit -Hn) is "
            f"{format_count(limits.files)}: raise it by {format_count(needed - limits.files)}, or "
            "use more --workers or --connections shared"
        )


def _ports(test: Test, limits: Limits) -> Iterator[str]:
    raise_it = f"widen {_PORT_RANGE} (sysctl net.ipv4.ip_local_port_range)"
    users = most_users(test)
    if users is not None and users > limits.ports and test.connections != "shared":
        yield (
            f"ports: {format_count(users)} users need a local port each, and there are "
            f"{format_count(limits.ports)} to one address: {raise_it}, or use --connections shared"
        )
    if test.connections != "new":
        return
    per_s = sum(shape.peak for shape in test.load.values() if shape.model == "open")
    possible_per_s = limits.ports / limits.reused_after_s
    if per_s > possible_per_s:
        yield (
            f"ports: {format_count(per_s)} iterations/s with a new connection per request use up "
            f"the {format_count(limits.ports)} local ports, each lost for "
            f"{limits.reused_after_s:g} s after its use: at most "
            f"{format_count(math.floor(possible_per_s))} new connections/s are possible; {raise_it}"
        )


def _cores(workers: int, limits: Limits) -> Iterator[str]:
    if workers > limits.cores:
        yield (
            f"workers: {workers} workers share {limits.cores} core(s), so they delay one another: "
            f"use --workers {limits.cores} or fewer"
        )


def _users_around(t_s: float, shapes: Iterable[Shape]) -> float:
    """Users of all shapes at `t_s`; where a shape jumps or ends, the higher side counts."""
    return sum(
        max(
            (part.level_at(t_s) for part in shape.segments if part.start_s <= t_s <= part.end_s),
            default=0.0,
        )
        for shape in shapes
    )


def _raise_open_files() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def _local_ports() -> int:
    try:
        first, last = map(int, _PORT_RANGE.read_text().split())
    except (OSError, ValueError):
        first, last = _DEFAULT_PORTS
    return last - first + 1


def _port_reused_after_s(target: str) -> float:
    """Linux reuses a port in TIME_WAIT after a second: 1 always, 2 (the default) on loopback."""
    try:
        reuse = int(_TW_REUSE.read_text())
    except (OSError, ValueError):
        reuse = _DEFAULT_REUSE
    reused = reuse == 1 or (reuse == 2 and _is_loopback(urlsplit(target).hostname or ""))
    return TIME_WAIT_REUSED_S if reused else TIME_WAIT_S


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
