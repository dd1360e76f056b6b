"""The statements that a run's time went into, with a text of each that can be explained.

The database's statistics have the values taken out (`$1`), and a plan for any value may not be the
plan that was run: a LIKE with unknown pattern can use no index. So where a sample of a session
shows the statement with its values, that example is kept too, in memory only.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_STATEMENTS = 500


@dataclass(slots=True)
class SeenStatement:
    """`text`: as in the statistics; `example`: as sent, with values, "" where none was seen."""

    fingerprint: str
    text: str
    total_ns: float = 0.0
    example: str = ""


class SeenStatements:
    """At most 500 statements; the least time-consuming make room for new ones."""

    def __init__(self) -> None:
        self._by_fingerprint: dict[str, SeenStatement] = {}

    def add_time(self, fingerprint: str, text: str, total_ns: float) -> None:
        self._of(fingerprint, text).total_ns += total_ns

    def add_example(self, fingerprint: str, example: str) -> None:
        self._of(fingerprint, example).example = example

    def top(self, count: int) -> list[SeenStatement]:
        """Those that took the most time."""
        seen = (one for one in self._by_fingerprint.values() if one.total_ns > 0)
        return sorted(seen, key=lambda one: -one.total_ns)[:count]

    def _of(self, fingerprint: str, text: str) -> SeenStatement:
        if fingerprint not in self._by_fingerprint:
            if len(self._by_fingerprint) >= MAX_STATEMENTS:
                least = min(self._by_fingerprint.values(), key=lambda one: one.total_ns)
                del self._by_fingerprint[least.fingerprint]
            self._by_fingerprint[fingerprint] = SeenStatement(fingerprint, text)
        return self._by_fingerprint[fingerprint]
