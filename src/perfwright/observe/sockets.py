"""TCP sockets of this machine: who listens, who is connected to whom, how many wait to be accepted.

Reads /proc/net/tcp and tcp6 (proc_pid_net(5)). A listener's receive queue is its accept queue:
connections that are established and that nobody has accepted. The tables hold no process ids; a
socket's inode is found again among a process's open files (`owned_inodes`), which another user's
process hides from us. An IPv4 peer of a dual-stack socket is given as IPv4.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from perfwright.observe.procfs import entries, link, read_bytes
from perfwright.observe.shared import Shared

_STATES = {
    b"01": "established", b"02": "syn_sent", b"03": "syn_recv", b"04": "fin_wait1",
    b"05": "fin_wait2", b"06": "time_wait", b"07": "close", b"08": "close_wait",
    b"09": "last_ack", b"0A": "listen", b"0B": "closing", b"0C": "new_syn_recv",
}  # fmt: skip
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
        return tuple(socket for socket in self.listening if socket.port == port)

    def is_local(self, address: str, port: int) -> bool:
        """Whether somebody here listens on exactly this address, or on all of them."""
        return any(
            listener.address == address or listener.address in _ANY
            for listener in self.listeners_on(port)
        )


def parse_tcp(*tables: bytes) -> TcpTable:
    """From the texts of /proc/net/tcp and tcp6."""
    states = Counter(chain.from_iterable(_STATE.findall(table) for table in tables))
    listening: list[TcpSocket] = []
    established: list[TcpSocket] = []
    for table in tables:
        for address, port, peer, peer_port, state, queue, uid, inode in _LINE.findall(table):
            found = TcpSocket(
                _address(address),
                int(port, 16),
                _address(peer),
                int(peer_port, 16),
                int(queue, 16),
                int(uid),
                int(inode),
            )
            (listening if state == b"0A" else established).append(found)
    named = {_STATES.get(state, "other"): count for state, count in states.items()}
    return TcpTable(listening=tuple(listening), established=tuple(established), states=named)


@lru_cache(maxsize=4096)
def _address(hexadecimal: bytes) -> str:
    """The kernel prints each 32-bit word of an address in the machine's byte order (little)."""
    words = bytes.fromhex(hexadecimal.decode())
    packed = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
    address = ipaddress.ip_address(packed)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _look() -> TcpTable:
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
