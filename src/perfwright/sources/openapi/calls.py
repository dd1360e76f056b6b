"""An operation and the values of its parameters as a request
(https://spec.openapis.org/oas/v3.1.0#style-values).

    path     /pets/{id} and 7, or a variable      "/pets/7"
    query    form, exploded: [a, b]               tag=a, tag=b
             form: [a, b]                         tag=a,b
             deepObject: {a: 1}                   filter[a]=1
    form     {card: {number: 4}, expand: [a]}     card[number]=4, expand=a

Constant parts of a path are percent-encoded where RFC 3986 demands it, so that no text of a
document can be more than a path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from perfwright.model.journey import Body, Text, Value, Var
from perfwright.sources.openapi.operations import Operation, Parameter, Payload
from perfwright.sources.openapi.schemas import Schemas

_TEMPLATE = re.compile(r"(\{[^{}]*\})")
_UNRESERVED = "/%:@!$&'()*+,;=~?"
_JOINED_BY = {"spaceDelimited": " ", "pipeDelimited": "|"}
_MAX_NESTING = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The parts of a `Call` that parameters make."""

    url: Text
    params: tuple[tuple[str, Value], ...]
    headers: tuple[tuple[str, Value], ...]


def request_of(
    operation: Operation, base: str, arguments: Mapping[tuple[str, str], Value]
) -> Request:
    """`base`: what goes before the path. `arguments`: by place and name."""
    params: list[tuple[str, Value]] = []
    headers: list[tuple[str, Value]] = []
    cookies: list[Value] = []
    for parameter in operation.parameters:
        key = (parameter.place, parameter.name)
        if key not in arguments:
            continue
        value = arguments[key]
        if parameter.place == "query":
            params.extend(_query(parameter, value))
        elif parameter.place == "header":
            headers.append((parameter.name, _one_text(parameter, value)))
        elif parameter.place == "cookie":
            cookies.append(joined((f"{parameter.name}=", _one_text(parameter, value))))
    if cookies:
        parts: list[Value] = []
        for cookie in cookies:
            parts += ["; ", cookie] if parts else [cookie]
        headers.append(("Cookie", joined(parts)))
    url = _url(operation, base, arguments)
    return Request(url=url, params=tuple(params), headers=tuple(headers))


def _url(operation: Operation, base: str, arguments: Mapping[tuple[str, str], Value]) -> Text:
    by_name = {one.name: one for one in operation.parameters if one.place == "path"}
    pieces: list[Value] = [quote(base, safe=_UNRESERVED)]
    for piece in _TEMPLATE.split(operation.path.partition("#")[0]):
        name = piece[1:-1]
        if not piece.startswith("{") or name not in by_name:
            pieces.append(quote(piece, safe=_UNRESERVED))
            continue
        value = _one_text(by_name[name], arguments.get(("path", name), ""))
        pieces.append(quote(value, safe="") if isinstance(value, str) else value)
    text = joined(pieces)
    return text if isinstance(text, Text) else Text((str(text),))


def joined(pieces: Iterable[Value]) -> Value:
    """One text of several; a plain string where no variable is in it."""
    parts: list[str | Var] = []
    for piece in pieces:
        for part in piece.parts if isinstance(piece, Text) else (piece,):
            if isinstance(part, Var):
                parts.append(part)
            elif parts and isinstance(parts[-1], str):
                parts[-1] += plain(part)
            else:
                parts.append(plain(part))
    kept = tuple(part for part in parts if part != "")
    if all(isinstance(part, str) for part in kept):
        return "".join(cast(tuple[str, ...], kept))
    return Text(kept)


