"""Another tool's requests in a scratch database, put right before they are counted into a run.

    reader ──► samples ──► without senseless rows ──► few, tidy names ──► imported_tables.py

The scratch database lies in the store and is bounded in memory, so that files larger than memory
can be read; it goes when the import ends. Its tables are temporary ones: what is read a few times
is not worth compressing. Seconds count from the second in which the first request started, or the
first call of a benchmark ended.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from perfwright.model.errors import DataError
from perfwright.model.frame import MEASURES
from perfwright.model.imported import SAMPLE_COLUMNS, TABLE
from perfwright.model.units import NS_PER_S
from perfwright.store.files import store_error

if TYPE_CHECKING:
    import duckdb

_MEMORY = "1GB"
_LONGEST_S = 31 * 86_400
_US_PER_S = 1_000_000
_LATEST_US = 4_102_444_800 * _US_PER_S
"""The year 2100: times beyond are in another unit, or garbage."""
_STEPS = 1_000
"""More than anybody compares; where there are more names, they hold ids."""
_ID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,}|[0-9]+"
_REST = "(other steps)"
_NAME_CHARACTERS = 200
_GROUP = " (group)"
_SURELY_SHORT = _NAME_CHARACTERS - len(_GROUP)
_HAS_BREAKS = "contains(step, chr(10)) OR contains(step, chr(13)) OR contains(step, chr(9))"
_NAMELESS = "(no name)"
_ENDED = "started_us + coalesce(service_ns, 0) // 1000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """When the requests were: `origin_s` since the epoch, and how long. `senseless` rows (a time
    that is negative or no number, a start before 1970 or after 2100) were left out; `folded` names
    were too many to be steps; `shortened` step names were too long."""

    origin_s: int
    duration_s: float
    requests: int
    senseless: int
    folded: int = 0
    shortened: int = 0


@contextmanager
def scratch(store_dir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with an empty `samples`, for as long as the context lasts. StoreError."""
    import duckdb

    try:
        store_dir.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(prefix="import-", dir=store_dir)
    except OSError as error:
        raise store_error("write", store_dir, error) from error
    columns = ", ".join(f"{name} {kind}" for name, kind in SAMPLE_COLUMNS.items())
    settings: dict[str, Any] = {"memory_limit": _MEMORY, "preserve_insertion_order": "false"}
    with folder as path, duckdb.connect(f"{path}/samples.duckdb", config=settings) as connection:
        connection.execute(f"CREATE TEMP TABLE {TABLE} ({columns})")
        yield connection


def extent_of(connection: duckdb.DuckDBPyConnection) -> Extent:
    """Leaves senseless rows out, and says what is left. DataError: nothing, or a span of more than
    a month, which only a broken clock makes."""
    senseless = _without_senseless(connection)
    first, last, requests = _row(
        connection,
        f"SELECT min(CASE kind WHEN 'call' THEN {_ENDED} ELSE started_us END), max({_ENDED}),"
        f" count(service_ns) FROM {TABLE}",
    )
    if not requests:
        raise DataError("import: the file holds no request that could be read")
    if (last - first) / _US_PER_S > _LONGEST_S:
        raise DataError(
            f"import: the requests span {(last - first) / _US_PER_S / 86_400:,.0f} days: a clock"
            " jumped, or the times are in another unit than the format says; at most 31 days can be"
            " one run"
        )
    origin_s = first // _US_PER_S
    return Extent(
        origin_s=origin_s,
        duration_s=(last - origin_s * _US_PER_S) / _US_PER_S,
        requests=requests,
        senseless=senseless,
        folded=_fold_names(connection),
        shortened=_tidy_names(connection),
    )


