"""Access logs into the table `requests`: which files, in which order, by which formats.

    paths ──► files, unpacked ──► the first time of each ──► oldest first
                                        │
       the format that fits most of the first lines reads the whole file; a line that it does not
       fit is kept, and tried with the next format; what fits none is counted and shown

One statement of DuckDB reads a file, in parallel and in bounded memory: the table is on disk. What
containers and syslog put around a line is taken off on the way (`wrappers.py`).
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.access import REQUEST_COLUMNS, TABLE, LogFacts
from perfwright.model.errors import DataError, UsageError
from perfwright.model.imported import BadLine
from perfwright.model.units import format_duration
from perfwright.sources.access_logs.access_log import AccessLog
from perfwright.sources.access_logs.bad_lines import bad_examples
from perfwright.sources.access_logs.inputs import LogFile, log_files, unpacked_head
from perfwright.sources.access_logs.json_lines import json_format
from perfwright.sources.access_logs.known_formats import known_formats, named_format
from perfwright.sources.access_logs.line_format import KEPT, Form, LineFormat, rows_of
from perfwright.sources.access_logs.line_pattern import line_format
from perfwright.sources.access_logs.lines import (
    LOOKED_AT,
    clean_text,
    execute_on_lines,
    head_lines,
    lines_of,
)
from perfwright.sources.access_logs.log_format import parse_log_format
from perfwright.sources.access_logs.progress import progress_told
from perfwright.sources.access_logs.spans import are_spans
from perfwright.sources.access_logs.sql import literal
from perfwright.sources.access_logs.wrappers import wrapper_of

if TYPE_CHECKING:
    import duckdb

MEMORY_BYTES = 1 << 30
_NOT_BLANK = " WHERE trim(line) <> ''"
_ODD_ZONE = "Pacific/Chatham"  # 12:45 or 13:45 h ahead of UTC
_MUCH_BACK_US = 600 * 1_000_000
_SOME = "some_lines"


def read_access_logs(
    paths: Sequence[str | Path],
    *,
    scratch: Path,
    log_format: str | None = None,
    mapping: Mapping[str, str] | None = None,
    zone: str = "UTC",
    memory_bytes: int = MEMORY_BYTES,
    on_progress: Callable[[str], None] = lambda _: None,
) -> AccessLog:
    """Read files, globs, folders or standard input (`-`).

    `scratch`: a folder for the table and what does not fit in memory; the caller removes it.
    `log_format`: as the server's configuration writes it, or the name of a known format.
    `mapping`: of JSON lines, field of ours → theirs. `zone`: of local times that tell no offset.
    `on_progress` hears, in words, what is under way, and "" at the end.
    DataError: nothing can be read. UsageError: format, mapping or zone make no sense.
    """
    import duckdb

    scratch.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="log-", dir=scratch))
    connection = _opened(scratch, zone, memory_bytes)
    try:
        told = _told_format(log_format)
        reading = _Reading(connection, scratch, told, mapping or {}, zone, on_progress)
        on_progress("looking at the log")
        facts = reading.read(log_files(paths, scratch, connection))
    except duckdb.Error as error:
        connection.close()
        why = str(error).partition("\n")[0]
        raise DataError(f"access log: it cannot be read into {scratch}: {why}") from error
    except BaseException:
        connection.close()
        raise
    finally:
        on_progress("")
    return AccessLog(connection, facts)


def is_access_log(head: bytes) -> bool:
    """Whether a file begins as one, packed or not: most of its first lines are of one known format;
    of wrapped ones any, since containers say other things before they serve."""
    import duckdb

    try:
        text = unpacked_head(head)
    except DataError:
        return False
    if are_spans(text):
        return True
    first = lines_of(text)
    wrapper = wrapper_of(first)
    lines = wrapper.texts(first)
    if not lines:
        return False
    with duckdb.connect() as connection:
        _insert_head(connection, lines)
        guessed = json_format(lines, {})
        formats = [*known_formats(), *([guessed] if guessed else [])]
        fitting = max(_fitting(connection, formats))
    return fitting > 0 if wrapper.name else 2 * fitting > len(lines)


def _opened(scratch: Path, zone: str, memory_bytes: int) -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(
        scratch / "requests.duckdb",
        config={
            "memory_limit": f"{memory_bytes // 1_000_000}MB",
            "temp_directory": str(scratch / "spilled"),
        },
    )
    try:
        connection.execute(f"SET TimeZone = {literal(zone)}")
    except duckdb.Error as error:
        connection.close()
        raise UsageError(
            f"--zone: {zone!r} is no time zone; write it like Europe/Berlin"
        ) from error
    return connection


def _told_format(text: str | None) -> LineFormat | None:
    if text is None:
        return None
    if named := named_format(text):
        return named
    return line_format("--log-format", parse_log_format(text))


class _Reading:
    """One log on its way into the table."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        scratch: Path,
        told: LineFormat | None,
        mapping: Mapping[str, str],
        zone: str,
        on_progress: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._scratch = scratch
        self._told = told
        self._mapping = mapping
        self._zone = zone
        self._on_progress = on_progress
        self._zones_known: set[str] = set()
        self._lines: Counter[str] = Counter()
        self._notes: dict[str, None] = {}

    def read(self, files: Sequence[LogFile]) -> LogFacts:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in REQUEST_COLUMNS.items())
        self._connection.execute(f"CREATE TABLE {TABLE} ({columns}, {KEPT} VARCHAR, file INTEGER)")
        ordered = list(self._oldest_first(files))
        names = [file for file, _ in ordered]
        bad = sum(
            self._read_file(file, place, formats) for place, (file, formats) in enumerate(ordered)
        )
        examples = bad_examples(self._connection, names, told=bool(self._told)) if bad else []
        self._check(names, examples)
        self._note_the_clock()
        if self._mapping and not any("JSON" in name for name in self._lines):
            self._notes["--map was not used: the log holds no JSON lines that it is for."] = None
        if bad:
            self._connection.execute(f"DELETE FROM {TABLE} WHERE {KEPT} IS NOT NULL")
        for column in (KEPT, "file"):
            self._connection.execute(f"ALTER TABLE {TABLE} DROP COLUMN {column}")
        return LogFacts(
            files=tuple(file.name for file in names),
            lines=self._lines.total() + bad,
            formats=tuple(self._lines.most_common()),
            bad_lines=bad,
            examples=tuple(examples),
            notes=tuple(self._notes),
        )

    def _oldest_first(
        self, files: Sequence[LogFile]
    ) -> Iterator[tuple[LogFile, Sequence[LineFormat]]]:
        """Each file with the formats to try, by the time of its first request."""
        found: list[tuple[bool, int, int, LogFile, Sequence[LineFormat]]] = []
        for file in files:
            if file.note:
                self._notes[file.note] = None
            lines = file.wrapper.texts(head_lines(file.path))
            if not lines:
                self._notes[f"{file.name} is empty."] = None
                continue
            if file.wrapper.name:
                self._notes[file.wrapper.note] = None
            formats, first_us = self._formats(lines)
            if first_us is None and not file.asked_for:
                self._notes[f"{file.name} was left out: it is no access log of a known format."] = (
                    None
                )
                continue
            found.append((first_us is None, first_us or 0, len(found), file, formats))
        if not found:
            names = ", ".join(file.name for file in files)
            raise DataError(f"access log: nothing to read: {names} is empty or no access log")
        return ((file, formats) for *_, file, formats in sorted(found, key=lambda one: one[:3]))

    def _formats(self, lines: Sequence[str]) -> tuple[Sequence[LineFormat], int | None]:
        """All that may fit, the most fitting one first, and the time of the first request in µs."""
        _insert_head(self._connection, lines)
        guessed = json_format(lines, self._mapping)
        formats = [*([guessed] if guessed else []), *known_formats()]
        best = self._told
        if best is None:
            fitting = _fitting(self._connection, formats)
            best = formats[fitting.index(max(fitting))]
        others = [one for one in formats if one is not best]
        return [best, *others], self._first_us(best)

    def _first_us(self, one: LineFormat) -> int | None:
        """The time of the first request. Times that another zone would change are local."""
        first = _first_us(self._connection, one)
        if first is None or one.name in self._zones_known:
            return first
        self._zones_known.add(one.name)
        self._connection.execute(f"SET TimeZone = '{_ODD_ZONE}'")
        elsewhere = _first_us(self._connection, one)
        self._connection.execute(f"SET TimeZone = {literal(self._zone)}")
        if elsewhere != first:
            self._notes[
                f"The times of {one.name} lines tell no offset; they were taken as {self._zone}"
                " (--zone says otherwise)."
            ] = None
        return first

    def _read_file(self, file: LogFile, place: int, formats: Sequence[LineFormat]) -> int:
        """Returns how many of its lines no format fits."""
        quick = formats[0].forms[0]
        with self._watched(file):
            execute_on_lines(
                self._connection,
                file.path,
                lambda source: (
                    f"INSERT INTO {TABLE} SELECT *, {place}"
                    f" FROM ({rows_of(quick, file.wrapper.source(source) + _NOT_BLANK)})"
                ),
                self._scratch,
            )
        of_file = f"file = {place}"
        lines, left = self._counts(f"count(*), count({KEPT})", of_file)
        self._counted(formats[0], lines - left)
        if left:
            left = self._read_left(formats, of_file, left)
        if left and (unseen := self._unseen_json(of_file)):
            left = self._read_left([unseen], of_file, left)
        return left

    def _watched(self, file: LogFile) -> AbstractContextManager[None]:
        doing = f"reading {clean_text(Path(file.name).name)}"
        self._on_progress(doing)
        return progress_told(
            self._connection, lambda ratio: self._on_progress(f"{doing}: {ratio:.0%}")
        )

    def _read_left(self, formats: Sequence[LineFormat], of_file: str, left: int) -> int:
        """Try each format on the lines that are left; returns how many still are."""
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {_SOME} AS SELECT {KEPT} FROM {TABLE}"
            f" WHERE {of_file} AND {KEPT} IS NOT NULL"
        )
        for one, fitting in zip(formats, _fitting(self._connection, formats), strict=True):
            if not fitting:
                continue
            self._retry(one.forms[-1], of_file)
            (still,) = self._counts(f"count({KEPT})", of_file)
            self._counted(one, left - still)
            left = still
        return left

    def _retry(self, form: Form, of_file: str) -> None:
        """Read the lines of a file that are left with another form, each in its place."""
        left = (
            f"(SELECT {KEPT}, rowid AS place FROM {TABLE} WHERE {of_file} AND {KEPT} IS NOT NULL)"
        )
        columns = ", ".join(f'"{name}" = retried."{name}"' for name in (*REQUEST_COLUMNS, KEPT))
        self._connection.execute(
            f"UPDATE {TABLE} SET {columns}"
            f" FROM ({rows_of(form, left, also='place')}) AS retried"
            f" WHERE {TABLE}.rowid = retried.place AND retried.{KEPT} IS NULL"
        )

    def _unseen_json(self, of_file: str) -> LineFormat | None:
        """Of lines that are left: the first ones of the file were of other formats."""
        rows = self._connection.execute(
            f"SELECT {KEPT} FROM {TABLE} WHERE {of_file} AND starts_with(ltrim({KEPT}), '{{')"
            f" LIMIT {LOOKED_AT}"
        ).fetchall()
        return json_format([line for (line,) in rows], {}) if rows else None

    def _counted(self, one: LineFormat, lines: int) -> None:
        if lines:
            self._lines[one.name] += lines
            self._notes.update(dict.fromkeys(one.notes))

    def _counts(self, counts: str, of_file: str) -> tuple[int, ...]:
        query = f"SELECT {counts} FROM {TABLE} WHERE {of_file}"
        return self._connection.execute(query).fetchone() or ()

    def _check(self, files: Sequence[LogFile], examples: Sequence[BadLine]) -> None:
        """DataError: no line at all could be read."""
        if self._lines:
            return
        example = examples[0]
        if self._told:
            remedy = "compare --log-format with the server's configuration"
        else:
            names = ", ".join(one.name for one in known_formats() if "more" not in one.name)
            remedy = (
                f"these are known: {names}, Caddy, Traefik and other JSON lines; of any other, give"
                " the server's own with --log-format"
            )
        raise DataError(
            f"access log: no line of {', '.join(file.name for file in files)} could be read; line"
            f" {example.line} {example.why}: {example.text!r}; {remedy}"
        )

    def _note_the_clock(self) -> None:
        found = self._connection.execute(
            f"SELECT count(*) FILTER (back_us > {_MUCH_BACK_US}), max(back_us),"
            " count(*) FILTER (method IS NULL)"
            f" FROM (SELECT lag(time_us) OVER () - time_us AS back_us, method FROM {TABLE}"
            f" WHERE {KEPT} IS NULL)"
        ).fetchone()
        times, most_us, strange = found or (0, 0, 0)
        if times:
            self._notes[
                f"The clock goes back {times:,} times, by up to {format_duration(most_us / 1e6)};"
                " requests are taken in the order of their times."
            ] = None
        if strange:
            self._notes[
                f"{strange:,} lines tell of no HTTP request (an empty one, or TLS on a plain port);"
                " they are kept without method and target."
            ] = None


def _insert_head(connection: duckdb.DuckDBPyConnection, lines: Sequence[str]) -> None:
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_SOME} AS SELECT unnest($1) AS line", [lines]
    )


def _fitting(
    connection: duckdb.DuckDBPyConnection, formats: Sequence[LineFormat]
) -> tuple[int, ...]:
    """How many of these lines look like each format; whether their times can be read is not
    asked."""
    exact = [one.forms[-1] for one in formats]
    counts = (f"(SELECT count(*) FROM ({form.raw(_SOME)}) WHERE {form.fits})" for form in exact)
    row = connection.execute(f"SELECT {', '.join(counts)}").fetchone()
    return row or ()


def _first_us(connection: duckdb.DuckDBPyConnection, one: LineFormat) -> int | None:
    rows = rows_of(one.forms[-1], _SOME)
    query = f"SELECT first(time_us) FROM ({rows}) WHERE {KEPT} IS NULL"
    row = connection.execute(query).fetchone()
    return row[0] if row else None
