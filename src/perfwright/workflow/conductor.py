"""Who leads a run while it goes on: nobody, where its load follows the plan to the end."""

from __future__ import annotations

from typing import Protocol

from perfwright.load.local import LocalLoad
from perfwright.model.frame import Frame
from perfwright.model.result import RunResult
from perfwright.model.watched import Reading
from perfwright.workflow.watching import Watching


class Conductor(Protocol):
    """Sees every second, may change the load and ask for profiles, and has the last word."""

    def frame(self, frame: Frame, load: LocalLoad, watching: Watching) -> None: ...

    def last(self, reading: Reading) -> None:
        """What probes told when the last second was over."""

    def concluded(self, result: RunResult) -> RunResult:
        """The result, with what was found out."""


class _Unconducted:
    def frame(self, frame: Frame, load: LocalLoad, watching: Watching) -> None:
        """The load follows its plan."""

    def last(self, reading: Reading) -> None:
        """Nothing is made of it here."""

    def concluded(self, result: RunResult) -> RunResult:
        return result


UNCONDUCTED: Conductor = _Unconducted()
