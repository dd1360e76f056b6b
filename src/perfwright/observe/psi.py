"""Pressure stall information: the share of time in which some task, or all of them, had to wait.

    some avg10=0.00 avg60=0.00 avg300=0.00 total=12345        total: microseconds since boot

Kernel documentation: accounting/psi.rst. Absent where the kernel was built without it or started
with psi=0; cgroup v1 has none of its own.
"""

from __future__ import annotations

import re

from perfwright.observe.procfs import read_text

LABELS = ("cpu.some", "memory.some", "memory.full", "io.some", "io.full")
REMEDY = "pressure (PSI) is not visible: this kernel has it off; start it with psi=1"
_TOTAL = re.compile(r"^(some|full) .*total=(\d+)", re.MULTILINE)
_US_PER_S = 1_000_000


def parse_pressure(text: str) -> dict[str, float]:
    """Seconds stalled so far, by `some` and `full`."""
    return {kind: int(total) / _US_PER_S for kind, total in _TOTAL.findall(text)}


def stalled_s(folder: str, suffix: str = "") -> dict[str, float]:
    """Seconds stalled by label, from `/proc/pressure` or (suffix `.pressure`) a cgroup's folder;
    empty where there is none."""
    found = {
        f"{resource}.{kind}": seconds
        for resource in ("cpu", "memory", "io")
        for kind, seconds in parse_pressure(read_text(f"{folder}/{resource}{suffix}")).items()
    }
    return {label: found[label] for label in LABELS if label in found}
