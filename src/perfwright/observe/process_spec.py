"""`port:8000`, `pid:4711`, `name:gunicorn`: which processes that is, at this moment.

    port:N   who holds a listening socket on N (a prefork server's master and workers, and siblings
             that share the port by SO_REUSEPORT), with all their descendants
    pid:N    that process, with all its descendants
    name:X   every process of that name, program, or script (`name:app.py`), with all descendants

We, and whoever started us, are left out of the last two where not asked for: `timeout 60 perfwright
… name:shop` is not the shop. A process that passes on listening sockets (a service manager, a test)
holds them too: where others hold them as well, the first of all processes and our own ancestors do
not count.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath

from perfwright.model.errors import ProbeError
from perfwright.observe.process_table import Table, ancestors, process_table, with_descendants
from perfwright.observe.procfs import command_line, link
from perfwright.observe.sockets import owners, tcp_table

_WORDS_WITH_A_SCRIPT = 4
_REMEDY = "write --watch port:8000, pid:4711 or name:gunicorn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """`kind` is port, pid or name; `number` 0 for a name."""

    kind: str
    name: str
    number: int = 0

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self.name}"


def parse_spec(text: str) -> ProcessSpec:
    """ProbeError: it cannot mean any process."""
    kind, _, name = text.partition(":")
    name = name.strip()
    if kind == "name" and name:
        return ProcessSpec(kind=kind, name=name)
    if kind in ("port", "pid") and name.isdecimal() and int(name):
        if kind == "port" and int(name) > 65_535:
            raise ProbeError(f"--watch {text!r}: a port is at most 65535; {_REMEDY}")
        return ProcessSpec(kind=kind, name=str(int(name)), number=int(name))
    raise ProbeError(f"--watch {text!r} names no process; {_REMEDY}")


def watched_pids(spec: ProcessSpec, *, max_age_s: float = 0.0) -> tuple[int, ...]:
    """The processes in ascending order; none where there are none. ProbeError: somebody listens on
    the port, whose process is hidden from us."""
    table = process_table(max_age_s)
    us = ancestors(table, os.getpid()) | {os.getpid()}
    if spec.kind == "port":
        roots = holders_of(spec.number, table, us)
        if not roots and (listeners := tcp_table(max_age_s).listeners_on(spec.number)):
            raise ProbeError(
                f"port {spec.number} belongs to a process of another user (uid {listeners[0].uid}),"
                " which only that user and root may see; run as one of them"
            )
    elif spec.kind == "pid":
        roots = {spec.number} & table.keys()
    else:
        roots = {pid for pid in table if pid not in us and _has_name(pid, spec.name, table)}
    return tuple(sorted(with_descendants(table, roots, without={os.getpid()})))


def holders_of(port: int, table: Table, us: set[int]) -> set[int]:
    """Who holds a listening socket on the port and counts as its server."""
    inodes = {listener.inode for listener in tcp_table(0.5).listeners_on(port)}
    if not inodes:
        return set()
    held = owners(table)
    holders = {pid for inode in inodes for pid in held.get(inode, ())}
    return servers(holders, us)


def servers(holders: set[int], us: set[int]) -> set[int]:
    """Without those that only passed the socket on, unless nobody else is left."""
    return (holders - us - {1}) or holders


def _has_name(pid: int, name: str, table: Table) -> bool:
    if table[pid].name == name or PurePath(link(f"/proc/{pid}/exe")).name == name:
        return True
    words = command_line(pid)[:_WORDS_WITH_A_SCRIPT]
    return any(name in (word, PurePath(word).name) for word in words)
