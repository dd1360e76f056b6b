"""What a reader of result files is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from perfwright.model.imported import Imported
from perfwright.sources.results.heads import Head

if TYPE_CHECKING:
    import duckdb


class ResultFormat(Protocol):
    """One format. `tool` names who wrote it, `name` the format, both for people."""

    tool: str
    name: str

    def recognises(self, head: Head) -> bool:
        """Whether the file is of this format, by its content."""
        ...

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection, /) -> Imported:
        """Insert what the files hold into `samples`, or return its sums. DataError: none of it can
        be read."""
        ...
