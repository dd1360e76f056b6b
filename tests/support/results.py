"""Other tools' result files (`tests/data/results`), as tests read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from perfwright.model.imported import Imported, Summary
from perfwright.sources.results.recognising import recognise
from perfwright.store.imported import scratch

RESULTS = Path(__file__).resolve().parent.parent / "data/results"


@contextmanager
def read_into(folder: Path, *files: Path) -> Iterator[tuple[Imported, duckdb.DuckDBPyConnection]]:
    """What the format that recognises the files makes of them, and its `samples`."""
    with scratch(folder) as samples:
        yield recognise(files).read(files, samples), samples


def summary_of(folder: Path, *names: str) -> Summary:
    """The sums of files of `tests/data/results`."""
    with read_into(folder, *(RESULTS / name for name in names)) as (imported, _):
        assert imported.summary is not None
        return imported.summary
