"""One call of a test for each endpoint, and a data file for what varies in it.

A file's rows are what was asked for in production, each with its count as `weight`: path values and
query come from the same row, so that they go together as they did. Values of a path stay as they
were sent (percent-encoded); those of query parameters are decoded, since the client encodes them.
A file holds at most 10,000 rows; rarer ones are left out, and how many requests they had is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perfwright.analyze.workload.call_slots import CallSlot, call_slots
from perfwright.analyze.workload.draft_queries import Queries, read_queries
from perfwright.analyze.workload.sorting import EndpointForm, Sorter
from perfwright.analyze.workload.template_names import NamedSlot, free_name, identifier
from perfwright.model.journey import (
    Call,
    DataFile,
    FromData,
    FromEnvironment,
    Text,
    Value,
    Var,
    Variable,
)
from perfwright.model.traffic import PathUse
from perfwright.model.units import format_count
from perfwright.model.workload import Endpoint

MAX_ROWS = 10_000
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HAS_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(slots=True)
class Calls:
    """Collected endpoint by endpoint; names of files, columns and variables are unique."""

    steps: list[Call] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    data: list[DataFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    slots: list[CallSlot] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _files: set[str] = field(default_factory=set)

    def variable(self, wanted: str, origin: FromData | FromEnvironment) -> Var:
        name = free_name(identifier(wanted) or "value", self._names)
        self.variables.append(Variable(name, origin))
        return Var(name)

    def file(self, wanted: str) -> str:
        return free_name(identifier(wanted) or "data", self._files)


def draft_calls(
    endpoints: Sequence[Endpoint], sorter: Sorter, targets: Mapping[str, PathUse]
) -> Calls:
    """`targets`: by the endpoint's name, its distinct targets with their queries."""
    numbers = {form.name: number for number, form in enumerate(sorter.endpoints)}
    calls = Calls()
    for endpoint in endpoints:
        _add(calls, endpoint, numbers[endpoint.name], sorter, targets[endpoint.name])
    unsafe = [endpoint.name for endpoint in endpoints if endpoint.method in _WRITES]
    if unsafe:
        calls.notes.append(
            f"{', '.join(unsafe[:5])}{' and others' if len(unsafe) > 5 else ''} may change data: "
            "run it against a system that is yours to change"
        )
    if any(endpoint.method in _HAS_BODY for endpoint in endpoints):
        calls.notes.append("an access log holds no bodies: fill in those of POST, PUT and PATCH")
    if calls.data:
        calls.notes.append(
            "the values in data/*.csv come from production: look through them before you share them"
        )
    return calls


def _add(calls: Calls, endpoint: Endpoint, number: int, sorter: Sorter, use: PathUse) -> None:
    form = sorter.endpoints[number]
    targets, _, queries = zip(*(path.partition("?") for path in use.path), strict=True)
    paths = [target.partition("#")[0] for target in targets]  # a fragment is no part of the path
    weights = [int(requests) for requests in use.requests]
    read = read_queries([query or None for query in queries], weights)
    columns = _columns(form, read)
    rows, missing = _rows(paths, weights, read, sorter)
    missing += use.others
    names: dict[str, Var] = {}
    if columns:
        file = calls.file(_file_name(form, columns))
        for column in columns:
            names[column] = calls.variable(column, FromData(file, column))
        calls.data.append(
            DataFile(name=file, columns=(*columns, "weight"), rows=rows, order="weighted")
        )
        variables = [names[column].name for column in columns]
        calls.slots += call_slots(number, form, endpoint, read.varying, variables)
        if missing > 0.01 * endpoint.requests:
            calls.notes.append(
                f"data/{file}.csv holds the {format_count(len(rows))} most requested rows; "
                f"{missing / endpoint.requests:.0%} of the requests to {endpoint.name} were for "
                "others, and are shared among these"
            )
    slots = dict(zip(form.slots, columns, strict=False))
    calls.steps.append(
        Call(
            name=endpoint.name,
            method=endpoint.method,
            url=_url(form, slots, names, names.get(columns[-1]) if read.texts else None),
            params=_params(calls, read, columns[len(form.slots) :], names),
            statuses=_statuses(endpoint),
            comment=_comment(endpoint),
        )
    )


