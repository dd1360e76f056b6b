"""Drives one probe by hand, without waiting for seconds to pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from perfwright.model.protocols import Probe
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Reading, joined

PATIENCE_S = 20


class Watch:
    """A probe that has been opened; its origin lies so far back that every read is late, and so
    takes what is there at once."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.seen = probe.open(time.monotonic_ns() - 1000 * NS_PER_S)
        self._second = 0

    def read(self) -> Reading:
        reading = self.probe.read(self._second)
        self._second += 1
        self.seen = joined([self.seen, reading])
        return reading

    def read_until(self, holds: Callable[[Reading], bool]) -> Reading:
        """Reads until `holds` of one reading; that one."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            reading = self.read()
            if holds(reading):
                return reading
        raise AssertionError(f"never came to hold; the last reading: {reading}")


@contextmanager
def watching(probe: Probe) -> Iterator[Watch]:
    """Opens the probe; closes it where the test has not."""
    watch = Watch(probe)
    try:
        yield watch
    finally:
        probe.close()


def value(reading: Reading, metric: str, label: str = "") -> float:
    """The last value of a metric; 0 where it was not read."""
    found = [s.value for s in reading.samples if (s.metric, s.label) == (metric, label)]
    return found[-1] if found else 0.0
