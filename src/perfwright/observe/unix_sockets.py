"""Who talks to whom over Unix sockets: netlink (sock_diag.py) knows peers, /proc/net/unix names.

    client's socket 4711 ── peer ──► server's socket 4712, bound to /run/postgresql/.s.PGSQL.5432

A kernel or sandbox without netlink gives none. What every program may be connected to (the system's
log, its message bus, the display) is left out: that is no component of anything.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from perfwright.observe.procfs import read_text
from perfwright.observe.sock_diag import attribute, dump

_ALL_STATES = 0xFFFFFFFF
_SHOW_PEER, _PEER = 4, 2
_NO_COOKIE = (0xFFFFFFFF, 0xFFFFFFFF)
_QUESTION = struct.Struct("=BBHIIIII")
_ANSWER = struct.Struct("=BBBBIII")
_BOUND = re.compile(r"^\S+ \S+ \S+ ([0-9A-F]{8}) 0001 \S+ +(\d+) (\S+)$", re.MULTILINE)
_ACCEPTS = 0x10000
_SYSTEMS = re.compile(r"(?:/var)?/run/(?:systemd|dbus|nscd|user)/|/dev/log|@?/tmp/\.X11")


class Listener(NamedTuple):
    """A listening Unix socket."""

    inode: int
    path: str


def bound_sockets(text: str) -> tuple[dict[int, str], dict[str, int]]:
    """From /proc/net/unix: the path of every bound socket by inode, and who listens by path."""
    bound, listening = {}, {}
    for flags, inode, path in _BOUND.findall(text):
        bound[int(inode)] = path
        if int(flags, 16) & _ACCEPTS:
            listening[path] = int(inode)
    return bound, listening


def servers_by_client() -> Mapping[int, Listener]:
    """By a client's inode the listening socket that it connected to."""
    bound, listening = bound_sockets(read_text("/proc/net/unix"))
    found = {}
    try:
        for inode, peer in _peers():
            path = bound.get(peer, "")
            if path in listening and inode not in bound and not _SYSTEMS.match(path):
                found[inode] = Listener(listening[path], path)
    except OSError:
        return {}
    return found


def _peers() -> Iterator[tuple[int, int]]:
    """Pairs of inodes, each connected pair in both directions."""
    for body in dump(_QUESTION.pack(socket.AF_UNIX, 0, 0, _ALL_STATES, 0, _SHOW_PEER, *_NO_COOKIE)):
        peer = attribute(body[_ANSWER.size :], _PEER)
        if len(peer) == 4:
            yield _ANSWER.unpack_from(body)[4], struct.unpack("=I", peer)[0]
