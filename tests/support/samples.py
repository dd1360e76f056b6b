"""Result files read into rows, for tests of their readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from perfwright.model.imported import TABLE, Imported
from perfwright.sources.results.recognising import recognise
from perfwright.sources.results.result_format import ResultFormat
from perfwright.store.imported import Extent, extent_of, scratch

DATA = Path(__file__).parent.parent / "data" / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """`rows`: by time, without the columns that are NULL. `extent`: None where none was asked."""

    format: ResultFormat
    rows: Sequence[dict[str, Any]]
    told: Imported
    extent: Extent | None = None

    @property
    def requests(self) -> Sequence[dict[str, Any]]:
        return [row for row in self.rows if "service_ns" in row]

    def one(self, step: str) -> dict[str, Any]:
        """The only request of a step."""
        (found,) = (row for row in self.requests if row.get("step") == step)
        return found

    @property
    def bad(self) -> Sequence[tuple[int, str]]:
        """Line and text of what was left out."""
        return sorted((bad.line, bad.text) for bad in self.told.examples)


def read(*files: Path, by: ResultFormat | None = None, tidied: bool = False) -> Read:
    """Read files by the format that recognises them, or `by` one; `tidied`: as the store takes
    them, senseless rows left out."""
    with TemporaryDirectory() as folder, scratch(Path(folder)) as samples:
        found = by or recognise(files)
        told = found.read(files, samples)
        extent = extent_of(samples) if tidied else None
        cursor = samples.execute(f"SELECT * FROM {TABLE} ORDER BY started_us, service_ns")
        names = [column[0] for column in cursor.description or ()]
        rows = [
            {name: value for name, value in zip(names, values, strict=True) if value is not None}
            for values in cursor.fetchall()
        ]
    return Read(format=found, rows=rows, told=told, extent=extent)
