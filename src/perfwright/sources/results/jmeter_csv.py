"""JMeter's CSV results (JTL), with a header or in the default order of columns.

https://jmeter.apache.org/usermanual/listeners.html: `timeStamp` is the start in ms since the epoch
(or by `timestamp_format`), `elapsed` the time to the last byte, `Latency` to the first, `Connect`
the handshake (part of the latency), all in ms. Rows of transaction controllers have no `dataType`
and tell the number of their samples: they are groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.imported import Imported
from perfwright.sources.results.csv_rows import distinct, insert_rows, row_of
from perfwright.sources.results.error_kinds import kind_in_sql
from perfwright.sources.results.heads import Head, head_of
from perfwright.sources.results.times import NS_PER, whole
from perfwright.sources.results.unread import Unread

if TYPE_CHECKING:
    import duckdb

USUAL = (
    "timeStamp", "elapsed", "label", "responseCode", "responseMessage", "threadName", "dataType",
    "success", "failureMessage", "bytes", "sentBytes", "grpThreads", "allThreads", "URL", "Latency",
    "IdleTime", "Connect",
)  # fmt: skip
"""The columns and their order in JMeter 5 where the file has no header."""
_NEEDED = ("timeStamp", "elapsed", "label")
NUMBERS = (
    "timeStamp", "elapsed", "bytes", "sentBytes", "grpThreads", "allThreads", "Latency", "Connect",
)  # fmt: skip
TRANSACTION = "Number of samples in transaction"
"""What the message of a transaction begins with."""
_LOOKED_AT = 50
_DELIMITERS = ",;\t|"
_DATES = ("%Y/%m/%d %H:%M:%S.%g", "%Y-%m-%d %H:%M:%S.%g", "%Y/%m/%d %H:%M:%S", "%m/%d/%y %H:%M:%S")


class JMeterCsv:
    tool = "JMeter"
    name = "JMeter JTL (CSV)"

    def recognises(self, head: Head) -> bool:
        return _layout(head) is not None

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        unread = Unread()
        for file in files:
            head = head_of(file)
            layout = _layout(head)
            if layout is None:
                raise DataError(f"import: {file} does not begin as a JTL does")
            delimiter, names, header = layout
            unread.add(
                insert_jtl(
                    into,
                    file,
                    names,
                    delimiter=delimiter,
                    header=header,
                    has_ms=not _has_dates(head, delimiter, names.index("timeStamp")),
                )
            )
        return Imported(bad_lines=unread.count, examples=tuple(unread.examples))


def insert_jtl(
    into: duckdb.DuckDBPyConnection,
    file: Path,
    names: Sequence[str],
    *,
    header: bool,
    has_ms: bool,
    delimiter: str = ",",
) -> Unread:
    """Insert the rows of a JTL with the columns `names`. `has_ms`: timestamps are ms since 1970.
    DataError: the file cannot be read at all."""
    types = dict.fromkeys(NUMBERS, "BIGINT") | {"success": "BOOLEAN"}
    if not has_ms:
        types["timeStamp"] = "VARCHAR"
    columns = {name: types.get(name, "VARCHAR") for name in names}
    return insert_rows(
        into, file, columns=columns, select=_select(columns), delimiter=delimiter, header=header
    )


def _layout(head: Head) -> tuple[str, Sequence[str], bool] | None:
    """Delimiter, columns, and whether there is a header; None where it is no JTL."""
    for delimiter in _DELIMITERS:
        first = row_of(head.first_line, delimiter)
        if set(_NEEDED) <= set(first):
            return delimiter, distinct(first), True
        if len(first) == len(USUAL) and first[0].isdigit() and len(first[0]) == 13:
            return delimiter, USUAL, False
    return None


def _has_dates(head: Head, delimiter: str, place: int) -> bool:
    """Whether timestamps are dates: of the first rows, whole ones, none is a number."""
    rows = [row_of(line, delimiter) for line in head.text.split("\n")[1:_LOOKED_AT]]
    told = [row[place] for row in rows if len(row) > max(place, 1)]
    return bool(told) and not any(timestamp.isdigit() for timestamp in told)


def _select(columns: Mapping[str, str]) -> str:
    """A sample of a row; what the file does not have is not asked for."""
    failed = _failure(columns)
    parts = [
        f"{_start_us(columns)} AS started_us",
        "label AS step",
        f"coalesce({_ns('elapsed')}, -1) AS service_ns",
        f"CASE WHEN {failed} THEN {_kind(columns)} END AS error",
    ]
    if "responseCode" in columns:
        parts.append("TRY_CAST(responseCode AS INTEGER) AS status")
    if {"responseMessage", "dataType"} <= columns.keys():
        parts.append(
            f"CASE WHEN dataType IS NULL AND responseMessage LIKE '{TRANSACTION}%'"
            " THEN 'group' END AS kind"
        )
    messages = [name for name in ("failureMessage", "responseMessage") if name in columns]
    if messages:
        told = ", ".join(f"nullif({name}, '')" for name in messages)
        parts.append(f"CASE WHEN {failed} THEN coalesce({told}, '')[:500] END AS message")
    if "URL" in columns:
        parts.append(f"CASE WHEN {failed} THEN nullif(URL, 'null') END AS url")
    if "Latency" in columns:
        connect = "coalesce(Connect, 0)" if "Connect" in columns else "0"
        parts.append(f"{_ns(f'greatest(Latency - {connect}, 0)')} AS wait_ns")
        parts.append(f"{_ns('greatest(elapsed - Latency, 0)')} AS receive_ns")
    for column, name in (
        ("Connect", f"nullif({_ns('Connect')}, 0) AS connect_ns"),
        ("bytes", "bytes AS bytes_received"),
        ("sentBytes", "sentBytes AS bytes_sent"),
        ("allThreads", "allThreads AS users"),
    ):
        if column in columns:
            parts.append(name)
    return ", ".join(parts)


def _ns(milliseconds: str) -> str:
    """Of a whole number."""
    return whole(milliseconds, NS_PER["ms"])


def _start_us(columns: Mapping[str, str]) -> str:
    if columns["timeStamp"] == "BIGINT":
        return whole("timeStamp", 1_000)
    dates = ", ".join(f"'{date}'" for date in _DATES)
    return f"epoch_us(try_strptime(timeStamp, [{dates}]))"


def _failure(columns: Mapping[str, str]) -> str:
    if "success" in columns:
        return "NOT success"
    return "TRY_CAST(responseCode AS INTEGER) >= 400" if "responseCode" in columns else "false"


def _kind(columns: Mapping[str, str]) -> str:
    """The kind of a failed sample: of its status, or of the Java exception that it tells of."""
    if "responseCode" not in columns:
        return "'check'"
    told = [name for name in ("responseCode", "responseMessage") if name in columns]
    return kind_in_sql("TRY_CAST(responseCode AS INTEGER)", f"concat_ws(' ', {', '.join(told)})")
