"""`port:8000`, `pid:4711`, `name:gunicorn`: which processes that is, at this moment.

    port:N   who holds a listening socket on N (a prefork server's master and workers, and siblings
             that share the port by SO_REUSEPORT), with all descendants but those that serve a port
             of their own; where that is hidden from us, who is likely to (hidden_servers.py)
    pid:N    that process, with all its descendants
    name:X   every process of that name, program, or script (`name:app.py`), with all descendants

We, and whoever started us, are left out of the last two where not asked for: `timeout 60 perfwright
… name:shop` is not the shop. A process that passes on listening sockets (a service manager, a test)
holds them too: where others hold them as well, the first of all processes and our own ancestors do
not count.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePath

from perfwright.model.errors import ProbeError
from perfwright.observe.hidden_servers import likely_servers
from perfwright.observe.process_table import (
    ProcessStat,
    Table,
    ancestors,
    process_table,
    stat_of,
    with_descendants,
)
from perfwright.observe.procfs import command_line, link
from perfwright.observe.sockets import TcpTable, owned_inodes, owners, tcp_table

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


class Processes:
    """Finds a spec's processes, again and again: what has not changed is not looked up anew."""

    def __init__(self, spec: ProcessSpec) -> None:
        self._spec = spec
        self._listening: frozenset[int] = frozenset()
        self._roots: frozenset[int] = frozenset()

    def now(self, max_age_s: float = 0.0) -> tuple[int, ...]:
        """The processes in ascending order, by a look not older than `max_age_s`; none where there
        are none. ProbeError: somebody listens on the port, whose process is hidden from us."""
        table = process_table(max_age_s)
        us = ancestors(table, os.getpid()) | {os.getpid()}
        if self._spec.kind == "port":
            self._find_servers(table, us, max_age_s)
        elif self._spec.kind == "pid":
            asked = self._spec.number
            self._roots = frozenset({asked} if _runs(table.get(asked)) else ())
        else:
            named = (pid for pid in table if _has_name(pid, self._spec.name, table))
            self._roots = frozenset(pid for pid in named if _runs(table[pid])) - us
        if self._spec.kind == "port":
            return one_component(table, self._roots, tcp_table(max_age_s), owned_inodes)
        return tuple(sorted(with_descendants(table, self._roots, without={os.getpid()})))

    def run(self) -> bool:
        """Whether those found last, from which the others descend, still run, all of them."""
        return bool(self._roots) and all(map(_runs, map(stat_of, self._roots)))

    def _find_servers(self, table: Table, us: set[int], max_age_s: float) -> None:
        """To ask every process for its sockets costs much: only where a socket or server is new."""
        listeners = tcp_table(max_age_s).listeners_on(self._spec.number)
        listening = frozenset(listener.inode for listener in listeners)
        if listening == self._listening and self._roots and self._roots <= table.keys():
            return
        held = owners(table) if listening else {}
        holders = {pid for inode in listening for pid in held.get(inode, ())}
        if listening and not holders:
            holders = likely_servers(listeners[0].uid, self._spec.number, table)
        self._listening, self._roots = listening, frozenset(servers(holders, us))
        if listening and not holders:
            raise ProbeError(
                f"port {self._spec.number} belongs to a process of another user (uid "
                f"{listeners[0].uid}), which only that user and root may see; run as one of them, "
                "or name the process by pid:N or name:X"
            )


def _runs(stat: ProcessStat | None) -> bool:
    """It is there, and no zombie that its parent has not waited for."""
    return stat is not None and stat.state not in "ZX"


def one_component(
    table: Table,
    roots: Collection[int],
    tcp: TcpTable,
    inodes_of: Callable[[int], Collection[int]],
) -> tuple[int, ...]:
    """The roots with their descendants, in ascending order; but a child that listens for itself, on
    a socket that no root holds, is another component (a database that the application started)."""
    ours = {inode for pid in roots for inode in inodes_of(pid)}
    all_listening = {socket.inode for socket in tcp.listening}

    def serves_itself(pid: int) -> bool:
        listening = all_listening.intersection(inodes_of(pid))
        return bool(listening) and listening.isdisjoint(ours)

    found = with_descendants(table, roots, without={os.getpid()})
    apart = {pid for pid in found.difference(roots) if serves_itself(pid)}
    return tuple(sorted(with_descendants(table, roots, without={os.getpid(), *apart})))


def servers(holders: set[int], us: set[int]) -> set[int]:
    """Without those that only passed the socket on, unless nobody else is left."""
    return (holders - us - {1}) or holders


def _has_name(pid: int, name: str, table: Table) -> bool:
    if table[pid].name == name or PurePath(link(f"/proc/{pid}/exe")).name == name:
        return True
    words = command_line(pid)[:_WORDS_WITH_A_SCRIPT]
    return any(name in (word, PurePath(word).name) for word in words)
