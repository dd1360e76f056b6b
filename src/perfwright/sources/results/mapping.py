"""Which columns of a CSV file mean what: `started=ts,elapsed_ms=duration,step=label,error=failed`.

    mapping  = field "=" column { "," field "=" column }
    field    = ( "started" | "ended" | "intended" ) [ "_" unit ]     one of started, ended: needed
             | ( "elapsed" | phase ) "_" unit                        elapsed: needed
             | "step" | "status" | "error" | "success" | "message" | "url"
             | "bytes_sent" | "bytes_received" | "users"
    phase    = "dns" | "connect" | "tls" | "send" | "wait" | "receive"
    unit     = "s" | "ms" | "us" | "ns"

Instants are dates (ISO 8601) or numbers, whose unit is told by their size where it is not written
(`times.py`). `error` is anything but empty, 0, no, false, none, null, ok, pass; `success` is the
contrary of it. A column is named as the file's header does; a comma in its name cannot be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perfwright.model.errors import DataError, UsageError
from perfwright.sources.results.times import NS_PER

INSTANTS = ("started", "ended", "intended")
PHASES = ("dns", "connect", "tls", "send", "wait", "receive")
TEXTS = ("step", "error", "success", "message", "url")
COUNTS = ("status", "bytes_sent", "bytes_received", "users")
_EXAMPLE = "started=ts,elapsed_ms=duration,step=label,error=failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """`unit`: as in `times.NS_PER`; "" of texts, counts and instants that tell it by size."""

    name: str
    unit: str = ""


ColumnMap = Mapping[str, MappedColumn]
"""By field, without its unit."""


def parse_mapping(text: str) -> ColumnMap:
    """UsageError names what is wrong, and how to write it."""
    columns: dict[str, MappedColumn] = {}
    for part in text.split(","):
        written, _, column = part.partition("=")
        field, unit = _field(written.strip())
        if not column.strip():
            raise UsageError(f"--map: {part!r} names no column; write {_EXAMPLE}")
        if field in columns:
            raise UsageError(f"--map: {field!r} is given twice in {text!r}; keep one")
        columns[field] = MappedColumn(name=column.strip(), unit=unit)
    if "elapsed" not in columns or not {"started", "ended"} & columns.keys():
        raise UsageError(
            f"--map: {text!r} must say when requests started (or ended) and how long they took;"
            f" write {_EXAMPLE}"
        )
    return columns


def check_columns(columns: ColumnMap, names: Sequence[str], file: object) -> None:
    """DataError: the file has no column of a name that the mapping gives."""
    missing = [column.name for column in columns.values() if column.name not in names]
    if missing:
        raise DataError(f"import: {file} has no column {missing[0]!r}; it has {', '.join(names)}")


def _field(written: str) -> tuple[str, str]:
    """A field and its unit."""
    if written in (*INSTANTS, *TEXTS, *COUNTS):
        return written, ""
    field, _, unit = written.rpartition("_")
    if unit in NS_PER and field in (*INSTANTS, "elapsed", *PHASES):
        return field, unit
    if written in ("elapsed", *PHASES):
        raise UsageError(f"--map: {written!r} needs its unit: {written}_s, _ms, _us or _ns")
    known = ", ".join((*INSTANTS, "elapsed_ms", *(f"{p}_ms" for p in PHASES), *TEXTS, *COUNTS))
    raise UsageError(f"--map: {written!r} is no field; there are {known}")
