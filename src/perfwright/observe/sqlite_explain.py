"""How SQLite answers statements, and whether an index would serve them better.

    the file's schema ─► an empty copy in memory ─► EXPLAIN QUERY PLAN ─► SCAN orders
                              + candidate index  ─► EXPLAIN QUERY PLAN ─► SEARCH orders USING INDEX

SQLite plans by schema and statistics (`sqlite_stat1`), not by rows, so an empty copy with the same
statistics plans alike, and an index can be tried there without touching the file. Costs are rows
read a call, not a planner's units: all of the table now; with the index the rows that one value has
on average, counted in at most 100,000 rows, plus the descent. The times that an inner loop repeats
a scan are not told by SQLite and not counted. Reference: sqlite.org/eqp.html.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from perfwright.model.statements import fingerprint, normalize
from perfwright.model.watched import StatementPlan
from perfwright.observe.index_advice import (
    NO_INDEX,
    Candidate,
    TriedIndex,
    best_index,
    index_candidates,
)
from perfwright.observe.sql_text import is_explainable
from perfwright.observe.sql_wants import TableFacts, conditions_on, tables_by_alias, wants_of
from perfwright.observe.sqlite_file import (
    quoted,
    read_only,
    sqlite_path,
    sqlite_subject,
    table_names,
    table_rows,
)

MOST_STATEMENTS = 20
_COUNTED_ROWS = 100_000
_COUNTING_S = 0.5
_LIMITED_ROWS = 100
"""Rows that a LIMIT is thought to ask for."""
_RANGE_RATIO = 0.3
_STEP = re.compile(r"^(SCAN|SEARCH) (?:TABLE )?(\S+)(?: AS (\S+))?(.*)$")
_INDEX = "perfwright_candidate"
_PLAIN = re.compile(r"[A-Za-z_]\w*")

Step = tuple[str, str]
"""How (`SCAN`, `SEARCH`) and the alias of the table."""


def explain_sqlite(spec: str, statements: Iterable[str]) -> tuple[StatementPlan, ...]:
    """The plan of each statement that the file's schema knows, at most 20. `spec`: `sqlite:FILE`
    or a path. ProbeError: no such file; a file that is no database gives no plans."""
    path = sqlite_path(spec)
    wanted = {fingerprint(text): normalize(text) for text in statements if is_explainable(text)}
    try:
        with read_only(path) as file, closing(_empty_copy(file)) as copy:
            explainer = _Explainer(path, file, copy)
            plans = (
                explainer.explain(mark, text)
                for mark, text in list(wanted.items())[:MOST_STATEMENTS]
            )
            return tuple(plan for plan in plans if plan is not None)
    except sqlite3.DatabaseError:
        return ()


class _Explainer:
    def __init__(self, path: Path, file: sqlite3.Connection, copy: sqlite3.Connection) -> None:
        self._subject = sqlite_subject(path)
        self._file = file
        self._copy = copy
        self._facts = {name.lower(): _facts(file, name) for name in table_names(file)}

    def explain(self, mark: str, text: str) -> StatementPlan | None:
        """None where the statement is not this database's, or not SQLite's."""
        try:
            details = self._details(text)
        except sqlite3.Error:
            return None
        scan = self._worst_scan(text, details)
        index = self._best_index(text, scan) if scan else NO_INDEX
        return StatementPlan(
            subject=self._subject,
            fingerprint=mark,
            plan="\n".join(details),
            relation=scan.written if scan else "",
            filter=conditions_on(text, scan, "sqlite") if scan else "",
            rows_scanned=scan.rows if scan else 0.0,
            index=index.ddl,
            cost_now=scan.rows if scan else None,
            cost_then=index.cost_then,
        )

    def _details(self, text: str) -> list[str]:
        values = (None,) * text.count("?")
        rows = self._copy.execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()
        depths = {0: 0}
        details = []
        for number, parent, _, detail in rows:
            depths[number] = depths.get(parent, 0) + 1
            details.append("  " * depths.get(parent, 0) + detail)
        return details

    def _worst_scan(self, text: str, details: Sequence[str]) -> TableFacts | None:
        """The largest table that is scanned although the statement asks for some of it only."""
        names = tables_by_alias(text, "sqlite")
        scanned = []
        for how, alias in _steps(details):
            facts = self._facts.get(names.get(alias.lower(), alias).lower())
            if facts is None or how == "SEARCH":
                continue
            facts = facts.under(alias)
            if conditions_on(text, facts, "sqlite") or index_candidates(text, facts, "sqlite"):
                scanned.append(facts)
        return max(scanned, key=lambda facts: facts.rows, default=None)

    def _best_index(self, text: str, scan: TableFacts) -> TriedIndex:
        wants = wants_of(text, scan, "sqlite")
        distinct = {key: self._distinct(scan, key) for key in wants.equal}
        scan = dataclasses.replace(scan, distinct=distinct)
        tried = [
            TriedIndex(
                ddl=candidate.ddl,
                cost_then=_rows_read(scan, candidate, is_limited=wants.is_limited),
            )
            for candidate in index_candidates(text, scan, "sqlite")
            if self._would_use(candidate, text)
        ]
        return best_index(tried, scan.rows)

    def _would_use(self, candidate: Candidate, text: str) -> bool:
        try:
            self._copy.execute(candidate.ddl.replace("INDEX", f"INDEX {_INDEX}", 1))
        except sqlite3.Error:
            return False
        try:
            return any(_INDEX in detail for detail in self._details(text))
        finally:
            self._copy.execute(f"DROP INDEX {_INDEX}")

    def _distinct(self, table: TableFacts, key: str) -> float:
        """How many values a key has, judged by the table's first rows; 1 where that takes long."""
        counting = (
            f"SELECT count(DISTINCT key), count(*) FROM "
            f"(SELECT {key} AS key FROM {table.written} LIMIT {_COUNTED_ROWS})"
        )
        end_s = time.monotonic() + _COUNTING_S
        self._file.set_progress_handler(lambda: time.monotonic() > end_s, 1000)
        try:
            values, counted = self._file.execute(counting).fetchone()
        except sqlite3.Error:
            return 1.0
        finally:
            self._file.set_progress_handler(None, 0)
        # Nearly unique in what was counted: taken to go on so in the rest.
        return values * table.rows / counted if values > 0.5 * counted else float(values)


