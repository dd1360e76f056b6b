"""Lets this process have no more than a share of a core, as a container's CPU limit does.

    may we make a cgroup (v1 `cpu`, or v2)? ── yes ──► quota per 100 ms in one of our own
                     └── no: is cpulimit installed? ──► it stops and continues us
                                └── no: StartError

The kernel's bandwidth control: Documentation/scheduler/sched-bwc.rst. The cgroup goes at our end.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from perfwright.lab.shop.errors import StartError

_V1 = Path("/sys/fs/cgroup/cpu")
_V2 = Path("/sys/fs/cgroup")
_PERIOD_US = 100_000


def keep_to(cores: float) -> None:
    """From now on; also for processes that this one starts. StartError where nothing limits us."""
    quota_us = round(cores * _PERIOD_US)
    if (_V1 / "cpu.cfs_quota_us").exists():
        limits = {"cpu.cfs_period_us": str(_PERIOD_US), "cpu.cfs_quota_us": str(quota_us)}
        limited = _joined(_V1, limits)
    else:
        limited = _joined(_V2, {"cpu.max": f"{quota_us} {_PERIOD_US}"})
    if not limited:
        _ask_cpulimit(cores)


def _joined(root: Path, limits: dict[str, str]) -> bool:
    """Whether we are now in a cgroup of our own below `root` with `limits`."""
    group = root / f"shop-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        return False
    atexit.register(_leave, root, group)
    try:
        for name, value in limits.items():
            (group / name).write_text(value)
        (group / "cgroup.procs").write_text("0")
    except OSError:
        return False
    return True


def _leave(root: Path, group: Path) -> None:
    with contextlib.suppress(OSError):
        (root / "cgroup.procs").write_text("0")
        group.rmdir()


def _ask_cpulimit(cores: float) -> None:
    program = shutil.which("cpulimit")
    if program is None:
        raise StartError("no CPU limit can be set: be root, or apt-get install cpulimit")
    percent = str(round(100 * cores))
    limiter = subprocess.Popen([program, "-z", "-l", percent, "-p", str(os.getpid())])
    atexit.register(limiter.terminate)
