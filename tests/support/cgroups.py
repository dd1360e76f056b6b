"""A control group of our own with a CPU quota, in whichever version this machine mounts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PERIOD_US = 100_000
_ROOT = Path("/sys/fs/cgroup")


class QuotaRefused(Exception):
    """The kernel, or our rights, allow no quota here."""


@contextmanager
def quota(cores: float) -> Iterator[Path]:
    """A group that may use `cores`; whoever's id is written to its `cgroup.procs` is in it.
    Raises QuotaRefused."""
    version_1 = (_ROOT / "cpu" / "cpu.cfs_quota_us").exists()
    group = (_ROOT / "cpu" if version_1 else _ROOT) / f"perfwright-test-{os.getpid()}"
    limit_us = round(cores * _PERIOD_US)
    try:
        group.mkdir()
        if version_1:
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(limit_us))
        else:
            (group / "cpu.max").write_text(f"{limit_us} {_PERIOD_US}")
    except OSError as error:
        if group.exists():
            group.rmdir()
        raise QuotaRefused(str(error)) from error
    try:
        yield group
    finally:
        group.rmdir()
