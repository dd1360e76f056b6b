"""Pools of worker threads, as a wall profile shows them: who is busy, with what, and who is idle.

    executor-0_0  ▓▓▓▓▓▓▓▓▓▓▓▓      a group: threads whose names differ in numbers only
    executor-0_1  ▓▓▓▓▓▓▓▓░░░░      busy 1.7 of 2 on average (░ idle: it waits for work)

Event loops are no workers, nor are goroutines, of which there are as many as there is work.
Processes of one thread that serve one request at a time (prefork servers) are a group, too: as many
threads as there are processes, but for the one that only starts and watches them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from perfwright.analyze.off_cpu import Profile, Standing, awake, loop_only, standing
from perfwright.analyze.stacks import total_load
from perfwright.analyze.wait_kinds import Wait
from perfwright.model.watched import StackCount

_NUMBERS = re.compile(r"^\d+/\d+|0x[0-9a-f]+|\d+")
_GOROUTINE = re.compile(r"\.go:\d+\)")
_LOCKED_MOST = 0.5
_MASTER_AND_TWO = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """`size`: threads; `busy` of them on average; `standing` of them off the CPU; `places`: where,
    the most first; `locked`: of those that stand, the part that waits for a lock."""

    name: str
    size: int
    busy: float
    standing: float
    places: tuple[Standing, ...]
    locked: float

    @property
    def busy_ratio(self) -> float:
        return min(self.busy / self.size, 1.0)

    @property
    def queue_at_lock(self) -> bool:
        """Whether most of those that stand still wait for a lock."""
        return self.locked > _LOCKED_MOST


def worker_groups(profile: Profile) -> tuple[Workers, ...]:
    """The component's groups, the busiest first."""
    threads = loop_only(profile, loop=False)
    groups: dict[str, list[StackCount]] = defaultdict(list)
    for one in threads.wall:
        if _GOROUTINE.search(one.stack):
            continue
        groups[_NUMBERS.sub("", one.thread).strip(" -_():")].append(one)
    found = [_group(name, _without_master(group), threads) for name, group in groups.items()]
    return tuple(sorted(found, key=lambda one: -one.busy))


def _without_master(wall: list[StackCount]) -> list[StackCount]:
    """Of at least three processes' threads, without the one that is idle all the time."""
    by_process: dict[str, list[StackCount]] = defaultdict(list)
    for one in wall:
        by_process[one.thread.partition("/")[0] if "/" in one.thread else ""].append(one)
    idle = [process for process, stacks in by_process.items() if awake(stacks) == 0]
    if len(by_process) < _MASTER_AND_TWO or len(idle) != 1:
        return wall
    return [one for one in wall if one not in by_process[idle[0]]]


def _group(name: str, wall: list[StackCount], threads: Profile) -> Workers:
    part = Profile(
        subject=threads.subject, moment=threads.moment, wall=tuple(wall), ran=threads.ran
    )
    places = standing(part)
    still = sum(one.load for one in places)
    locked = sum(one.load for one in places if one.wait is Wait.LOCK)
    load = total_load(part.wall)
    return Workers(
        name=name,
        size=max(1, round(load), min(len({one.thread for one in wall}), round(load * 1.3))),
        busy=awake(part.wall),
        standing=min(still, load),
        places=places,
        locked=locked / still if still > 0 else 0.0,
    )
