"""LoadRunner's raw data of transactions, saved as CSV from Analysis (the Raw Data tab).

Columns as Analysis names them: the transaction, its response time in s, its end status (Pass, Fail,
Stop), and when it ended, in s since the scenario began (`Scenario Elapsed Time`) or by the clock.
Written from the Analysis user guide; the columns may be in any order, and others between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import Imported
from perfwright.sources.results.heads import Head, head_of
from perfwright.sources.results.mapped_csv import MappedCsv, header_of
from perfwright.sources.results.mapping import ColumnMap, MappedColumn

if TYPE_CHECKING:
    import duckdb

_NAMES = {
    "step": ("transaction name", "event name"),
    "elapsed": ("transaction response time", "response time", "value"),
    "ended": ("scenario elapsed time", "transaction end time", "end time"),
    "started": ("transaction start time", "start time"),
    "success": ("transaction end status", "transaction status"),
}
"""By field, in lower case and without a unit in brackets."""
_UNITS = {"elapsed": "s"}


class LoadRunnerCsv:
    tool = "LoadRunner"
    name = "LoadRunner raw data (CSV)"

    def recognises(self, head: Head) -> bool:
        return _columns(head) is not None

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        columns = _columns(head_of(files[0]))
        assert columns is not None, "only files that were recognised are read"
        return MappedCsv(columns).read(files, into)


def _columns(head: Head) -> ColumnMap | None:
    """None where it is not LoadRunner's: a transaction's name, time and status must be there."""
    names = {name.partition("(")[0].strip().lower(): name for name in header_of(head)[1]}
    found = {
        field: MappedColumn(name=names[known], unit=_UNITS.get(field, ""))
        for field, candidates in _NAMES.items()
        for known in reversed(candidates)
        if known in names
    }
    if not {"step", "elapsed", "success"} <= found.keys():
        return None
    return found if found.keys() & {"ended", "started"} else None
