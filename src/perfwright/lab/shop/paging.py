"""One page of a long list."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_SIZE = 20
MAX_SIZE = 100
MAX_NUMBER = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`number` counts from 1."""

    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def skip(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size
