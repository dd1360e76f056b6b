"""Files of one record a line that are no CSV (JSON lines, Gatling's log) into rows.

    file ──► lines ──► parsed (SQL) ──► of interest? ──► makes sense? ──► samples
                                                              └── no ───► counted and shown

Everything is done by DuckDB, a few hundred thousand lines at a time. Where a line stands in its
file is looked up only for the few that are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import TABLE, BadLine
from perfwright.sources.results.csv_rows import scan
from perfwright.sources.results.heads import unpacked
from perfwright.sources.results.unread import EXAMPLES, SHOWN, Unread

if TYPE_CHECKING:
    import duckdb

_IN_NO_TEXT = "\x01"
_COMPARED = 4096
_PARSED = "parsed_lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuery:
    """How a line becomes a sample, in SQL: `parsed` is made of `line`, `fields` of that, which is
    called `record` there, the rest of those. `wanted` lines are of interest; of these, those that
    are not `sensible` are left out because of `why`; `select` makes samples of the others."""

    parsed: str
    fields: str
    wanted: str
    sensible: str
    select: str
    why: str


def insert_lines(into: duckdb.DuckDBPyConnection, file: Path, query: LineQuery) -> Unread:
    """Insert what the lines hold. DataError: the file cannot be read at all."""
    unread = scan(
        into,
        file,
        lambda source: (
            f"CREATE TABLE {_PARSED} AS"
            f" SELECT {query.select}, CASE WHEN NOT coalesce({query.sensible}, false)"
            f" THEN line[:{_COMPARED}] END AS unread"
            f" FROM (SELECT line, {query.fields} FROM"
            # Unnested, since DuckDB would else parse the line anew for each field.
            f" (SELECT line, unnest([{query.parsed}]) AS record FROM {source}"
            " WHERE trim(line) <> ''))"
            f" WHERE {query.wanted}"
        ),
        columns={"line": "VARCHAR"},
        delimiter=_IN_NO_TEXT,
        header=False,
        quote="",
    )
    into.execute(
        f"INSERT INTO {TABLE} BY NAME SELECT * EXCLUDE (unread) FROM {_PARSED} WHERE unread IS NULL"
    )
    counted = into.execute(f"SELECT count(unread) FROM {_PARSED}").fetchone()
    texts = into.execute(
        f"SELECT DISTINCT unread FROM {_PARSED} WHERE unread IS NOT NULL LIMIT {EXAMPLES}"
    ).fetchall()
    into.execute(f"DROP TABLE {_PARSED}")
    found = _located(file, {text for (text,) in texts}, query.why)
    unread.add(Unread(count=counted[0] if counted else 0, examples=list(found)))
    return unread


def _located(file: Path, texts: set[str], why: str) -> Iterator[BadLine]:
    """The first line of each text."""
    if not texts:
        return
    missing = set(texts)
    for number, raw in _numbered(file):
        # A carriage return in the midst of a line ends it for DuckDB.
        whole = raw.decode("utf-8", errors="replace").removeprefix("\ufeff").rstrip("\n")
        for part in whole.split("\r"):
            text = part[:_COMPARED]
            if text in missing:
                missing.remove(text)
                yield BadLine(str(file), number, text[:SHOWN], why)
        if not missing:
            return


def _numbered(file: Path) -> Iterator[tuple[int, bytes]]:
    """The beginning of each line, with its number; no line is held whole."""
    with unpacked(file) as stream:
        number, begins = 1, True
        while piece := stream.readline(4 * _COMPARED + 4):
            if begins:
                yield number, piece
            begins = piece.endswith(b"\n")
            number += begins
