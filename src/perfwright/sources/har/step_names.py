"""What a request is called: `GET /items/{id}`, or the operation of a GraphQL request.

Ids are folded as the load generator folds them (`crates/kernel/src/step_name.rs`), and so is what
else looks random: a name must hold no token.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote

from perfwright.sources.correlation.distinctive import is_distinctive
from perfwright.sources.har.bodies import Sent
from perfwright.sources.har.entries import Entry

_ID = re.compile(
    r"\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|(?=.*\d)[0-9A-Za-z_-]{20,}",
    re.IGNORECASE,
)
_NUMBER_IN = re.compile(r"(?<=[_:=-])\d+(?=\.[A-Za-z]|$)")
_OPERATION = re.compile(r"\s*(?:query|mutation|subscription)\s+(\w+)")
_LONGEST = 120


def step_name(entry: Entry, fixed: Sequence[bool], sent: Sent | None) -> str:
    """`fixed`: for each segment of the path, whether it holds no variable."""
    operation = _graphql_operation(entry, sent)
    if operation:
        return operation[:_LONGEST]
    segments = entry.url.path.removeprefix("/").split("/")
    told = (
        _folded(segment) if is_fixed else "{id}"
        for segment, is_fixed in zip(segments, fixed, strict=True)
    )
    return _shortened(f"{entry.method} /{'/'.join(told)}")


def folded_path(path: str) -> str:
    """For people: no ids, and no token that a path may hold."""
    return _shortened("/".join(map(_folded, path.split("/"))))


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _folded(segment: str) -> str:
    plain = unquote(segment).partition(";")[0]
    if _ID.fullmatch(plain) or is_distinctive(plain):
        return "{id}"
    return _NUMBER_IN.sub("{id}", segment.partition(";")[0])


def _graphql_operation(entry: Entry, sent: Sent | None) -> str:
    if sent is not None and sent.kind == "json":
        batch = sent.value if isinstance(sent.value, list) else [sent.value]
        names = [_operation_of(one) for one in batch if isinstance(one, dict)]
        return " + ".join(dict.fromkeys(name for name in names if name))
    query = dict(parse_qsl(entry.url.query)) if "graphql" in entry.url.path.lower() else {}
    return query.get("operationName", "")


def _operation_of(call: dict[str, object]) -> str:
    """ "" for what is no GraphQL: it has a query or a hash of one, and says what it is called."""
    query, name = call.get("query"), call.get("operationName")
    is_query = isinstance(query, str) and re.match(r"\s*(?:query|mutation|subscription|\{)", query)
    if not is_query and "extensions" not in call:
        return ""
    if isinstance(name, str) and name:
        return name
    told = _OPERATION.match(query) if isinstance(query, str) else None
    return told[1] if told else ""
