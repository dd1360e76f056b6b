"""Whether a value is what a schema asks for (JSON Schema 2020-12, the assertions that OpenAPI
documents use; `format` asserts nothing, as by default in the specification).

The generator asks it about what it made, and about the examples of the document, many of which are
not valid by their own schema. Bounded in depth: below MAX_DEPTH everything holds.
"""

from __future__ import annotations

import json
import math

from perfwright.sources.openapi.patterns import found
from perfwright.sources.openapi.schemas import Choice, Flat, Schemas
from perfwright.sources.openapi.trees import Json, is_of_type, listing, number, same, texts, tree

MAX_DEPTH = 24


def conforms(
    value: Json, schema: Json, schemas: Schemas, *, sending: bool = False, loosely: bool = False
) -> bool:
    """`sending`: it is part of a request, so what is `readOnly` may be absent though required.
    `loosely`: of `oneOf` more than one may hold, as authors often mean it."""
    return _Judge(schemas, sending, loosely).holds(value, schemas.flat(schema), 0)


def holds(value: Json, flat: Flat, schemas: Schemas, *, sending: bool = False) -> bool:
    return _Judge(schemas, sending, False).holds(value, flat, 0)


class _Judge:
    def __init__(self, schemas: Schemas, sending: bool, loosely: bool) -> None:
        self._schemas = schemas
        self._sending = sending
        self._loosely = loosely

    def holds(self, value: Json, flat: Flat, depth: int) -> bool:
        words = flat.keywords
        if depth > MAX_DEPTH:
            return True
        if flat.types and not any(is_of_type(value, kind) for kind in flat.types):
            return False
        if "const" in words and not same(value, words["const"]):
            return False
        if "enum" in words and not any(same(value, one) for one in listing(words["enum"])):
            return False
        if not all(self._chosen(value, choice, depth) for choice in flat.choices):
            return False
        if "not" in words and self._is(value, words["not"], depth):
            return False
        if "if" in words:
            branch = "then" if self._is(value, words["if"], depth) else "else"
            if branch in words and not self._is(value, words[branch], depth):
                return False
        if isinstance(value, str):
            return self._text_holds(value, flat)
        if isinstance(value, list):
            return self._list_holds(value, flat, depth)
        if isinstance(value, dict):
            return self._object_holds(value, flat, depth)
        return number(value) is None or _number_holds(value, flat)

    def _is(self, value: Json, schema: Json, depth: int) -> bool:
        return self.holds(value, self._schemas.flat(schema), depth + 1)

    def _chosen(self, value: Json, choice: Choice, depth: int) -> bool:
        holding = (branch for branch in choice.branches if self._is(value, branch, depth))
        if next(holding, _ABSENT) is _ABSENT:
            return False
        if self._loosely or not choice.only_one:
            return True
        return next(holding, _ABSENT) is _ABSENT

    def _text_holds(self, value: str, flat: Flat) -> bool:
        words = flat.keywords
        if not _within(len(value), words.get("minLength"), words.get("maxLength")):
            return False
        pattern = words.get("pattern")
        return not isinstance(pattern, str) or found(pattern, value) is not False

    def _list_holds(self, value: list[Json], flat: Flat, depth: int) -> bool:
        words = flat.keywords
        if not _within(len(value), words.get("minItems"), words.get("maxItems")):
            return False
        if words.get("uniqueItems") is True and has_twins(value):
            return False
        first = listing(words.get("prefixItems"))
        pairs: list[tuple[Json, Json]] = list(zip(value, first, strict=False))
        if "items" in words:
            pairs += [(entry, words["items"]) for entry in value[len(first) :]]
        if not all(self._is(entry, schema, depth) for entry, schema in pairs):
            return False
        if "contains" not in words:
            return True
        count = sum(self._is(entry, words["contains"], depth) for entry in value)
        return _within(count, words.get("minContains", 1), words.get("maxContains"))

    def _object_holds(self, value: dict[str, Json], flat: Flat, depth: int) -> bool:
        words = flat.keywords
        if not _within(len(value), words.get("minProperties"), words.get("maxProperties")):
            return False
        demanded = [
            *flat.required,
            *(
                name
                for owner, names in tree(words.get("dependentRequired")).items()
                if owner in value
                for name in texts(names)
            ),
        ]
        if any(name not in value and not self._may_lack(name, flat) for name in demanded):
            return False
        names = words.get("propertyNames")
        if names is not None and not all(self._is(name, names, depth) for name in value):
            return False
        return all(
            self._is(entry, schema, depth)
            for name, entry in value.items()
            for schema in schemas_of(name, flat)
        )

    def _may_lack(self, name: str, flat: Flat) -> bool:
        one = self._schemas.flat(flat.properties.get(name))
        return self._sending and one.keywords.get("readOnly") is True


_ABSENT = object()


def schemas_of(name: str, flat: Flat) -> list[Json]:
    """All that hold for one property of an object."""
    named = [flat.properties[name]] if name in flat.properties else []
    for pattern, schema in tree(flat.keywords.get("patternProperties")).items():
        if found(pattern, name):
            named.append(schema)
    if not named and "additionalProperties" in flat.keywords:
        named.append(flat.keywords["additionalProperties"])
    return named


def _within(count: int, least: Json, most: Json) -> bool:
    low, high = number(least), number(most)
    return (low is None or count >= low) and (high is None or count <= high)


def _number_holds(value: Json, flat: Flat) -> bool:
    words, given = flat.keywords, number(value)
    assert given is not None
    if not _within_numbers(given, words):
        return False
    step = number(words.get("multipleOf"))
    if not step or step < 0:
        return True
    if isinstance(step, int) and isinstance(given, int):
        return given % step == 0
    quotient = given / step
    return math.isfinite(quotient) and int(quotient) == quotient


def _within_numbers(given: float, words: dict[str, Json]) -> bool:
    low, high = number(words.get("minimum")), number(words.get("maximum"))
    above, below = number(words.get("exclusiveMinimum")), number(words.get("exclusiveMaximum"))
    return (
        (low is None or given >= low)
        and (high is None or given <= high)
        and (above is None or given > above)
        and (below is None or given < below)
    )


def has_twins(values: list[Json]) -> bool:
    """Whether two of them are equal as JSON."""
    seen: set[str] = set()
    for value in values:
        key = json.dumps(_plain(value), sort_keys=True)
        if key in seen:
            return True
        seen.add(key)
    return False


def _plain(value: Json) -> Json:
    """1.0 written as 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return value
