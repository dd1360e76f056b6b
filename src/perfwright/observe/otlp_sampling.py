"""Which spans are kept when more come than memory should hold: whole traces, chosen by their ids.

    kept in all    0 ──────── 100,000 ──── 150,000 ── 175,000 … 200,000
    traces kept        all           1/2          1/4         1/8

Each time half of what is left of the run's allowance is used, every second trace goes: a span is
kept where the first bits of its trace id's hash are 0, so all spans of a trace share its fate, in
whatever order and from whatever service they come. A second that fills its own allowance is cut off
and halves the traces likewise. What is kept is thus a fair sample, thinner as a flood lasts.
"""

from __future__ import annotations

import zlib

SPANS_PER_SECOND = 20_000
SEEN_PER_SECOND = 50_000
"""Spans of a second that are looked at, kept or not."""
SPANS_PER_RUN = 200_000


class TraceSampler:
    """Counts and decides; not thread-safe."""

    def __init__(self, per_second: int = SPANS_PER_SECOND, per_run: int = SPANS_PER_RUN) -> None:
        self._per_second = per_second
        self._per_run = per_run
        self._halve_at = per_run / 2
        self._halvings = 0
        self._second = -1
        self._seen_in_second = 0
        self._kept_in_second = 0
        self.kept = 0
        self.dropped = 0

    def keeps(self, trace_id: bytes, second: int) -> bool:
        """Whether to keep a span of this trace that came in this second."""
        if second != self._second:
            self._second = second
            self._seen_in_second = self._kept_in_second = 0
        self._seen_in_second += 1
        full = self._kept_in_second >= self._per_second or self.kept >= self._per_run
        if full or zlib.crc32(trace_id) >> (32 - self._halvings):
            self.dropped += 1
            return False
        self.kept += 1
        self._kept_in_second += 1
        if self._kept_in_second == self._per_second:
            self._halve()
        if self.kept >= self._halve_at:
            self._halve_at += (self._per_run - self._halve_at) / 2
            self._halve()
        return True

    def is_full(self, second: int) -> bool:
        """Whether this second has had enough: whoever sends more is to wait for the next."""
        return second == self._second and (
            self._kept_in_second >= self._per_second or self._seen_in_second >= SEEN_PER_SECOND
        )

    def _halve(self) -> None:
        self._halvings = min(32, self._halvings + 1)