def _columns(form: EndpointForm, read: Queries) -> tuple[str, ...]:
    """Of the slots, then of what varies in the query; unique, and none is called `weight`."""
    taken = {"weight"}
    wanted = [slot.name for slot in form.slots] + list(read.varying)
    if read.texts:
        wanted.append("query")
    return tuple(free_name(identifier(name) or "value", taken) for name in wanted)


def _file_name(form: EndpointForm, columns: Sequence[str]) -> str:
    """`item_ids` for a file of ids only; else the endpoint's words."""
    if len(columns) == 1 and form.slots and form.pieces[-1] == form.slots[-1]:
        return f"{columns[0]}s"
    words = [identifier(piece) for piece in form.pieces if isinstance(piece, str)]
    verb = [] if form.method == "GET" else [form.method.lower()]
    return "_".join([*verb, *(word for word in words if word)]) or "home"


def _rows(
    paths: Sequence[str], weights: Sequence[int], read: Queries, sorter: Sorter
) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Most requested first, weight last; and the requests that found no place in them."""
    counts: Counter[tuple[str, ...]] = Counter()
    missing = 0
    for place, (path, weight) in enumerate(zip(paths, weights, strict=True)):
        varying = read.rows[place] if read.rows else ()
        text = read.texts[place] if read.texts else None
        if varying is None:
            missing += weight
            continue
        counts[(*sorter.values(path), *varying, *(() if text is None else (text,)))] += weight
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    missing += sum(weight for _, weight in ranked[MAX_ROWS:])
    return tuple((*values, str(weight)) for values, weight in ranked[:MAX_ROWS]), missing


def _url(
    form: EndpointForm,
    slots: Mapping[NamedSlot, str],
    names: Mapping[str, Var],
    query: Var | None,
) -> Text:
    parts: list[str | Var] = [""]
    for piece in form.pieces:
        if isinstance(piece, str):
            parts.append(f"/{piece}")
        else:
            parts += [f"/{piece.prefix}", names[slots[piece]], piece.suffix]
    if query is not None:
        parts.append(query)
    return Text(tuple(_merged(parts)))


def _merged(parts: Sequence[str | Var]) -> list[str | Var]:
    merged: list[str | Var] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged


def _params(
    calls: Calls, read: Queries, columns: Sequence[str], names: Mapping[str, Var]
) -> tuple[tuple[str, Value], ...]:
    varying = zip(read.varying, columns, strict=False) if read.varying else ()
    secret: list[tuple[str, Value]] = [
        (name, calls.variable(name, FromEnvironment((identifier(name) or "secret").upper())))
        for name in read.secret
    ]
    return (*((name, names[column]) for name, column in varying), *read.constants, *secret)


def _statuses(endpoint: Endpoint) -> tuple[int, ...]:
    """Where most answers are 4xx, that is what the endpoint answers: no error of the test."""
    total = sum(count for _, count in endpoint.statuses)
    usual = [
        status for status, count in endpoint.statuses if 400 <= status < 500 and 2 * count > total
    ]
    return tuple(usual)


def _comment(endpoint: Endpoint) -> str:
    sentences = []
    if endpoint.method in _HAS_BODY:
        size = endpoint.request_bytes_p50
        sentences.append(
            "the log holds no body: add json=… or data=…"
            + (f" (about {size:,} bytes in production)" if size else "")
        )
    failed = sum(count for status, count in endpoint.statuses if status >= 400)
    if endpoint.requests and failed >= 0.01 * endpoint.requests:
        worst = max(
            (pair for pair in endpoint.statuses if pair[0] >= 400), key=lambda pair: pair[1]
        )
        sentences.append(
            f"{failed / endpoint.requests:.0%} failed in production, mostly with {worst[0]}"
        )
    return "; ".join(sentences)
