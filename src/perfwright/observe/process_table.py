"""All processes of the machine, from /proc/PID/stat (proc_pid_stat(5)), and who descends from whom.

`children_ticks` is the CPU time of children that ended and were waited for. A kernel without
delay accounting leaves `blocked_ticks` at 0.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from perfwright.observe.procfs import TICKS_PER_S, entries, read_record
from perfwright.observe.shared import Shared


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStat:
    """A process or a thread; times in clock ticks, `born_s` in seconds since boot."""

    pid: int
    parent: int
    name: str
    state: str
    own_ticks: int
    children_ticks: int
    threads: int
    born_s: float
    resident_pages: int
    blocked_ticks: int


Table = Mapping[int, ProcessStat]


def parse_stat(text: bytes) -> ProcessStat | None:
    """None for what is no such line: the process ended."""
    opening, closing = text.find(b"("), text.rfind(b")")
    if opening < 0 or closing < 0:
        return None
    rest = text[closing + 2 :].split()  # rest[0] is field 3 of the manual page
    return ProcessStat(
        pid=int(text[:opening]),
        parent=int(rest[1]),
        name=text[opening + 1 : closing].decode(errors="replace"),
        state=rest[0].decode(),
        own_ticks=int(rest[11]) + int(rest[12]),
        children_ticks=int(rest[13]) + int(rest[14]),
        threads=int(rest[17]),
        born_s=int(rest[19]) / TICKS_PER_S,
        resident_pages=int(rest[21]),
        blocked_ticks=int(rest[39]) if len(rest) > 39 else 0,
    )


def stat_of(pid: int) -> ProcessStat | None:
    return parse_stat(read_record(f"/proc/{pid}/stat"))


def _look() -> Table:
    found = (stat_of(int(name)) for name in entries("/proc") if name.isdigit())
    return {stat.pid: stat for stat in found if stat is not None}


_TABLE = Shared(_look)


def process_table(max_age_s: float = 0.0) -> Table:
    """Every process there is, looked up again if the last look is older than `max_age_s`."""
    return _TABLE.get(max_age_s)


def with_descendants(table: Table, roots: Iterable[int], *, without: Collection[int]) -> set[int]:
    """The roots that exist and all below them; a process in `without`, and what is below it, is
    left out unless it is a root."""
    children: dict[int, list[int]] = {}
    for stat in table.values():
        children.setdefault(stat.parent, []).append(stat.pid)
    found: set[int] = set()
    waiting = [root for root in roots if root in table]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting.extend(child for child in children.get(pid, ()) if child not in without)
    return found


def ancestors(table: Table, pid: int) -> set[int]:
    """The parent, its parent, and so on."""
    found: set[int] = set()
    while (stat := table.get(pid)) is not None and stat.parent not in found:
        pid = stat.parent
        found.add(pid)
    return found - {0}
