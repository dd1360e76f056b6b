"""Guesses who listens on a port where the kernel will not say: another user's process.

Without root the sockets of others' processes are hidden, but whose user a listening socket is, and
everybody's command line, are not. Of that user's topmost processes, in this order, if just one:

    says the port in its command line     redis-server 127.0.0.1:6379, gunicorn -b :8000
    is a known server                     postgres, nginx, …
    is the only one at all                (not for root: the machine's own services are root's)

A wrong guess needs two such processes of one user of which the wrong one alone names the port.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from perfwright.observe.process_table import Table
from perfwright.observe.procfs import command_line, may_inspect
from perfwright.observe.runtimes import is_known_server


def likely_servers(uid: int, port: int, table: Table) -> set[int]:
    """The one process that is likely to listen there, or none."""
    theirs = {pid for pid in table if _uid(pid) == uid and command_line(pid)}
    candidates = [pid for pid in theirs if table[pid].parent not in theirs and not may_inspect(pid)]
    says_port = re.compile(rf"(?<![\d.]){port}(?![\d.])")
    signs: list[Callable[[int], bool]] = [
        lambda pid: says_port.search(" ".join(command_line(pid))) is not None,
        lambda pid: is_known_server(table[pid].name),
        lambda _: uid != 0,
    ]
    for sign in signs:
        if len(shown := {pid for pid in candidates if sign(pid)}) == 1:
            return shown
    return set()


def _uid(pid: int) -> int:
    try:
        return os.stat(f"/proc/{pid}").st_uid  # noqa: PTH116 - of every process there is
    except OSError:
        return -1
