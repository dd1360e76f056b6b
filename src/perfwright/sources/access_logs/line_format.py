"""A format of lines, and the query that makes rows of `requests` of them.

    line ──raw──► captured texts ──values──► slots (meanings.py) ──► columns
                       └── fits? no: the line itself is kept, for the next format to try

A format may have several *forms*: a quick one for the usual line, an exact one for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from perfwright.model.access import REQUEST_COLUMNS
from perfwright.sources.access_logs.meanings import Meaning

KEPT = "line"
"""The column that holds the lines which no format fitted so far."""
_METHOD_AND_TARGET = r"'^([A-Za-z][A-Za-z_-]{1,30}) +(.+?)(?: +HTTP/[0-9.]+)?$'"
_SLOTS: Mapping[str, str] = {
    "started_us": "BIGINT",
    "ended_us": "BIGINT",
    "forwarded": "VARCHAR",
    "request": "VARCHAR",
    "path": "VARCHAR",
    "query": "VARCHAR",
    **{name: kind for name, kind in REQUEST_COLUMNS.items() if name != "time_us"},
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """`raw`: of a table with `line`, a query that adds columns, in which `values` are written:
    texts with what they mean. `fits`: whether they were found, in these columns."""

    raw: Callable[[str], str]
    values: Sequence[tuple[str, Meaning]]
    fits: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineFormat:
    """`notes`: what was guessed of it."""

    name: str
    forms: tuple[Form, ...]
    notes: tuple[str, ...] = ()


def rows_of(form: Form, source: str, *, also: str = "") -> str:
    """A query: the columns of `requests`, and `line` where the form does not fit, else NULL.
    `source`: what has a column `line`; `also`: a further one to hand on."""
    slots = ", ".join(f"{_slot(form, name)} AS {name}" for name in _SLOTS)
    method = "method"
    if not {meaning.slot for _, meaning in form.values} & {"method", "request"}:
        method = "'GET'"
    handed = f"{also}, " if also else ""
    started = "coalesce(started_us, ended_us - duration_us, ended_us)"
    parsed = (
        f"SELECT line, {handed}{form.fits} AS fits, {slots},"
        f" regexp_extract(request, {_METHOD_AND_TARGET}, ['method', 'target']) AS asked"
        f" FROM ({form.raw(source)})"
    )
    named = (
        f"SELECT * REPLACE (coalesce({method}, nullif(asked.method, '')) AS method,"
        " coalesce(target, nullif(asked.target, ''),"
        " path || coalesce('?' || query, '')) AS target),"
        f" {started} AS time_us FROM ({parsed})"
    )
    columns = {
        **{name: name for name in REQUEST_COLUMNS},
        "client": "coalesce(forwarded, client)",
        "user": _unescaped('"user"'),
        "agent": _unescaped("agent"),
        "method": "CASE WHEN is_http THEN upper(method) END",
        "target": f"CASE WHEN is_http THEN {_TARGET} END",
    }
    selected = ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())
    is_http = "method IS NOT NULL AND regexp_matches(target, '^(/|\\*$|[a-zA-Z]+://[^/])')"
    return (
        f"SELECT {handed}{selected}, CASE WHEN fits AND time_us IS NOT NULL THEN NULL ELSE line END"
        f" AS {KEPT} FROM (SELECT *, {is_http} AS is_http FROM ({named}))"
    )


def _slot(form: Form, slot: str) -> str:
    """What fills it: of several, the first that is told."""
    of_slot = [value for value in form.values if value[1].slot == slot]
    of_slot.sort(key=lambda value: value[1].rank)
    told = [meaning.sql(f"nullif(nullif({text}, '-'), '')") for text, meaning in of_slot]
    if not told:
        return f"NULL::{_SLOTS[slot]}"
    return told[0] if len(told) == 1 else f"coalesce({', '.join(told)})"


def _unescaped(text: str) -> str:
    r"""Of a header: nginx writes `\x22`, Apache `\"`."""
    encoded = (
        f"regexp_replace(replace(replace(replace({text}, '%', '%25'), '\\\"', '%22'),"
        " '\\\\', '%5C'), '\\\\x([0-9A-Fa-f]{2})', '%\\1', 'g')"
    )
    return (
        f"CASE WHEN contains({text}, '\\') THEN coalesce(TRY(url_decode({encoded})), {text})"
        f" ELSE {text} END"
    )


_ESCAPED_TARGET = (
    "regexp_replace(replace(replace(target, '\\\"', '%22'), '\\\\', '%5C'),"
    " '\\\\x([0-9A-Fa-f]{2})', '%\\1', 'g')"
)
_WITHOUT_ORIGIN = "regexp_replace(target, '^[a-zA-Z]+://[^/?#]*', '')"
_TARGET = (
    f"CASE WHEN contains(target, '\\') THEN {_ESCAPED_TARGET}"
    " WHEN starts_with(target, '/') OR target = '*' THEN target"
    f" WHEN starts_with({_WITHOUT_ORIGIN}, '/') THEN {_WITHOUT_ORIGIN}"
    f" ELSE '/' || {_WITHOUT_ORIGIN} END"
)
"""As it was sent: a byte that the log had to escape is percent-encoded."""
