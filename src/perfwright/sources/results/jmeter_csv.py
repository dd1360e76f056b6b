"""JMeter's CSV results (JTL), with a header or in the default order of columns.

https://jmeter.apache.org/usermanual/listeners.html: `timeStamp` is the start in ms since the epoch
(or by `timestamp_format`), `elapsed` the time to the last byte, `Latency` to the first, `Connect`
the handshake (part of the latency), all in ms. Rows of transaction controllers have no `dataType`
and tell the number of their samples: they are groups.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.imported import BadLine, Imported
from perfwright.sources.results.csv_rows import insert_rows
from perfwright.sources.results.heads import Head, head_of

if TYPE_CHECKING:
    import duckdb

_USUAL = (
    "timeStamp", "elapsed", "label", "responseCode", "responseMessage", "threadName", "dataType",
    "success", "failureMessage", "bytes", "sentBytes", "grpThreads", "allThreads", "URL", "Latency",
    "IdleTime", "Connect",
)  # fmt: skip
"""The columns and their order in JMeter 5 where the file has no header."""
_NEEDED = ("timeStamp", "elapsed", "label")
_TYPES = {
    "elapsed": "BIGINT", "success": "BOOLEAN", "bytes": "BIGINT", "sentBytes": "BIGINT",
    "grpThreads": "BIGINT", "allThreads": "BIGINT", "Latency": "BIGINT", "Connect": "BIGINT",
}  # fmt: skip
_DELIMITERS = ",;\t|"
_TRANSACTION = "'Number of samples in transaction%'"
_DATES = ("%Y/%m/%d %H:%M:%S.%g", "%Y-%m-%d %H:%M:%S.%g", "%Y/%m/%d %H:%M:%S", "%m/%d/%y %H:%M:%S")


class JMeterCsv:
    tool = "JMeter"
    name = "JMeter JTL (CSV)"

    def recognises(self, head: Head) -> bool:
        return _layout(head) is not None

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        bad = 0
        examples: list[BadLine] = []
        for file in files:
            head = head_of(file)
            layout = _layout(head)
            if layout is None:
                raise DataError(f"import: {file} does not begin as a JTL does")
            delimiter, names, header = layout
            has_ms = head.text.splitlines()[header : header + 1][0].split(delimiter)[0].isdigit()
            types = {**_TYPES, **({"timeStamp": "BIGINT"} if has_ms else {})}
            columns = {name: types.get(name, "VARCHAR") for name in names}
            count, some = insert_rows(
                into, [file], columns=columns, select=_select(columns), delimiter=delimiter,
                header=header,
            )  # fmt: skip
            bad += count
            examples += some
        return Imported(bad_lines=bad, examples=tuple(examples[:5]))


def _layout(head: Head) -> tuple[str, Sequence[str], bool] | None:
    """Delimiter, columns, and whether there is a header; None where it is no JTL."""
    for delimiter in _DELIMITERS:
        first = next(csv.reader(io.StringIO(head.first_line), delimiter=delimiter), [])
        if set(_NEEDED) <= set(first):
            return delimiter, first, True
        if len(first) == len(_USUAL) and first[0].isdigit() and len(first[0]) == 13:
            return delimiter, _USUAL, False
    return None


def _select(columns: Mapping[str, str]) -> str:
    """A sample of a row; what the file does not have is not asked for."""
    failed = _failure(columns)
    parts = [
        f"{_start_us(columns)} AS started_us",
        "label AS step",
        "elapsed * 1000000 AS service_ns",
        f"CASE WHEN {failed} THEN {_error_kind(columns)} END AS error",
    ]
    if "responseCode" in columns:
        parts.append("TRY_CAST(responseCode AS INTEGER) AS status")
    if {"responseMessage", "dataType"} <= columns.keys():
        parts.append(
            f"CASE WHEN dataType IS NULL AND responseMessage LIKE {_TRANSACTION}"
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
        parts.append(f"greatest(Latency - {connect}, 0) * 1000000 AS wait_ns")
        parts.append("greatest(elapsed - Latency, 0) * 1000000 AS receive_ns")
    for column, name in (
        ("Connect", "Connect * 1000000 AS connect_ns"),
        ("bytes", "bytes AS bytes_received"),
        ("sentBytes", "sentBytes AS bytes_sent"),
        ("allThreads", "allThreads AS users"),
    ):
        if column in columns:
            parts.append(name)
    return ", ".join(parts)


def _start_us(columns: Mapping[str, str]) -> str:
    if columns["timeStamp"] == "BIGINT":
        return "timeStamp * 1000"
    dates = ", ".join(f"'{date}'" for date in _DATES)
    return f"epoch_us(try_strptime(timeStamp, [{dates}]))"


def _failure(columns: Mapping[str, str]) -> str:
    if "success" in columns:
        return "NOT success"
    return "TRY_CAST(responseCode AS INTEGER) >= 400" if "responseCode" in columns else "false"


def _error_kind(columns: Mapping[str, str]) -> str:
    """The kind of a failed sample: of its status, or of the Java exception that it tells of."""
    if "responseCode" not in columns:
        return "'check'"
    message = "concat(responseCode, ' ', responseMessage)"
    told = message if "responseMessage" in columns else "responseCode"
    return (
        "CASE WHEN TRY_CAST(responseCode AS INTEGER) BETWEEN 400 AND 499 THEN 'http_4xx'"
        " WHEN TRY_CAST(responseCode AS INTEGER) BETWEEN 500 AND 599 THEN 'http_5xx'"
        " WHEN TRY_CAST(responseCode AS INTEGER) BETWEEN 100 AND 399 THEN 'check'"
        f" WHEN {told} LIKE '%UnknownHost%' THEN 'dns'"
        f" WHEN {told} LIKE '%ConnectTimeout%' THEN 'connect_timeout'"
        f" WHEN {told} ILIKE '%refused%' THEN 'connect_refused'"
        f" WHEN {told} ILIKE '%time%out%' OR {told} ILIKE '%timed out%' THEN 'timeout'"
        f" WHEN {told} LIKE '%SSL%' THEN 'tls'"
        f" WHEN {told} LIKE '%NoHttpResponse%' OR {told} ILIKE '%closed%' THEN 'closed_early'"
        f" WHEN {told} ILIKE '%reset%' THEN 'reset'"
        " ELSE 'check' END"
    )