def _without_senseless(connection: duckdb.DuckDBPyConnection) -> int:
    """How many rows went; the extremes tell quickly where none has to."""
    limits = {"started_us": (1, _LATEST_US)}
    limits |= {f"{measure}_ns": (0, _LONGEST_S * NS_PER_S) for measure in MEASURES}
    within = " AND ".join(
        f"coalesce(min({name}) >= {low} AND max({name}) <= {high}, true)"
        for name, (low, high) in limits.items()
    )
    if _row(connection, f"SELECT count(*) = count(started_us) AND {within} FROM {TABLE}")[0]:
        return 0
    sensible = " AND ".join(
        f"coalesce({name} BETWEEN {low} AND {high}, {str(name != 'started_us').lower()})"
        for name, (low, high) in limits.items()
    )
    return _changed(connection, f"DELETE FROM {TABLE} WHERE NOT ({sensible})")


def _fold_names(connection: duckdb.DuckDBPyConnection) -> int:
    """How many names there were, where they were too many: ids in them become `{id}`, and what is
    then not among the most frequent is one step."""
    names = int(_row(connection, f"SELECT count(DISTINCT step) FROM {TABLE}")[0])
    if names <= _STEPS:
        return 0
    connection.execute(f"""
        CREATE TEMP TABLE folded AS
        WITH counted AS (
            SELECT step, regexp_replace(step, '{_ID}', '{{id}}', 'g') AS name, count(*) AS rows
            FROM {TABLE} WHERE step IS NOT NULL GROUP BY step
        ), ranked AS (
            SELECT name, row_number() OVER (ORDER BY sum(rows) DESC, name) AS place
            FROM counted GROUP BY name
        )
        SELECT step, CASE WHEN place < {_STEPS} THEN name ELSE '{_REST}' END AS name
        FROM counted JOIN ranked USING (name)
    """)
    connection.execute(
        f"UPDATE {TABLE} SET step = folded.name FROM folded WHERE {TABLE}.step = folded.step"
    )
    return names


def _tidy_names(connection: duckdb.DuckDBPyConnection) -> int:
    """Step names of one line each, neither empty nor too long (returns how many were), and a group
    and a request of one name told apart. Rows are only looked at where some name needs it."""
    tidy = f"trim(step) <> '' AND NOT ({_HAS_BREAKS}) AND length(step) <= {_SURELY_SHORT}"
    connection.execute(f"CREATE TEMP TABLE names AS SELECT DISTINCT step FROM {TABLE}")
    untidy = _row(connection, f"SELECT count(*) FROM names WHERE ({tidy}) IS NOT true")[0]
    if untidy:
        connection.execute(
            f"UPDATE {TABLE} SET step = regexp_replace(step, '\\s+', ' ', 'g') WHERE {_HAS_BREAKS}"
        )
        connection.execute(
            f"UPDATE {TABLE} SET step = '{_NAMELESS}' WHERE coalesce(trim(step), '') = ''"
            " AND (service_ns IS NOT NULL OR passed IS NOT NULL)"
        )
    if is_there(connection, "kind"):
        connection.execute(
            f"UPDATE {TABLE} SET step = concat(step, '{_GROUP}') WHERE kind = 'group' AND step IN"
            f" (SELECT step FROM {TABLE}"
            " WHERE kind IS DISTINCT FROM 'group' AND service_ns IS NOT NULL)"
        )
    if not untidy:
        return 0
    return _changed(
        connection,
        f"UPDATE {TABLE} SET step = concat(step[:{_NAME_CHARACTERS - 1}], '…')"
        f" WHERE length(step) > {_NAME_CHARACTERS}",
    )


def is_there(connection: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether any sample tells it."""
    return bool(_row(connection, f"SELECT count({column}) > 0 FROM {TABLE}")[0])


def discard(run: Path) -> None:
    """Take away a run whose import did not come to its end. StoreError."""
    try:
        shutil.rmtree(run)
    except OSError as error:
        raise store_error("remove", run, error) from error


def _changed(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """How many rows the query changed."""
    return int(_row(connection, query)[0])


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None, query
    return row
