"""Where questions are answered: so many at a time, each in a fixed time, in the order they came.

    ask ─► a clerk free? ── yes ─────────────────────► answered after `delay_ms`
              └─ no: room to wait? ── yes ─► first come, first served ─┘
                        └─ no: refused at once

It is an M/D/c queue (D. G. Kendall, 1953): `clerks / delay` is the most it answers in a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Desk:
    """`clerks` None: as many as there are questions. `room` None: any number may wait."""

    def __init__(self, *, delay_ms: float, clerks: int | None = None, room: int | None = None):
        self._delay_s = delay_ms / 1000
        self._clerks = clerks
        self._room = room
        self._busy = 0
        self._waiting: deque[Callable[[], object]] = deque()

    def ask(self, answer: Callable[[], object]) -> bool:
        """Calls `answer` in time; False where the question is refused. Needs a running loop."""
        if self._clerks is None or self._busy < self._clerks:
            self._busy += 1
            self._begin(answer)
        elif self._room is None or len(self._waiting) < self._room:
            self._waiting.append(answer)
        else:
            return False
        return True

    def _begin(self, answer: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(self._delay_s, self._end, answer)

    def _end(self, answer: Callable[[], object]) -> None:
        if self._waiting:
            self._begin(self._waiting.popleft())
        else:
            self._busy -= 1
        answer()
