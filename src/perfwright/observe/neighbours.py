"""Who stands behind a port, and behind that: the machine's processes joined by their open sockets.

    port:80 ─► port:8001 ─► port:5432          followed from each found process to the listeners
    nginx  └─► port:8002 ─► port:6379          that its own connections lead to, over TCP and Unix
               two apps  └► 10.0.0.5:5432      sockets; what is not on this machine is an address

One look at /proc serves the whole walk. Connections that exist only under load are found only then.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from perfwright.observe.hidden_servers import likely_servers
from perfwright.observe.process_sockets import opened_by, peer_subject
from perfwright.observe.process_spec import one_component, servers
from perfwright.observe.process_table import Table, ancestors, process_table
from perfwright.observe.sockets import TcpSocket, TcpTable, owned_inodes, tcp_table
from perfwright.observe.unix_peers import server_subject
from perfwright.observe.unix_sockets import Listener, servers_by_client


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A component found. `port` 0: reached over a Unix socket and listening on no port. Without
    `pids`: it is not here, or is another user's."""

    subject: str
    pids: tuple[int, ...]
    address: str
    port: int
    talks_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Processes and sockets at one moment."""

    table: Table
    tcp: TcpTable
    inodes: Mapping[int, frozenset[int]]
    """By process the sockets that it holds."""

    @classmethod
    def now(cls) -> Machine:
        table = process_table()
        inodes = {pid: frozenset(owned_inodes(pid)) for pid in table}
        return cls(table=table, tcp=tcp_table(), inodes=inodes)

    def looked_again(self, pids: Iterable[int]) -> Machine:
        """The same processes with the sockets of this moment, and those of `pids` anew."""
        inodes = {pid: frozenset(owned_inodes(pid)) for pid in pids}
        return Machine(table=self.table, tcp=tcp_table(), inodes={**self.inodes, **inodes})

    @cached_property
    def us(self) -> set[int]:
        """We and whoever started us."""
        return ancestors(self.table, os.getpid()) | {os.getpid()}

    @cached_property
    def unix(self) -> Mapping[int, Listener]:
        return servers_by_client()

    def holders(self, listening: Iterable[int]) -> tuple[int, ...]:
        """The processes that serve these listening sockets, with their descendants."""
        wanted = set(listening)
        found = {pid for pid, inodes in self.inodes.items() if not wanted.isdisjoint(inodes)}
        return self._component(servers(found, self.us))

    def likely(self, listeners: Sequence[TcpSocket]) -> tuple[int, ...]:
        """Who probably serves a port whose process is hidden from us, with its descendants."""
        roots = {pid for one in listeners for pid in likely_servers(one.uid, one.port, self.table)}
        return self._component(roots)

    def _component(self, roots: set[int]) -> tuple[int, ...]:
        return one_component(self.table, roots, self.tcp, lambda pid: self.inodes.get(pid, ()))

    def held_by(self, pids: Iterable[int]) -> set[int]:
        return set().union(*(self.inodes.get(pid, frozenset()) for pid in pids))

    def ports_of(self, inodes: set[int]) -> set[int]:
        return {socket.port for socket in self.tcp.listening if socket.inode in inodes}


def behind(port: int, machine: Machine, known: Sequence[Neighbour] = ()) -> tuple[Neighbour, ...]:
    """The component on the port first, then all that is reached from it, nearest first; `known`:
    what an earlier look found, for a connection that is there for moments only."""
    before = {component.subject: component.talks_to for component in known}
    found: dict[str, Neighbour] = {}
    waiting = [on_port(port, machine), *known]
    while waiting:
        component = waiting.pop(0)
        if component.subject in found or _is_us(component):
            continue
        peers = _peers(component, machine)
        names = {peer.subject for peer in peers if not _is_us(peer)}
        names |= {*before.get(component.subject, ())}
        found[component.subject] = replace(component, talks_to=tuple(sorted(names)))
        waiting.extend(peers)
    return tuple(found.values())


def on_port(port: int, machine: Machine, address: str = "127.0.0.1") -> Neighbour:
    """The component that listens there; not yet whom it talks to."""
    listeners = machine.tcp.listeners_on(port)
    pids = machine.holders(one.inode for one in listeners) or machine.likely(listeners)
    return Neighbour(subject=f"port:{port}", pids=pids, address=address, port=port)


def _peers(component: Neighbour, machine: Machine) -> list[Neighbour]:
    inodes = machine.held_by(component.pids)
    ports = machine.ports_of(inodes)
    peers: dict[str, Neighbour] = {}
    for socket in opened_by(inodes, ports, machine.tcp):
        subject = peer_subject(socket, machine.tcp)
        if subject in peers:
            continue
        if subject.startswith("port:"):
            peers[subject] = on_port(socket.peer_port, machine, socket.peer_address)
        else:
            peers[subject] = Neighbour(
                subject=subject, pids=(), address=socket.peer_address, port=socket.peer_port
            )
    for inode in inodes & machine.unix.keys():
        if machine.unix[inode].inode not in inodes:  # else it talks to itself
            local = _on_unix_socket(machine.unix[inode], machine)
            peers.setdefault(local.subject, local)
    return [peer for name, peer in sorted(peers.items()) if name != component.subject]


def _on_unix_socket(listener: Listener, machine: Machine) -> Neighbour:
    pids = machine.holders([listener.inode])
    ports = machine.ports_of(machine.held_by(pids))
    subject = server_subject(listener, pids, ports)
    return Neighbour(subject=subject, pids=pids, address="127.0.0.1", port=min(ports, default=0))


def _is_us(component: Neighbour) -> bool:
    """Our own receivers."""
    return component.pids == (os.getpid(),)
