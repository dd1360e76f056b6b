"""Who leads a run while it goes on: its plan, or somebody who looks at every second of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from perfwright.load.local import LocalLoad
from perfwright.model.frame import Frame
from perfwright.model.result import RunResult
from perfwright.model.stage import RUN
from perfwright.model.watched import Reading
from perfwright.workflow.watching import Watching

_SETTLED_AFTER_S = 3.0
_PROFILED_S = 10.0


class Conductor(Protocol):
    """Sees every second, may change the load and ask for profiles, and has the last word."""

    def frame(self, frame: Frame, load: LocalLoad, watching: Watching) -> None: ...

    def last(self, reading: Reading) -> None:
        """What probes told when the last second was over."""

    def concluded(self, result: RunResult) -> RunResult:
        """The result, with what was found out."""


class Planned:
    """Leaves the load to its plan; one profile is taken, in the first judged seconds."""

    def __init__(self, judged_s: Sequence[tuple[float, float]]) -> None:
        start_s, end_s = judged_s[0]
        self._at_s = min(start_s + _SETTLED_AFTER_S, end_s)
        self._length_s = min(_PROFILED_S, end_s - self._at_s)

    def frame(self, frame: Frame, load: LocalLoad, watching: Watching) -> None:
        del load
        if self._length_s >= 1 and frame.second + 1 <= self._at_s < frame.second + 2:
            watching.profile(RUN, at_s=self._at_s, duration_s=self._length_s)

    def last(self, reading: Reading) -> None:
        """Nothing is made of it here."""

    def concluded(self, result: RunResult) -> RunResult:
        return result
