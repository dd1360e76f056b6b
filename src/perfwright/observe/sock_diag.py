"""Asks the kernel for its sockets over netlink: `NETLINK_SOCK_DIAG` (sock_diag(7)), what `ss` uses.

    us ── dump request (family, which states, what to show) ──► kernel
    us ◄─ datagrams of messages: header, record, attributes ─── kernel … done

Needs no privilege and costs about 1 µs a socket, where /proc/net/tcp, which the kernel renders as
text, costs ten times that (measured with 2,700 sockets: 2.8 ms against 38 ms). A sandbox may forbid
it, a kernel lack it: that is an OSError.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

_PROTOCOL = 4
_BY_FAMILY, _DONE, _ERROR = 20, 3, 2
_DUMP = 0x301
_TIMEOUT_S = 0.5
_DATAGRAM_BYTES = 1 << 18
HEADER = struct.Struct("=IHHII")


def dump(question: bytes) -> Iterator[bytes]:
    """The body of each message that answers; OSError where the kernel does not."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _PROTOCOL) as asked:
        asked.settimeout(_TIMEOUT_S)
        size = HEADER.size + len(question)
        asked.send(HEADER.pack(size, _BY_FAMILY, _DUMP, 1, 0) + question)
        while True:
            for kind, body in messages(asked.recv(_DATAGRAM_BYTES)):
                if kind == _DONE:
                    return
                if kind == _ERROR:
                    code = -struct.unpack_from("=i", body)[0]
                    raise OSError(code, "the kernel does not tell its sockets over netlink")
                yield body


def messages(datagram: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each message in a datagram."""
    at = 0
    while at + HEADER.size <= len(datagram):
        size, kind, *_ = HEADER.unpack_from(datagram, at)
        if size < HEADER.size:
            return
        yield kind, datagram[at + HEADER.size : at + size]
        at += _aligned(size)


def attribute(attributes: bytes, wanted: int) -> bytes:
    """The value of one attribute; empty where it is not among them."""
    at = 0
    while at + 4 <= len(attributes):
        size, kind = struct.unpack_from("=HH", attributes, at)
        if kind == wanted or size < 4:
            return attributes[at + 4 : at + size]
        at += _aligned(size)
    return b""


def _aligned(size: int) -> int:
    return (size + 3) & ~3
