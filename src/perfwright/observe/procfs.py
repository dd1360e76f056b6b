"""Reads of /proc and /sys: what is gone, or another user's, reads as nothing.

A process may end between any two reads, so absence is an answer here and no error. Who needs to
know that something is there but forbidden asks `may_inspect`.
"""

from __future__ import annotations

import os
import time

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PART_BYTES = 1 << 16


def read_bytes(path: str) -> bytes:
    """The whole file, empty where it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        whole = part = os.read(fd, _PART_BYTES)
        while part:
            part = os.read(fd, _PART_BYTES)
            whole += part
        return whole
    except OSError:  # the process ended in between, or the kernel has the feature off
        return b""
    finally:
        os.close(fd)


def read_record(path: str) -> bytes:
    """A file of one short record (`stat`, `status`, `io`): the kernel gives it in one piece, so
    that nothing is asked twice. Empty where it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(fd, _PART_BYTES)
    except OSError:
        return b""
    finally:
        os.close(fd)


def read_text(path: str) -> str:
    """The whole file as text; bytes that are no UTF-8 become replacement characters."""
    return read_bytes(path).decode(errors="replace")


def entries(path: str) -> list[str]:
    """Names in a folder; none where it cannot be read."""
    try:
        return os.listdir(path)  # noqa: PTH208 - read by the thousand
    except OSError:
        return []


def link(path: str) -> str:
    """What a symbolic link says; "" where it cannot be read."""
    try:
        return os.readlink(path)  # noqa: PTH115 - read by the thousand
    except OSError:
        return ""


def command_line(pid: int) -> tuple[str, ...]:
    """The process's argument words; none for a kernel thread or a process that ended."""
    words = read_text(f"/proc/{pid}/cmdline").rstrip("\0").split("\0")
    return tuple(word for word in words if word)


def environment(pid: int) -> dict[str, str]:
    """The variables that the process was started with; none where it is another user's."""
    entries_ = read_text(f"/proc/{pid}/environ").split("\0")
    return dict(entry.split("=", 1) for entry in entries_ if "=" in entry)


def may_inspect(pid: int) -> bool:
    """Whether this process's files, sockets and I/O can be seen by us."""
    return os.access(f"/proc/{pid}/fd", os.R_OK) and bool(link(f"/proc/{pid}/exe"))


def since_boot_s() -> float:
    """Seconds on the clock that processes' start times are on."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
