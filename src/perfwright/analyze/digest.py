"""Folds a run's frames, second by second, into the few tallies that judging needs.

    frame ──► whole run ──────────► what is shown
          ├─► judged seconds ─────► what SLOs see
          ├─► one slice per windowed SLO length (` every 10s`), closed when full
          └─► CPU by worker, probe series

Memory: a handful of tallies, the slices, and one number per sample; it does not grow with requests.
Feed frames in order, live or from the store: the outcome is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from perfwright.model.frame import Frame, Tally, merged
from perfwright.model.units import NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The judged seconds from `second` on, `seconds` of them, as one tally."""

    second: int
    seconds: int
    tally: Tally


@dataclass(slots=True, kw_only=True)
class Digest:
    """A run so far. `window_lengths_s`: the whole seconds that windowed SLOs ask for.

    `slices` holds the full windows by length; a window that a gap in the judged time cuts short is
    not full and is left out, as is the rest at the end.
    """

    window_lengths_s: tuple[int, ...] = ()
    whole: Tally = field(default_factory=Tally)
    judged: Tally = field(default_factory=Tally)
    seconds: int = 0
    judged_seconds: int = 0
    users_max: int = 0
    workers: set[int] = field(default_factory=set)
    judged_cpu_ns: dict[int, int] = field(default_factory=dict)
    judged_samples: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    slices: dict[int, list[Slice]] = field(default_factory=dict)
    _open: dict[int, list[Frame]] = field(default_factory=dict)

    @classmethod
    def of(cls, frames: Iterable[Frame], *, window_lengths_s: Iterable[int] = ()) -> Digest:
        """The digest of all frames, in order."""
        digest = cls(window_lengths_s=tuple(sorted(set(window_lengths_s))))
        for frame in frames:
            digest.feed(frame)
        return digest

    def feed(self, frame: Frame) -> None:
        """Add the next second."""
        self.seconds += 1
        self.workers.update(frame.by_worker)
        self.users_max = max(self.users_max, frame.total.users_active)
        self.whole.merge(frame.total, gauges="last")
        if not frame.judged:
            return
        self.judged_seconds += 1
        self.judged.merge(frame.total, gauges="last")
        for worker, tally in frame.by_worker.items():
            self.judged_cpu_ns[worker] = self.judged_cpu_ns.get(worker, 0) + tally.cpu_ns
        for sample in frame.samples:
            series = self.judged_samples.setdefault((sample.metric, sample.subject), [])
            series.append(sample.value)
        for length in self.window_lengths_s:
            self._slice(length, frame)

    def busiest_cpu_ratio(self) -> float:
        """Mean CPU of the busiest worker over the judged seconds, as a share of a core."""
        if self.judged_seconds == 0:
            return 0.0
        return max(self.judged_cpu_ns.values(), default=0) / (self.judged_seconds * NS_PER_S)

    def _slice(self, length: int, frame: Frame) -> None:
        open_frames = self._open.setdefault(length, [])
        if open_frames and frame.second != open_frames[-1].second + 1:
            open_frames.clear()
        open_frames.append(frame)
        if len(open_frames) == length:
            tally = merged((f.total for f in open_frames), gauges="last")
            self.slices.setdefault(length, []).append(
                Slice(second=open_frames[0].second, seconds=length, tally=tally)
            )
            open_frames.clear()