def plain(value: Value) -> str:
    """A scalar as it is written in a URL or a form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def json_text(value: Value) -> Value:
    """JSON as a text; variables in it become strings."""
    return joined(_json_pieces(value))


def _json_pieces(value: Value) -> Iterator[Value]:
    if isinstance(value, (Var, Text)):
        yield from ('"', value, '"')
    elif isinstance(value, Mapping):
        yield "{"
        for position, (key, entry) in enumerate(value.items()):
            yield f"{', ' if position else ''}{json.dumps(key)}: "
            yield from _json_pieces(entry)
        yield "}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield "["
        for position, entry in enumerate(value):
            yield ", " if position else ""
            yield from _json_pieces(entry)
        yield "]"
    else:
        yield json.dumps(value)


def _is_dynamic(value: Value) -> bool:
    return isinstance(value, (Var, Text))


def _is_list(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _query(parameter: Parameter, value: Value) -> Iterable[tuple[str, Value]]:
    name = parameter.name
    if _is_dynamic(value):
        yield name, value
    elif parameter.as_json:
        yield name, json_text(value)
    elif isinstance(value, Mapping):
        if parameter.style == "deepObject":
            yield from _nested(name, value, 0)
        elif parameter.explode:
            yield from ((key, _scalar(entry)) for key, entry in value.items())
        else:
            yield name, ",".join(plain(part) for pair in value.items() for part in pair)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if parameter.explode:
            yield from ((name, _scalar(entry)) for entry in value)
        else:
            yield name, _JOINED_BY.get(parameter.style, ",").join(map(plain, value))
    else:
        yield name, plain(value)


def _one_text(parameter: Parameter, value: Value) -> Value:
    """A header, a cookie, a piece of a path."""
    if isinstance(value, Var):
        return Text((value,))
    if isinstance(value, Text):
        return value
    if parameter.as_json:
        return json_text(value)
    if isinstance(value, Mapping):
        between = "=" if parameter.explode else ","
        return ",".join(f"{key}{between}{plain(entry)}" for key, entry in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(plain, value))
    return plain(value)


def _scalar(value: Value) -> Value:
    return value if _is_dynamic(value) else plain(value)


def _nested(name: str, value: Value, depth: int) -> Iterable[tuple[str, Value]]:
    """Pairs of a form: `a[b]=…` for objects, `a=…` for each of a list of scalars."""
    if depth > _MAX_NESTING:
        return
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _nested(f"{name}[{key}]" if name else key, entry, depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, entry in enumerate(value):
            deep = isinstance(entry, Mapping) or _is_list(entry)
            yield from _nested(f"{name}[{number}]" if deep else name, entry, depth + 1)
    else:
        yield name, _scalar(value)


def body_of(
    payload: Payload, value: Value, schemas: Schemas
) -> tuple[Body, tuple[tuple[str, Value], ...]]:
    """The body, and the headers that it needs beside."""
    media_type = payload.media_type.partition(";")[0].strip().lower()
    if "json" in media_type or media_type in ("*/*", "application/*"):
        usual = "json" not in media_type or media_type == "application/json"
        return Body("json", value), () if usual else (("Content-Type", media_type),)
    if media_type == "application/x-www-form-urlencoded":
        return Body("form", tuple(_nested("", value, 0))), ()
    if media_type == "multipart/form-data":
        return Body("multipart", tuple(_parts(payload, value, schemas))), ()
    written = value if isinstance(value, str) else json_text(value)
    known = re.fullmatch(r"[\w.+-]+/[\w.+-]+", media_type) is not None
    kind = media_type if known else "application/octet-stream"
    return Body("text", written), (("Content-Type", kind),)


def _parts(payload: Payload, value: Value, schemas: Schemas) -> Iterable[Value]:
    """Parts of a multipart body: fields, and a file for each binary property."""
    if not isinstance(value, Mapping):
        return
    properties = schemas.flat(payload.schema).properties
    for name, given in value.items():
        flat = schemas.flat(properties.get(name))
        entries = given if _is_list(given) else (given,)
        of_entries = schemas.flat(flat.keywords.get("items"))
        binary = _is_file(flat.keywords) or _is_file(of_entries.keywords)
        for entry in cast(Sequence[Value], entries):
            if binary:
                yield (name, f"{name}.txt", _scalar(entry), "application/octet-stream")
            elif isinstance(entry, Mapping) or _is_list(entry):
                yield (name, json_text(entry))
            else:
                yield (name, _scalar(entry))


def _is_file(words: Mapping[str, object]) -> bool:
    return words.get("format") == "binary" or "contentMediaType" in words