def _rows_read(scan: TableFacts, candidate: Candidate, *, is_limited: bool) -> float:
    """Rows a call reads by the index, the descent to them included."""
    rows = scan.rows
    for key in candidate.equal:
        rows /= max(scan.distinct[key], 1.0)
    if candidate.has_range:
        rows *= _RANGE_RATIO
    elif is_limited and not candidate.equal:
        rows = min(rows, _LIMITED_ROWS)
    return max(rows, 1.0) + math.log2(max(scan.rows, 2.0))


def _steps(details: Sequence[str]) -> Iterator[Step]:
    """How each table is read. An automatic index is a scan too: SQLite builds it anew each call."""
    for detail in details:
        match = _STEP.match(detail.strip())
        if match:
            how = "SCAN" if "AUTOMATIC" in match[4] else match[1]
            yield how, match[3] or match[2]


def _facts(file: sqlite3.Connection, name: str) -> TableFacts:
    columns = [row[1] for row in file.execute(f"PRAGMA table_info({quoted(name)})")]
    indexes = [row[1] for row in file.execute(f"PRAGMA index_list({quoted(name)})") if not row[4]]
    return TableFacts(
        written=_plain(name),
        alias=name,
        columns={column.lower(): _plain(column) for column in columns},
        rows=table_rows(file, name) or 0.0,
        indexed=frozenset(
            tuple(_plain(str(row[2])) for row in file.execute(f"PRAGMA index_info({quoted(one)})"))
            for one in indexes
        ),
    )


def _plain(name: str) -> str:
    """A name as people write it; quoted where it must be, as a keyword must."""
    if _PLAIN.fullmatch(name):
        with closing(sqlite3.connect(":memory:")) as scratch, contextlib.suppress(sqlite3.Error):
            scratch.execute(f"CREATE TABLE {name} ({name})")
            return name
    return quoted(name)


def _empty_copy(file: sqlite3.Connection) -> sqlite3.Connection:
    """The file's tables and indexes in memory, without rows, with the planner's statistics."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    made = file.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%'"
        " ESCAPE '!' ORDER BY type <> 'table', type <> 'index'"
    )
    for (ddl,) in made.fetchall():
        with contextlib.suppress(sqlite3.Error):  # a module that is not here, its shadow tables
            copy.execute(ddl)
    with contextlib.suppress(sqlite3.Error):
        statistics = file.execute("SELECT tbl, idx, stat FROM sqlite_stat1").fetchall()
        copy.execute("ANALYZE")
        copy.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", statistics)
        copy.execute("ANALYZE sqlite_master")
    return copy
