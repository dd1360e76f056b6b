"""TCP sockets of this machine: who listens, who is connected to whom, how many wait to be accepted.

Asked over netlink (sock_diag.py), or else read from /proc/net/tcp and tcp6 (proc_pid_net(5)). A
listener's receive queue is its accept queue: connections that are established and that nobody has
accepted. Sockets carry no process ids; their inode is found again among a process's open files
(`owned_inodes`), which another user's process hides from us. An IPv4 peer of a dual-stack socket is
given as IPv4.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfwright.observe.procfs import entries, link, read_bytes
from perfwright.observe.shared import Shared
from perfwright.observe.sock_diag import dump

_STATES = {
    1: "established", 2: "syn_sent", 3: "syn_recv", 4: "fin_wait1", 5: "fin_wait2", 6: "time_wait",
    7: "close", 8: "close_wait", 9: "last_ack", 10: "listen", 11: "closing", 12: "syn_recv",
}  # fmt: skip
_ESTABLISHED, _LISTEN = 1, 10
_ALL_STATES = 0xFFF
_QUESTION = struct.Struct("=BBBBI48x")
_ADDRESSES = struct.Struct("!HH16s16s")
_ADDRESSES_AT, _QUEUE_AT = 4, 56
_QUEUE = struct.Struct("=IIII")
_ANY = ("0.0.0.0", "::")
_LINE = re.compile(
    rb"\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) (01|0A) "
    rb"[0-9A-F]+:([0-9A-F]+) \S+ \S+ +(\d+) +\d+ (\d+)"
)
_STATE = re.compile(rb"\d+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) ")


@dataclass(frozen=True, slots=True)
class TcpSocket:
    """`queue`: bytes not yet read, or, for a listener, connections not yet accepted. `inode` 0: it
    waits to be accepted. `uid`: whose it is."""

    address: str
    port: int
    peer_address: str
    peer_port: int
    queue: int
    uid: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpTable:
    """`states`: sockets by TCP state in lower case, of every state that occurs."""

    listening: tuple[TcpSocket, ...]
    established: tuple[TcpSocket, ...]
    states: Mapping[str, int]

    def listeners_on(self, port: int) -> tuple[TcpSocket, ...]:
        return tuple(one for one in self.listening if one.port == port)

    def is_local(self, address: str, port: int) -> bool:
        """Whether somebody here listens on exactly this address, or on all of them."""
        return any(
            listener.address == address or listener.address in _ANY
            for listener in self.listeners_on(port)
        )


def parse_tcp(*tables: bytes) -> TcpTable:
    """From the texts of /proc/net/tcp and tcp6."""
    found = Counter(int(state, 16) for table in tables for state in _STATE.findall(table))
    sockets = {_LISTEN: list[TcpSocket](), _ESTABLISHED: list[TcpSocket]()}
    for table in tables:
        for address, port, peer, peer_port, state, queue, uid, inode in _LINE.findall(table):
            one = TcpSocket(
                _address(_host_order(address)),
                int(port, 16),
                _address(_host_order(peer)),
                int(peer_port, 16),
                int(queue, 16),
                int(uid),
                int(inode),
            )
            sockets[int(state, 16)].append(one)
    return _table(sockets, found)


def _asked() -> TcpTable:
    """The table over netlink; OSError where that is not to be had."""
    sockets = {_LISTEN: list[TcpSocket](), _ESTABLISHED: list[TcpSocket]()}
    states: Counter[int] = Counter()
    for family in (socket.AF_INET, socket.AF_INET6):
        for body in dump(_QUESTION.pack(family, socket.IPPROTO_TCP, 0, 0, _ALL_STATES)):
            states[body[1]] += 1
            if body[1] in sockets:
                sockets[body[1]].append(_socket(family, body))
    return _table(sockets, states)


def _socket(family: int, body: bytes) -> TcpSocket:
    """From struct inet_diag_msg."""
    port, peer_port, address, peer = _ADDRESSES.unpack_from(body, _ADDRESSES_AT)
    queue, _, uid, inode = _QUEUE.unpack_from(body, _QUEUE_AT)
    size = 4 if family == socket.AF_INET else 16
    return TcpSocket(
        _address(address[:size]), port, _address(peer[:size]), peer_port, queue, uid, inode
    )


def _table(sockets: Mapping[int, list[TcpSocket]], states: Mapping[int, int]) -> TcpTable:
    named: Counter[str] = Counter()
    for state, count in states.items():
        named[_STATES.get(state, "other")] += count
    return TcpTable(
        listening=tuple(sockets[_LISTEN]), established=tuple(sockets[_ESTABLISHED]), states=named
    )


def _host_order(hexadecimal: bytes) -> bytes:
    """The kernel prints each 32-bit word of an address in the machine's byte order (little)."""
    words = bytes.fromhex(hexadecimal.decode())
    return b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))


@lru_cache(maxsize=4096)
def _address(packed: bytes) -> str:
    address = ipaddress.ip_address(packed)
    return str(getattr(address, "ipv4_mapped", None) or address)


def _look() -> TcpTable:
    try:
        return _asked()
    except OSError:
        return parse_tcp(read_bytes("/proc/net/tcp"), read_bytes("/proc/net/tcp6"))


_TABLE = Shared(_look)


def tcp_table(max_age_s: float = 0.0) -> TcpTable:
    """All TCP sockets, looked up again if the last look is older than `max_age_s`."""
    return _TABLE.get(max_age_s)


def owned_inodes(pid: int) -> set[int]:
    """Inodes of the sockets that a process holds open; none where we may not look."""
    folder = f"/proc/{pid}/fd"
    targets = (link(f"{folder}/{fd}") for fd in entries(folder))
    return {int(target[8:-1]) for target in targets if target.startswith("socket:[")}


def owners(pids: Iterable[int]) -> dict[int, list[int]]:
    """By socket inode the processes that hold it, in the order of `pids`."""
    holders: dict[int, list[int]] = {}
    for pid in pids:
        for inode in owned_inodes(pid):
            holders.setdefault(inode, []).append(pid)
    return holders
