"""Calls the probes of a run, each in a thread of its own, and hands on what they see.

    probe ─ open ─► read ─► read ─► … ─► close          a thread a probe, once a second
              ▲       │ raises: noted once; opened anew after some seconds
              └───────┘
    all readings ─► one bounded queue ─► take()

Nothing here delays the load: a probe that hangs is left behind (its thread does not keep the
process alive), one that raises is noted, and what would overflow the queue is counted and dropped.
The CPU time that each probe costs is published as a sample of its own (`perfwright.probe.cpu`).
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Sequence
from queue import Empty, Full, Queue

from perfwright.model import metrics
from perfwright.model.protocols import Probe, Profiler
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Reading, Sample, joined

_QUEUED = 2_000
_REOPEN_AFTER_S = 3.0


class Watcher:
    """`take` may be called from one thread, whenever; `notes` come with the readings."""

    def __init__(self, origin_ns: int) -> None:
        self._origin_ns = origin_ns
        self._queue: Queue[Reading] = Queue(_QUEUED)
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lost = 0
        self._told: set[str] = set()

    def watch(self, probe: Probe) -> None:
        """Begin to read this probe."""
        self._spawn(f"probe {probe.name}", lambda: self._run(probe))

    def profile(
        self, profilers: Sequence[Profiler], moment: str, *, at_s: float, duration_s: float
    ) -> None:
        """Take a profile of everything, all at once, from `at_s` on; returns at once."""
        for profiler in profilers:
            self._spawn(
                f"profile {profiler.name}",
                lambda profiler=profiler: self._profiled(profiler, moment, at_s, duration_s),
            )

    def take(self) -> Reading:
        """What was seen since the last call; a note comes only once a run."""
        readings = []
        while True:
            try:
                readings.append(self._queue.get_nowait())
            except Empty:
                break
        if self._lost:
            readings.append(Reading(notes=(f"{self._lost} readings of probes were lost",)))
            self._lost = 0
        return self._told_once(joined(readings))

    def close(self, deadline_s: float) -> Reading:
        """End all probes; the last readings. A note names each that did not end in time."""
        self._stopped.set()
        until_s = time.monotonic() + deadline_s
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        left = tuple(
            f"{thread.name} did not come to an end and was left behind"
            for thread in self._threads
            if thread.is_alive()
        )
        return joined((self.take(), Reading(notes=left)))

    def _spawn(self, name: str, work: object) -> None:
        assert callable(work)
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self, probe: Probe) -> None:
        while not self._stopped.is_set():
            try:
                self._put(probe.open(self._origin_ns))
            except Exception as error:
                self._note(probe.name, error)
            else:
                self._read_until_it_fails(probe)
            self._stopped.wait(_REOPEN_AFTER_S)

    def _read_until_it_fails(self, probe: Probe) -> None:
        spent_s = time.thread_time()
        second = self._second()
        try:
            while not self._stopped.wait(self._until(second + 1)):
                reading = probe.read(second)
                now_s = time.thread_time()
                cost = Sample(
                    second=second,
                    metric=metrics.PROBE_COST,
                    subject=probe.name,
                    value=now_s - spent_s,
                )
                self._put(joined((reading, Reading(samples=(cost,)))))
                spent_s, second = now_s, max(second + 1, self._second())
        except Exception as error:
            self._note(probe.name, error)
        finally:
            try:
                self._put(probe.close())
            except Exception as error:
                self._note(probe.name, error)

    def _profiled(self, profiler: Profiler, moment: str, at_s: float, duration_s: float) -> None:
        if self._stopped.wait(max(0.0, at_s - self._now_s())):
            return
        try:
            self._put(profiler.profile(moment, duration_s))
        except Exception as error:
            self._note(profiler.name, error)

    def _put(self, reading: Reading) -> None:
        try:
            self._queue.put_nowait(reading)
        except Full:
            self._lost += 1

    def _note(self, name: str, error: Exception) -> None:
        said = str(error) or type(error).__name__
        self._put(Reading(notes=(said if name in said else f"{name}: {said}",)))

    def _told_once(self, reading: Reading) -> Reading:
        new = tuple(note for note in dict.fromkeys(reading.notes) if note not in self._told)
        self._told.update(new)
        return joined((Reading(notes=new), _without_notes(reading)))

    def _now_s(self) -> float:
        return (time.monotonic_ns() - self._origin_ns) / NS_PER_S

    def _second(self) -> int:
        return max(0, int(self._now_s()))

    def _until(self, second: int) -> float:
        return max(0.0, second - self._now_s())


def _without_notes(reading: Reading) -> Reading:

    return dataclasses.replace(reading, notes=())
