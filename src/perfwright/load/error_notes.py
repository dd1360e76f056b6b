"""Exceptions in user code: counted by kind, each kind with its first traceback.

Memory is bounded: after `MAX_KINDS` kinds only the known ones are counted on.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from perfwright.model.errors import FeederExhausted

MAX_KINDS = 50
_OURS = str(Path(__file__).parent.parent)


class ErrorNotes:
    """`note` is the kernel's hook; `take` gives what came since the last call."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str, int], tuple[str, str]] = {}
        self._counts: dict[tuple[str, str, int], int] = {}
        self.exhausted: str | None = None

    def note(self, scenario: str, error: BaseException) -> None:
        if isinstance(error, FeederExhausted):
            self.exhausted = str(error)
        key = (scenario, type(error).__qualname__, _deepest_line(error))
        if key not in self._texts:
            if len(self._texts) >= MAX_KINDS:
                return
            self._texts[key] = (str(error), _traceback(error))
        self._counts[key] = self._counts.get(key, 0) + 1

    def take(self) -> list[dict[str, object]]:
        """In the wire form of `ScenarioError`."""
        taken = [
            {
                "where": key[0],
                "type": key[1],
                "message": self._texts[key][0],
                "traceback": self._texts[key][1],
                "count": count,
            }
            for key, count in self._counts.items()
        ]
        self._counts.clear()
        return taken


def _deepest_line(error: BaseException) -> int:
    line, step = 0, error.__traceback__
    while step is not None:
        line, step = step.tb_lineno, step.tb_next
    return line


def _traceback(error: BaseException) -> str:
    """As Python prints it, without our own frames."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_OURS)]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(theirs or frames)]
    return "".join(lines + traceback.format_exception_only(error)).rstrip()
