"""`async with user.step("checkout")`: a named group of requests, timed as one step.

It lasts from when its first request was due to when its last answer came, so think time inside it
counts, a late generator does not hide in it, and it fails when something inside it failed.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perfwright._kernel import Session


class StepGroup:
    __slots__ = ("_mark", "_name", "_session")

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self._name = name
        self._mark = (0, 0)

    async def __aenter__(self) -> None:
        self._mark = self._session.mark()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        del error, traceback
        if kind is None or issubclass(kind, Exception):
            self._session.group(self._name, self._mark, kind is not None)
