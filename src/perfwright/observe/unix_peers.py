"""How many connections over Unix sockets processes hold open, by whom they lead to.

    the client's sockets ─► listening socket ─► who holds it ─► the port that it listens on, too

A server behind a Unix socket has the same subject as over TCP: `port:5432` if it listens on a port
as well, else `pid:N`; where its process is hidden from us, `unix:PATH`. To find who holds a socket
costs a look at every process, so each listening socket is looked up once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from perfwright.observe.process_table import process_table
from perfwright.observe.shared import SAME_ROUND_S
from perfwright.observe.sockets import TcpTable, owned_inodes
from perfwright.observe.unix_sockets import Listener, servers_by_client


class UnixPeers:
    """Remembers the subjects of the servers that it has met."""

    def __init__(self) -> None:
        self._subjects: dict[Listener, str] = {}

    def count(self, inodes: set[int], table: TcpTable) -> Counter[str]:
        """Connections by the server's subject, of the sockets `inodes`."""
        servers = servers_by_client()
        listeners = Counter(
            servers[inode]
            for inode in inodes & servers.keys()
            if servers[inode].inode not in inodes
        )
        if new := listeners.keys() - self._subjects.keys():
            self._subjects |= _subjects_of(new, table)
        counts: Counter[str] = Counter()
        for listener, connections in listeners.items():
            counts[self._subjects[listener]] += connections
        return counts


def server_subject(listener: Listener, pids: Collection[int], ports: Collection[int]) -> str:
    """The subject of those who serve a Unix socket: processes and the ports they listen on."""
    if ports:
        return f"port:{min(ports)}"
    return f"pid:{min(pids)}" if pids else f"unix:{listener.path}"


def _subjects_of(listeners: Collection[Listener], table: TcpTable) -> dict[Listener, str]:
    held = {pid: owned_inodes(pid) for pid in process_table(SAME_ROUND_S)}
    subjects = {}
    for listener in listeners:
        pids = [pid for pid, inodes in held.items() if listener.inode in inodes]
        theirs = set[int]().union(*(held[pid] for pid in pids))
        ports = {socket.port for socket in table.listening if socket.inode in theirs}
        subjects[listener] = server_subject(listener, pids, ports)
    return subjects
