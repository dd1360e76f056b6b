"""Open files of processes, their accept queue, and who is connected to and from them.

           clients ─► accept queue ─► our port      CONNECTIONS_FROM, ACCEPT_QUEUE
    our sockets to other ports ─► peers             CONNECTIONS_TO, by peer

A peer on this machine that listens is named as its process is, `port:5432`, also where it is
reached over a Unix socket (unix_peers.py); any other is `address:port`. Which sockets are a
process's own only its user and root may see.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from perfwright.model import metrics
from perfwright.observe.meter import Number
from perfwright.observe.procfs import entries, link, read_text
from perfwright.observe.shared import SAME_ROUND_S
from perfwright.observe.sockets import TcpSocket, TcpTable, tcp_table
from perfwright.observe.unix_peers import UnixPeers

_PEERS = 32
_LIMIT = re.compile(r"^Max open files\s+(\d+)", re.MULTILINE)


class SocketMeter:
    """`port`: the listening port to tell of; 0: all that the processes listen on."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._unix = UnixPeers()

    def read(self, pids: Sequence[int]) -> Iterator[Number]:
        files = {pid: _open_files(pid) for pid in pids}
        fullest = max(files, key=lambda pid: len(files[pid]), default=None)
        if fullest is not None and files[fullest]:
            yield Number(metrics.OPEN_FILES, len(files[fullest]))
            if limit := _LIMIT.search(read_text(f"/proc/{fullest}/limits")):
                yield Number(metrics.OPEN_FILES_LIMIT, int(limit[1]))
        inodes = {_inode(target) for targets in files.values() for target in targets}
        table = tcp_table(SAME_ROUND_S)
        listening = [socket for socket in table.listening if socket.inode in inodes]
        if self._port:
            listening = list(table.listeners_on(self._port))
        yield from _server_side(listening, table)
        ports = {socket.port for socket in table.listening if socket.inode in inodes}
        peers = Counter(peer_subject(one, table) for one in opened_by(inodes, ports, table))
        peers += self._unix.count(inodes, table)
        for peer, count in peers.most_common(_PEERS):
            yield Number(metrics.CONNECTIONS_TO, count, peer)


def opened_by(inodes: set[int], ports: set[int], table: TcpTable) -> list[TcpSocket]:
    """The established connections among `inodes` that were not accepted on one of `ports`."""
    return [one for one in table.established if one.inode in inodes and one.port not in ports]


def peer_subject(socket: TcpSocket, table: TcpTable) -> str:
    """`port:N` for who listens here, else `address:port`."""
    if table.is_local(socket.peer_address, socket.peer_port):
        return f"port:{socket.peer_port}"
    host = f"[{socket.peer_address}]" if ":" in socket.peer_address else socket.peer_address
    return f"{host}:{socket.peer_port}"


def _server_side(listening: Sequence[TcpSocket], table: TcpTable) -> Iterator[Number]:
    if not listening:
        return
    ports = {socket.port for socket in listening}
    yield Number(metrics.ACCEPT_QUEUE, sum(socket.queue for socket in listening))
    connected = sum(socket.port in ports for socket in table.established)
    yield Number(metrics.CONNECTIONS_FROM, connected)


def _open_files(pid: int) -> list[str]:
    folder = f"/proc/{pid}/fd"
    return [link(f"{folder}/{fd}") for fd in entries(folder)]


def _inode(target: str) -> int:
    return int(target[8:-1]) if target.startswith("socket:[") else -1
