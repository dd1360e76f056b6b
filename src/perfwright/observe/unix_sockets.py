"""Who talks to whom over Unix sockets, asked of the kernel (sock_diag(7), unix_diag).

    client's socket 4711 ── peer ──► server's socket 4712, bound to /run/postgresql/.s.PGSQL.5432

/proc/net/unix names the bound ones but not the peers; `NETLINK_SOCK_DIAG` does, without privilege.
A kernel (or sandbox) without it gives none.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Generator, Iterator, Mapping

from perfwright.observe.procfs import read_text

_SOCK_DIAG = 4
_DIAG_BY_FAMILY, _DONE, _ERROR = 20, 3, 2
_REQUEST_DUMP = 0x301
_SHOW_PEER = 4
_ATTRIBUTE_PEER = 2
_ALL_STATES = 0xFFFFFFFF
_ESTABLISHED = 1
_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBHIIIII")
_ANSWER = struct.Struct("=BBBBIII")
_ATTRIBUTE = struct.Struct("=HH")
_TIMEOUT_S = 0.5
_LISTENING = re.compile(
    r"^\S+ \S+ \S+ (?P<flags>[0-9A-F]{8}) 0001 \S+ +(?P<inode>\d+) (?P<path>\S+)$", re.MULTILINE
)
_ACCEPTS = 0x10000


def paths(text: str) -> tuple[dict[int, str], dict[str, int]]:
    """From /proc/net/unix: the path by inode of every bound socket, and by path who listens."""
    bound, listening = {}, {}
    for flags, inode, path in _LISTENING.findall(text):
        bound[int(inode)] = path
        if int(flags, 16) & _ACCEPTS:
            listening[path] = int(inode)
    return bound, listening


def servers_by_client() -> Mapping[int, int]:
    """By a client's inode the inode of the listening socket that it connected to."""
    bound, listening = paths(read_text("/proc/net/unix"))
    found = {}
    for inode, peer in unix_peers():
        listener = listening.get(bound.get(peer, ""))
        if listener is not None and inode not in bound:
            found[inode] = listener
    return found


def unix_peers() -> Iterator[tuple[int, int]]:
    """Pairs of inodes, each connected pair in both directions."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as asked:
            asked.settimeout(_TIMEOUT_S)
            question = _QUESTION.pack(
                socket.AF_UNIX, 0, 0, _ALL_STATES, 0, _SHOW_PEER, 0xFFFFFFFF, 0xFFFFFFFF
            )
            size = _HEADER.size + len(question)
            asked.send(_HEADER.pack(size, _DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0) + question)
            more = True
            while more:
                answer = asked.recv(1 << 16)
                more = yield from _pairs(answer)
    except OSError:
        return


def _pairs(answer: bytes) -> Generator[tuple[int, int], None, bool]:
    """The pairs in one datagram; returns whether more datagrams follow."""
    at = 0
    while at + _HEADER.size <= len(answer):
        size, kind, *_ = _HEADER.unpack_from(answer, at)
        if kind in (_DONE, _ERROR) or size < _HEADER.size:
            return False
        inode = _ANSWER.unpack_from(answer, at + _HEADER.size)[4]
        peer = _peer(answer[at + _HEADER.size + _ANSWER.size : at + size])
        if peer:
            yield inode, peer
        at += (size + 3) & ~3
    return True


def _peer(attributes: bytes) -> int:
    at = 0
    while at + _ATTRIBUTE.size <= len(attributes):
        size, kind = _ATTRIBUTE.unpack_from(attributes, at)
        if size < _ATTRIBUTE.size:
            break
        if kind == _ATTRIBUTE_PEER:
            return int(struct.unpack_from("=I", attributes, at + _ATTRIBUTE.size)[0])
        at += (size + 3) & ~3
    return 0
