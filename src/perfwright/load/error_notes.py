"""Exceptions in user code: counted by kind, each kind with its first traceback.

Memory is bounded: after `MAX_KINDS` kinds only the known ones are counted on, and no text is longer
than `MAX_TEXT` characters. A unique feeder that is used up is no error: it ends the load.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from traceback import StackSummary, TracebackException
from types import TracebackType

from perfwright.model.errors import FeederExhausted

MAX_KINDS = 50
MAX_TEXT = 20_000
_OURS = str(Path(__file__).parent.parent) + os.sep


@dataclass(frozen=True, slots=True)
class _Kind:
    scenario: str
    type: str
    file: str
    line: int


class ErrorNotes:
    """`note` is the kernel's hook; `take` gives what came since the last call."""

    def __init__(self) -> None:
        self._texts: dict[_Kind, tuple[str, str]] = {}
        self._counts: dict[_Kind, int] = {}
        self.exhausted: str | None = None

    def note(self, scenario: str, error: BaseException) -> bool:
        """Whether it says that the data are used up."""
        if isinstance(error, FeederExhausted):
            self.exhausted = str(error)
            return True
        kind = _Kind(scenario, type(error).__qualname__, *_raised_at(error.__traceback__))
        if kind not in self._texts:
            if len(self._texts) >= MAX_KINDS:
                return False
            self._texts[kind] = _texts(error)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return False

    def take(self) -> list[dict[str, object]]:
        """In the wire form of `ScenarioError`."""
        taken: list[dict[str, object]] = [
            {
                "where": kind.scenario,
                "type": kind.type,
                "message": self._texts[kind][0],
                "traceback": self._texts[kind][1],
                "count": count,
            }
            for kind, count in self._counts.items()
        ]
        self._counts.clear()
        return taken


def _raised_at(step: TracebackType | None) -> tuple[str, int]:
    """File and line of the innermost frame."""
    if step is None:
        return "", 0
    while step.tb_next is not None:
        step = step.tb_next
    return step.tb_frame.f_code.co_filename, step.tb_lineno


def _texts(error: BaseException) -> tuple[str, str]:
    """Its message, and its traceback as Python prints it without our own frames."""
    told = TracebackException.from_exception(error)
    part: TracebackException | None = told
    while part is not None:
        theirs = [frame for frame in part.stack if not frame.filename.startswith(_OURS)]
        part.stack = StackSummary.from_list(theirs or part.stack)
        part = part.__cause__ or part.__context__
    return _shortened(str(told)), _shortened("".join(told.format()).rstrip())


def _shortened(text: str) -> str:
    """Its beginning and its end: where it came from and what it was."""
    if len(text) <= MAX_TEXT:
        return text
    half = MAX_TEXT // 2
    return f"{text[:half]}\n  […]\n{text[-half:]}"
