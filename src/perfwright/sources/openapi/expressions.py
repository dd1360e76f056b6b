"""Runtime expressions of links (https://spec.openapis.org/oas/v3.1.0#runtime-expressions).

$response.body#/id      the answer's `id`         $request.path.petId     as it was sent
$response.header.ETag   a header of the answer    $request.body#/name
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from perfwright.sources.openapi.trees import Json


@dataclass(frozen=True, slots=True)
class Found:
    """`json`, `header`: in the answer. `body`, `path`, `query`: in the request."""

    source: Literal["json", "header", "body", "path", "query"]
    expression: str


def expression_of(said: Json) -> Found | Json:
    """Where the value is; or the value itself, if it is no expression. None: neither is known."""
    if not isinstance(said, str) or not said.startswith("$"):
        return said
    place, _, name = said.strip("{}").partition(".")
    kind, _, rest = name.partition("#") if name.startswith("body") else name.partition(".")
    if place == "$response" and kind == "body":
        return Found("json", rest)
    if place == "$response" and kind == "header" and rest:
        return Found("header", rest)
    if place == "$request" and kind == "body":
        return Found("body", rest)
    if place == "$request" and kind == "path" and rest:
        return Found("path", rest)
    if place == "$request" and kind == "query" and rest:
        return Found("query", rest)
    return None
