"""All that a document comes to, before journeys are laid through it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from perfwright.model.json_pointer import unescaped
from perfwright.sources.openapi.examples import Examples
from perfwright.sources.openapi.given import Given
from perfwright.sources.openapi.notes import Notes
from perfwright.sources.openapi.operations import Link, Operation
from perfwright.sources.openapi.resources import Resource, key_of
from perfwright.sources.openapi.schemas import Schemas
from perfwright.sources.openapi.security import Security
from perfwright.sources.openapi.servers import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """`resources`: by key. `by_thing`: by the last word of what their things are called, with what
    can produce one. `links_into`: by an operation's name, what answers say about it: the
    operation that answers, and the link. `usable`: operations that journeys may take."""

    server: Server
    schemas: Schemas
    examples: Examples
    security: Security
    given: Given
    notes: Notes
    resources: Mapping[str, Resource]
    by_thing: Mapping[tuple[str, ...], tuple[Resource, ...]]
    links_into: Mapping[str, tuple[tuple[Operation, Link], ...]]
    usable: frozenset[str]


def by_thing(resources: Iterable[Resource]) -> dict[tuple[str, ...], tuple[Resource, ...]]:
    """What produces things of a name, also as `POST /shops/{shopId}/things` within a shop."""
    found: dict[tuple[str, ...], list[Resource]] = {}
    for resource in resources:
        for one in (resource, *_inside(resource)):
            if one.thing and (one.creates or one.lists):
                found.setdefault(one.thing[-1:], []).append(one)
    return {thing: tuple(named) for thing, named in found.items()}


def _inside(resource: Resource) -> Iterable[Resource]:
    """The collections within a thing, as resources of their own."""
    found: dict[str, Resource] = {}
    for one in resource.inside:
        key = key_of(one.path)
        if key.endswith("}") or one.method not in ("GET", "POST"):
            continue
        own = found.setdefault(key, Resource(key))
        (own.lists if one.method == "GET" else own.creates).append(one)
    return found.values()


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
    return f"{method.upper()} {unescaped(unquote(path))}"
