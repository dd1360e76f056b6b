"""Operations by resource: a collection (`/pets`), its things (`/pets/{petId}`), what belongs to one
(`/pets/{petId}/photo`), and queries of it (`/pets/findByStatus`).

    POST /pets              create        PUT, PATCH /pets/{petId}     update
    GET  /pets              list          DELETE     /pets/{petId}     delete
    GET  /pets/{petId}      read          POST /pets/{petId}/photo     inside

A path's *key* is its template without names: `/pets/{petId}` and `/pets/{id}` are the same place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from perfwright.sources.openapi.naming import singular, words_of
from perfwright.sources.openapi.operations import Operation
from perfwright.sources.openapi.schemas import Schemas
from perfwright.sources.openapi.trees import Json

_PARAMETER = re.compile(r"\{[^{}]*\}")
_SUFFIX = re.compile(r"\{\}(?:\.\w+)?")
_VERSION = re.compile(r"v\d+(?:\.\d+)*|api|rest", re.IGNORECASE)
_OWN_FROM = 3
"""So many operations under one name inside of a thing are a resource of their own."""
_INSIDE_ORDER = ("PUT", "POST", "GET", "HEAD", "OPTIONS", "PATCH", "DELETE")


def key_of(path: str) -> str:
    return _PARAMETER.sub("{}", path)


@dataclass(slots=True)
class Resource:
    """`key`: of the collection, or of the one path that it is."""

    key: str
    creates: list[Operation] = field(default_factory=list)
    lists: list[Operation] = field(default_factory=list)
    reads: list[Operation] = field(default_factory=list)
    updates: list[Operation] = field(default_factory=list)
    deletes: list[Operation] = field(default_factory=list)
    inside: list[Operation] = field(default_factory=list)

    @property
    def item_key(self) -> str:
        return f"{self.key.rstrip('/')}/{{}}"

    @property
    def words(self) -> tuple[str, ...]:
        """Of its last constant segment: `/shop/lineItems` ─► ("line", "items")."""
        constant = [part for part in self.key.split("/") if part and "{}" not in part]
        named = [part for part in constant if not _VERSION.fullmatch(part)] or constant
        return words_of(named[-1]) if named else ()

    @property
    def thing(self) -> tuple[str, ...]:
        """What one of it is called: ("line", "item")."""
        words = self.words
        return (*words[:-1], singular(words[-1])) if words else ()

    def operations(self) -> list[Operation]:
        """In the order of a life: created, read, worked with, updated, listed, deleted."""
        inside = sorted(self.inside, key=lambda one: (one.path, _INSIDE_ORDER.index(one.method)))
        ended = [one for one in inside if one.method == "DELETE"]
        going_on = [one for one in inside if one.method != "DELETE"]
        first, last = (self.creates, self.lists) if self.creates else (self.lists, [])
        return [*first, *self.reads, *going_on, *self.updates, *last, *ended, *self.deletes]


def resources_of(operations: Iterable[Operation], schemas: Schemas) -> tuple[Resource, ...]:
    """Each operation belongs to exactly one. In the document's order."""
    given = list(operations)
    things = {_collection(key_of(one.path)) for one in given if _is_item(key_of(one.path))}
    found: dict[str, Resource] = {}
    for one in given:
        key = _home(key_of(one.path), things)
        _file(one, found.setdefault(key, Resource(key)))
    for resource in list(found.values()):
        _split(resource, found)
        if not resource.creates:
            resource.creates = [one for one in resource.updates if one.method == "PUT" and one.body]
            resource.updates = [one for one in resource.updates if one not in resource.creates]
    return tuple(_joined(found, schemas))


def _is_item(key: str) -> bool:
    return _SUFFIX.fullmatch(key.rpartition("/")[2]) is not None


def _collection(key: str) -> str:
    return key.rpartition("/")[0]


def _home(key: str, things: set[str]) -> str:
    """The key of the resource that a path belongs to."""
    if _is_item(key):
        return _collection(key)
    if key in things:
        return key
    above = key
    while above := _collection(above):
        if _is_item(above):
            return _collection(above)
        if above in things:
            return above
    return key


def _file(one: Operation, resource: Resource) -> None:
    key = key_of(one.path)
    at_thing = _is_item(key) and _collection(key) == resource.key
    at_home = key == resource.key
    inside_thing = not at_thing and key.startswith(f"{resource.key.rstrip('/')}/{{}}")
    match one.method:
        case "GET" if at_thing:
            resource.reads.append(one)
        case "PUT" | "PATCH" if at_thing:
            resource.updates.append(one)
        case "DELETE" if at_thing:
            resource.deletes.append(one)
        case "POST" if at_home:
            resource.creates.append(one)
        case "GET" if not inside_thing:
            resource.lists.append(one)
        case _:
            resource.inside.append(one)


def _split(resource: Resource, found: dict[str, Resource]) -> None:
    """What is inside of a thing under one name, if it is much, becomes a resource of its own."""
    depth = resource.item_key.count("/") + 2
    groups: dict[str, list[Operation]] = {}
    for one in resource.inside:
        key = key_of(one.path)
        if key.startswith(f"{resource.item_key}/"):
            groups.setdefault("/".join(key.split("/")[:depth]), []).append(one)
    for key, group in groups.items():
        if len(group) < _OWN_FROM or len(resource.inside) <= _OWN_FROM:
            continue
        own = found.setdefault(key, Resource(key))
        for one in group:
            resource.inside.remove(one)
            if key_of(one.path) != key:
                own.inside.append(one)
            elif one.method == "GET":
                own.lists.append(one)
            elif one.method == "POST":
                own.creates.append(one)
            else:
                own.inside.append(one)


def _joined(found: Mapping[str, Resource], schemas: Schemas) -> list[Resource]:
    """A lone query that answers with things of another resource is a query of that one."""
    by_element: dict[str, Resource] = {}
    for resource in found.values():
        for one in resource.lists:
            name = _element(one, schemas)
            if name and resource.reads:
                by_element.setdefault(name, resource)
    kept = []
    for resource in found.values():
        operations = resource.operations()
        only = operations[0] if operations == resource.lists[:1] and operations else None
        owner = by_element.get(_element(only, schemas)) if only is not None else None
        if only is not None and owner is not None and owner is not resource:
            owner.lists.append(only)
        elif operations:
            kept.append(resource)
    return kept


def _element(one: Operation, schemas: Schemas) -> str:
    """The component that a list answers with, or ""."""
    schema: Json = one.answer.schema if one.answer is not None else None
    return schemas.name_of(schemas.flat(schema).keywords.get("items"))
