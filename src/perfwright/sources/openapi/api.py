"""All that a document comes to, before journeys are laid through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfwright.sources.openapi.examples import Examples
from perfwright.sources.openapi.given import Given
from perfwright.sources.openapi.notes import Notes
from perfwright.sources.openapi.operations import Link, Operation
from perfwright.sources.openapi.resources import Resource
from perfwright.sources.openapi.schemas import Schemas
from perfwright.sources.openapi.security import Security
from perfwright.sources.openapi.servers import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """`resources`: by key. `links_into`: by an operation's name, what answers say about it: the
    operation that answers, and the link. `usable`: operations that journeys may take."""

    server: Server
    schemas: Schemas
    examples: Examples
    security: Security
    given: Given
    notes: Notes
    resources: Mapping[str, Resource]
    links_into: Mapping[str, tuple[tuple[Operation, Link], ...]]
    usable: frozenset[str]


def links_of(operations: tuple[Operation, ...]) -> dict[str, tuple[tuple[Operation, Link], ...]]:
    by_id = {one.id: one for one in operations if one.id}
    by_name = {one.name: one for one in operations}
    found: dict[str, list[tuple[Operation, Link]]] = {}
    for source in operations:
        for answer in source.answers:
            for link in answer.links:
                aim = by_id.get(link.operation_id) or by_name.get(_name_of(link.reference))
                if aim is not None:
                    found.setdefault(aim.name, []).append((source, link))
    return {name: tuple(links) for name, links in found.items()}


def _name_of(reference: str) -> str:
    """`#/paths/~1pets~1{petId}/get` ─► `GET /pets/{petId}`."""
    _, _, pointer = reference.partition("#/paths/")
    path, _, method = pointer.rpartition("/")
    plain = path.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
    return f"{method.upper()} {plain}"
