"""The machine that a run was made on: what one must know to compare two runs.

Facts that cannot be had are left out. Nothing here fails.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_OS_RELEASE_NAME = "PRETTY_NAME"


def usable_cores() -> int:
    """Cores that this process may run on (its affinity), not those of the whole machine."""
    return len(os.sched_getaffinity(0))


def host_facts() -> Mapping[str, str | int]:
    """Name, CPU model, cores, memory, operating system and Python, for the run's manifest."""
    facts: dict[str, str | int | None] = {
        "name": platform.node() or None,
        "cpu": _cpu_model(),
        "cores": usable_cores(),
        "memory_bytes": _memory_bytes(),
        "os": _os_name(),
        "kernel": platform.release() or None,
        "arch": platform.machine() or None,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    return {name: value for name, value in facts.items() if value is not None}


def _cpu_model() -> str | None:
    with suppress(OSError):
        for line in _CPUINFO.read_text(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or None


def _memory_bytes() -> int | None:
    with suppress(OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _os_name() -> str:
    with suppress(OSError):
        return platform.freedesktop_os_release()[_OS_RELEASE_NAME]
    return platform.system()
