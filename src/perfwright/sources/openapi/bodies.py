"""The body of a request: an example that is valid by its schema, in which

a reference to another thing (`petId`)      becomes the key of one that exists, if there is one
the key of the thing itself (`username`)    is the one of the path
a name or an address in a creation          differs from one to the next: "rex-" + eight letters

XML is sent as the document's example has it; none is made by a schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from perfwright.model.journey import Made, Text, Value, Var, Variable
from perfwright.sources.openapi.api import Api
from perfwright.sources.openapi.naming import is_id, thing_of, words_of
from perfwright.sources.openapi.operations import Operation, Payload
from perfwright.sources.openapi.schemas import Flat
from perfwright.sources.openapi.trees import Json, listing, number, tree
from perfwright.sources.openapi.validity import conforms

UNIQUE = Variable("unique", Made("text", low=8, high=8))
_LETTERS = 8
_NOBODY = "@example.com"
"""Where mail is never delivered (RFC 2606), whatever the document's example says."""
_MAX_DEPTH = 3
_NAMES = frozenset({
    ("name",), ("email",), ("username",), ("user", "name"), ("login",), ("slug",), ("handle",),
    ("sku",), ("title",), ("email", "address"), ("display", "name"), ("external", "id"), ("key",),
    ("nickname",), ("full", "name"), ("company", "name"), ("reference",),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filling:
    """`reference`: of a property's name and schema, the key of another thing, or None. `key`: of a
    property's name, the key of the thing that the path is of, or None."""

    reference: Callable[[str, Json], Value]
    key: Callable[[str], Value]


def body_value(operation: Operation, api: Api, filling: Filling) -> Value:
    """None: it has no body, or needs none."""
    payload = operation.body
    if payload is None or (not payload.required and operation.method in ("GET", "HEAD", "DELETE")):
        return None
    if payload.media_type.partition(";")[0].strip().lower().endswith(("/xml", "+xml")):
        return _markup(operation, payload, api)
    flat = api.schemas.flat(payload.schema)
    writer = _Writer(operation, api, filling)
    return writer.filled(_example(operation, payload, api), flat, 0)


def _markup(operation: Operation, payload: Payload, api: Api) -> str | None:
    schema = api.schemas.flat(payload.schema).keywords
    given = (*payload.examples, *listing(schema.get("examples")))
    written = next((one for one in given if isinstance(one, str) and one.strip()), None)
    if written is None:
        api.notes.of("XML bodies that the document has no example of: write them", operation.name)
        return "" if payload.required else None
    return written


def _example(operation: Operation, payload: Payload, api: Api) -> Json:
    for given in payload.examples:
        if isinstance(given, str) and "json" in payload.media_type:
            continue
        if conforms(given, payload.schema, api.schemas, sending=True):
            return given
        api.notes.of("Examples that are not valid by their schema were not used", operation.name)
    return api.examples.value(payload.schema, place=operation.name)


class _Writer:
    def __init__(self, operation: Operation, api: Api, filling: Filling) -> None:
        self._operation = operation
        self._api = api
        self._filling = filling

    def filled(self, value: Json, flat: Flat, depth: int) -> Value:
        if not isinstance(value, dict) or depth > _MAX_DEPTH:
            return value
        flat = self._branch_of(value, flat)
        made = {
            name: self._property(name, entry, flat.properties.get(name), depth)
            for name, entry in value.items()
        }
        if depth == 0 and self._operation.method == "PUT" and "id" not in made:
            key = self._filling.key("id")
            if "id" in flat.properties and key is not None and not _is_given(key):
                return {"id": key, **made}
        return made

    def _branch_of(self, value: Json, flat: Flat) -> Flat:
        """With the branches of its choices that the value took."""
        for choice in flat.choices:
            for branch in choice.branches:
                if conforms(value, branch, self._api.schemas, sending=True):
                    flat = self._api.schemas.with_branch(flat, branch)
                    break
        return flat

    def _property(self, name: str, entry: Json, schema: Json, depth: int) -> Value:
        flat = self._api.schemas.flat(schema)
        if isinstance(entry, dict):
            return self.filled(entry, flat, depth + 1)
        if isinstance(entry, list) or {"enum", "const"} & flat.keywords.keys():
            return entry
        if depth == 0:
            key: Value = self._api.given.key_in_body(self._operation.name, name)
            if key is None and self._operation.method in ("PUT", "PATCH"):
                key = self._filling.key(name)
            if key is not None and (isinstance(entry, str) or not _is_given(key)):
                return key
        if is_id(name) and thing_of(name):
            reference = self._filling.reference(name, schema)
            if reference is not None:
                return reference
        if isinstance(entry, str) and self._operation.method in ("POST", "PUT", "PATCH"):
            return self._unlike_others(name, entry, flat.keywords)
        return entry

    def _unlike_others(self, name: str, entry: str, words: Mapping[str, Json]) -> Value:
        """The text, with eight letters in it that differ each time, where names have to differ."""
        is_address = "@" in entry and "email" in words_of(name)
        plain = "pattern" not in words and ("format" not in words or is_address)
        if words_of(name) not in _NAMES or not plain:
            return entry
        longest = number(tree(dict(words)).get("maxLength")) or 255
        stem, host = (entry.partition("@")[0], _NOBODY) if is_address else (entry, "")
        room = int(longest) - _LETTERS - 1 - len(host)
        if room < 0:
            return entry
        parts: tuple[str | Var, ...] = (f"{stem[:room]}-" if stem[:room] else "", Var(UNIQUE.name))
        return Text((*(part for part in parts if part), *([host] if host else ())))


def _is_given(key: Value) -> bool:
    """Whether it comes from a data file, and so is a text."""
    return isinstance(key, Var) and key.name.startswith("given_")
