"""Resident memory of the load worker, read from /proc while a run goes on."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import psutil


@dataclass(slots=True)
class WorkerMemory:
    """A `watch` for `run_pinned`: samples of (seconds, VmRSS bytes) every half second.

    The worker is that child of the command which has used most CPU: the others (multiprocessing's
    resource tracker) hardly use any.
    """

    samples: list[tuple[float, int]] = field(default_factory=list)
    started_s: float = field(default_factory=time.monotonic)
    every_s: float = 0.5

    def __call__(self, command_pid: int) -> None:
        at_s = time.monotonic() - self.started_s
        if self.samples and at_s - self.samples[-1][0] < self.every_s:
            return
        rss_bytes = _busiest_child_rss_bytes(command_pid)
        if rss_bytes:
            self.samples.append((at_s, rss_bytes))

    @property
    def peak_bytes(self) -> int:
        return max(rss_bytes for _, rss_bytes in self.samples)

    def between(self, from_ratio: float, to_ratio: float) -> list[int]:
        """The RSS of a part of the run, both ends given as shares of its time."""
        end_s = self.samples[-1][0]
        return [rss for at_s, rss in self.samples if from_ratio <= at_s / end_s <= to_ratio]


def _busiest_child_rss_bytes(command_pid: int) -> int | None:
    try:
        children = psutil.Process(command_pid).children(recursive=True)
        if not children:
            return None
        busiest = max(children, key=lambda child: sum(child.cpu_times()[:2]))
        return int(busiest.memory_info().rss)
    except psutil.Error:
        return None
