"""Where an answer holds the key of a thing: a JSON pointer, by names and types.

    GET /pets/{petId} wants petId    POST /pets answers {id, name}            ─► /id
                                     GET /pets answers [{id}]                 ─► /0/id
                                     GET /pets answers {data: [{petId}]}      ─► /data/0/petId
    GET /users/{login} wants login   GET /users answers [{id, login}]         ─► /0/login

A property of the parameter's own name comes first, then the customary keys, if the parameter's name
is that of the thing's key at all.
"""

from __future__ import annotations

from perfwright.model.json_pointer import pointer_to
from perfwright.sources.openapi.naming import is_id, thing_of, words_of
from perfwright.sources.openapi.schemas import Flat, Schemas
from perfwright.sources.openapi.trees import Json

_KEYS = (("id",), ("uuid",), ("guid",), ("uid",), ("gid",), ("key",), ("slug",), ("name",))
_ENVELOPES = (
    "data", "item", "items", "result", "results", "value", "values", "content", "records", "rows",
    "entries", "list", "hits", "response", "payload", "resources", "elements", "_embedded", "edges",
    "node",
)  # fmt: skip
_MAX_DEPTH = 3
ANY_ENTRY = "0"


def pointer_to_key(
    answer: Json, parameter: str, kind: Json, thing: tuple[str, ...], schemas: Schemas
) -> str | None:
    """`kind`: the parameter's schema. `thing`: what the resource's things are called."""
    wanted = _names(parameter, thing)
    types = set(schemas.flat(kind).types) - {"null"}
    return _search(schemas.flat(answer), wanted, types, thing, schemas, 0)


def _names(parameter: str, thing: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Words of the properties that may hold it, the likeliest first."""
    own = words_of(parameter)
    names = [own]
    bare = own[len(thing) :] if thing and own[: len(thing)] == thing else ()
    if bare:
        names.append(bare)
    else:
        names.append((*thing, *own))
    about = thing_of(parameter)
    if is_id(parameter) and (not about or not thing or about[-1] == thing[-1]):
        names.extend([*_KEYS[:5], (*thing, "id")])
    elif len(about) == len(own) and about[-1:] == thing[-1:]:
        names.extend(_KEYS)
    return names


def _search(
    flat: Flat,
    wanted: list[tuple[str, ...]],
    types: set[str],
    thing: tuple[str, ...],
    schemas: Schemas,
    depth: int,
) -> str | None:
    for choice in flat.choices[:1]:
        flat = schemas.with_branch(flat, next(iter(choice.branches), None))
    words = flat.keywords
    if "array" in flat.types or ("items" in words and not flat.properties):
        inner = _search(schemas.flat(words.get("items")), wanted, types, thing, schemas, depth + 1)
        return None if inner is None or depth > _MAX_DEPTH else f"/{ANY_ENTRY}{inner}"
    by_words = {words_of(name): name for name in reversed(flat.properties)}
    for name_words in wanted:
        name = by_words.get(name_words)
        if name is not None and _may_be(schemas.flat(flat.properties[name]), types):
            return pointer_to((name,))
    if depth >= _MAX_DEPTH:
        return None
    for name in _envelopes(flat, thing):
        inner = _search(
            schemas.flat(flat.properties[name]), wanted, types, thing, schemas, depth + 1
        )
        if inner is not None:
            return pointer_to((name,)) + inner
    return None


def _envelopes(flat: Flat, thing: tuple[str, ...]) -> list[str]:
    """Properties that an answer may be wrapped in."""
    return [
        name
        for name in flat.properties
        if name.lower() in _ENVELOPES or (thing and thing_of(name)[-1:] == thing[-1:])
    ]


def _may_be(flat: Flat, types: set[str]) -> bool:
    """Whether a property could be sent as a parameter of these types."""
    own = set(flat.types) - {"null"}
    if {"object", "array"} & own:
        return False
    return not own or not types or "string" in types or bool(own & types) or "number" in types
