"""What a counter gained since it was last read. A counter that fell was reset: it counts from 0."""

from __future__ import annotations

from collections.abc import Hashable


class Gains:
    """Remembers the last value by key."""

    def __init__(self) -> None:
        self._last: dict[Hashable, float] = {}

    def since_last(self, key: Hashable, value: float) -> float | None:
        """None at the first reading."""
        before = self._last.get(key)
        self._last[key] = value
        if before is None:
            return None
        return value - before if value >= before else value
