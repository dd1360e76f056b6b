"""The lines that a reader left out: how many, and the first few to show."""

from __future__ import annotations

from dataclasses import dataclass, field

from perfwright.model.imported import BadLine

EXAMPLES = 5
SHOWN = 120
"""Characters of a line that are shown."""


@dataclass(slots=True, kw_only=True)
class Unread:
    count: int = 0
    examples: list[BadLine] = field(default_factory=list)

    def add(self, other: Unread) -> None:
        self.count += other.count
        self.examples = [*self.examples, *other.examples][:EXAMPLES]
