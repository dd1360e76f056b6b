"""Folds a run's frames, second by second, into the few tallies that judging needs.

    frame ──► whole run ──────────► what is shown
          ├─► judged seconds ─────► what SLOs see
          ├─► one slice per windowed SLO length (` every 10s`), closed when full
          └─► CPU by worker

Memory: a handful of tallies, the slices, and one number per sample; it does not grow with requests.
Feed frames in order, live or from the store: the outcome is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from perfwright.model.frame import Frame, Tally
from perfwright.model.units import NS_PER_S

Subject = tuple[str, str]
"""(metric, subject) of a probe's series."""


@dataclass(slots=True, kw_only=True)
class Slice:
    """`seconds` seconds of a run as one, from `second` on, with their probe readings."""

    second: int = 0
    seconds: int = 0
    tally: Tally = field(default_factory=Tally)
    samples: dict[Subject, list[float]] = field(default_factory=dict)

    @classmethod
    def of(cls, frames: Iterable[Frame]) -> Slice:
        together = cls()
        for frame in frames:
            together.add(frame)
        return together

    def add(self, frame: Frame) -> None:
        """Add a later second."""
        if self.seconds == 0:
            self.second = frame.second
        self.seconds += 1
        self.tally.merge(frame.total, gauges="last")
        for sample in frame.watched.samples:
            if not sample.label:
                self.samples.setdefault((sample.metric, sample.subject), []).append(sample.value)


@dataclass(slots=True, kw_only=True)
class Digest:
    """A run so far. `window_lengths_s`: the whole seconds that windowed SLOs ask for.

    `slices` holds the full windows by length; a window that a gap in the judged time cuts short is
    not full and is left out, as is the rest at the end. `end`: the second after the last.
    """

    window_lengths_s: tuple[int, ...] = ()
    whole: Tally = field(default_factory=Tally)
    judged: Slice = field(default_factory=Slice)
    users_max: int = 0
    end: int = 0
    judged_cpu_ns: dict[int, int] = field(default_factory=dict)
    slices: dict[int, list[Slice]] = field(default_factory=dict)
    _open: dict[int, Slice] = field(default_factory=dict)

    @classmethod
    def of(cls, frames: Iterable[Frame], *, window_lengths_s: Iterable[int] = ()) -> Digest:
        """The digest of all frames, in order."""
        digest = cls(window_lengths_s=tuple(sorted(set(window_lengths_s))))
        for frame in frames:
            digest.feed(frame)
        return digest

    @classmethod
    def of_sum(cls, frame: Frame, seconds: int) -> Digest:
        """Of a run that was added up to one frame: all of it judged, gauges at their highest."""
        tally = frame.total
        judged = Slice(second=frame.second, seconds=seconds, tally=tally)
        return cls(
            whole=tally, judged=judged, users_max=tally.users_active, end=frame.second + seconds
        )

    def feed(self, frame: Frame) -> None:
        """Add the next second."""
        self.end = frame.second + 1
        self.users_max = max(self.users_max, frame.total.users_active)
        self.whole.merge(frame.total, gauges="last")
        if not frame.judged:
            return
        self.judged.add(frame)
        for worker, tally in frame.by_worker.items():
            self.judged_cpu_ns[worker] = self.judged_cpu_ns.get(worker, 0) + tally.cpu_ns
        for length in self.window_lengths_s:
            self._cut(length, frame)

    def busiest_cpu_ratio(self) -> float:
        """Mean CPU of the busiest worker over the judged seconds, as a share of a core."""
        if self.judged.seconds == 0:
            return 0.0
        return max(self.judged_cpu_ns.values(), default=0) / (self.judged.seconds * NS_PER_S)

    def _cut(self, length: int, frame: Frame) -> None:
        window = self._open.get(length)
        if window is None or frame.second != window.second + window.seconds:
            window = self._open[length] = Slice()
        window.add(frame)
        if window.seconds == length:
            self.slices.setdefault(length, []).append(self._open.pop(length))
