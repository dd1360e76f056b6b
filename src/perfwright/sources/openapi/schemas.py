"""Schemas in one dialect, flat: `$ref` followed, `allOf` merged, OpenAPI 3.0's own words said as
JSON Schema 2020-12 says them (https://json-schema.org/draft/2020-12/json-schema-validation).

    3.0  nullable: true, type: string          ─► type: [string, null]
    3.0  minimum: 0, exclusiveMinimum: true    ─► exclusiveMinimum: 0
    3.0  example: x                            ─► examples: [x]
    allOf: [A, B]                              ─► what both demand: each keyword's tighter bound

What choices there are (`oneOf`, `anyOf`, `if`) stays to be made. Merging is bounded: a schema that
is part of itself by `allOf` counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from perfwright.sources.openapi.references import References
from perfwright.sources.openapi.trees import (
    Json,
    Tree,
    is_of_type,
    listing,
    number,
    same,
    text,
    texts,
    tree,
)

MAX_PARTS = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `branches` must hold, and no other if `only_one`."""

    branches: tuple[Json, ...]
    only_one: bool


@dataclass(frozen=True, slots=True)
class Flat:
    """`keywords`: as in JSON Schema, without `$ref`, `allOf`, `oneOf` and `anyOf`; sub-schemas are
    as the document has them. `name`: of the component that it is, or "". `discriminator`: what
    tells a choice's branches apart (https://spec.openapis.org/oas/v3.1.0#discriminator-object)."""

    keywords: Tree
    choices: tuple[Choice, ...] = ()
    name: str = ""
    discriminator: Tree = field(default_factory=dict)

    @property
    def properties(self) -> Tree:
        return tree(self.keywords.get("properties"))

    @property
    def required(self) -> list[str]:
        return texts(self.keywords.get("required"))

    @property
    def types(self) -> tuple[str, ...]:
        """What it may be; () where nothing is said."""
        said = self.keywords.get("type")
        return (said,) if isinstance(said, str) else tuple(texts(said))


ANYTHING = Flat({})


class Schemas:
    """Flattens schemas of one document, each once."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._known: dict[int, tuple[Json, Flat]] = {}

    def flat(self, schema: Json) -> Flat:
        known = self._known.get(id(schema))
        if known is None:
            known = (schema, self._flatten(schema))  # keeping the schema keeps its id its own
            self._known[id(schema)] = known
        return known[1]

    def with_branch(self, flat: Flat, branch: Json) -> Flat:
        """`flat` and one branch of a choice of it; that choice is made."""
        other = self.flat(branch)
        keywords = merged(flat.keywords, other.keywords)
        told_by = text(flat.discriminator.get("propertyName"))
        if told_by and (name := self.name_of(branch)):
            self._say_kind(keywords, flat.discriminator, name)
            keywords["required"] = _union(keywords.get("required"), [told_by])
        return Flat(keywords, other.choices, other.name or flat.name)

    def name_of(self, schema: Json) -> str:
        """The component that a schema refers to, or ""."""
        return text(tree(schema).get("$ref")).rpartition("/")[2]

    def _flatten(self, schema: Json) -> Flat:
        keywords: Tree = {}
        choices: list[Choice] = []
        for part in self._parts(schema, set()):
            for word, only_one in (("oneOf", True), ("anyOf", False)):
                branches = listing(part.get(word))
                if branches:
                    choices.append(Choice(tuple(branches), only_one))
            keywords = merged(keywords, _in_one_dialect(part))
        discriminator = tree(keywords.pop("discriminator", None))
        name = self.name_of(schema)
        if name and not choices:
            self._say_kind(keywords, discriminator, name)
        _let_enum_win(keywords)
        return Flat(keywords, tuple(choices), name, discriminator)

    def _parts(self, schema: Json, seen: set[int]) -> Iterable[Tree]:
        """All that holds at once, the most special last."""
        if schema is False:
            yield {"not": {}}
        if not isinstance(schema, dict) or id(schema) in seen or len(seen) >= MAX_PARTS:
            return
        seen.add(id(schema))
        if "$ref" in schema:
            yield from self._parts(self._references.follow({"$ref": schema["$ref"]}), seen)
        for part in listing(schema.get("allOf")):
            yield from self._parts(part, seen)
        yield schema

    def _say_kind(self, keywords: Tree, discriminator: Tree, name: str) -> None:
        """A component that is told from its siblings by a property has its own name in it."""
        told_by = text(discriminator.get("propertyName"))
        properties = tree(keywords.get("properties"))
        if told_by not in properties:
            return
        for said, reference in tree(discriminator.get("mapping")).items():
            if text(reference).rpartition("/")[2] == name:
                name = said
                break
        one = self.flat(properties[told_by]).keywords
        if "const" not in one and ("enum" not in one or name in listing(one["enum"])):
            kind: Json = {"allOf": [properties[told_by], {"const": name}]}
            keywords["properties"] = {**properties, told_by: kind}


def _let_enum_win(keywords: Tree) -> None:
    """`type: string, enum: [true, false]` is common; the values are what its author meant."""
    kinds = keywords.get("type")
    types = [kinds] if isinstance(kinds, str) else texts(kinds)
    values = listing(keywords.get("enum"))
    if types and values and not any(is_of_type(one, kind) for one in values for kind in types):
        del keywords["type"]


def _in_one_dialect(part: Tree) -> Tree:
    kept: Tree = {word: part[word] for word in part if word in _RULES or word in _TAKEN_OVER}
    if "example" in part:
        kept["examples"] = [part["example"], *listing(part.get("examples"))]
    elif "examples" in kept and not isinstance(kept["examples"], list):
        del kept["examples"]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if kept.get(exclusive) is True and bound in kept:
            kept[exclusive] = kept.pop(bound)
        elif isinstance(kept.get(exclusive), bool):
            del kept[exclusive]
    kinds = kept.get("type")
    if kinds == "file":  # Swagger 2.0
        kept["type"], kept["format"] = "string", "binary"
    elif part.get("nullable") is True and isinstance(kinds, str):
        kept["type"] = [kinds, "null"]
        if "enum" in kept:
            kept["enum"] = [*listing(kept["enum"]), None]
    return kept


def merged(one: Tree, other: Tree) -> Tree:
    """What both schemas demand; `other` is the more special where both can't be had."""
    result = dict(one)
    for word, value in other.items():
        rule = _RULES.get(word)
        result[word] = rule(one[word], value) if rule and word in one else value
    return result


def _both(one: Json, other: Json) -> Json:
    return one if one is other else {"allOf": [one, other]}


def _properties(one: Json, other: Json) -> Json:
    known, more = tree(one), tree(other)
    both: Tree = {name: _both(known[name], more[name]) for name in more if name in known}
    return {**known, **more, **both}


def _union(one: Json, other: Json) -> Json:
    known = listing(one)
    return [*known, *(value for value in listing(other) if value not in known)]


def _intersection(one: Json, other: Json) -> Json:
    kept = [value for value in listing(other) if any(same(value, known) for known in listing(one))]
    return kept or other


def _types(one: Json, other: Json) -> Json:
    known = [one] if isinstance(one, str) else texts(one)
    more = [other] if isinstance(other, str) else texts(other)
    if "number" in known and "integer" in more:
        known = [*known, "integer"]
    if "number" in more and "integer" in known:
        more = [*more, "integer"]
    kept: list[Json] = [kind for kind in more if kind in known]
    return kept or other


def _higher(one: Json, other: Json) -> Json:
    known, more = number(one), number(other)
    return other if known is None or (more is not None and more > known) else one


def _lower(one: Json, other: Json) -> Json:
    known, more = number(one), number(other)
    return other if known is None or (more is not None and more < known) else one


def _neither(one: Json, other: Json) -> Json:
    return {"anyOf": [one, other]}


def _examples(one: Json, other: Json) -> Json:
    return [*listing(other), *listing(one)]


_RULES: dict[str, Callable[[Json, Json], Json]] = {
    "properties": _properties, "patternProperties": _properties, "required": _union,
    "enum": _intersection, "type": _types, "items": _both, "additionalProperties": _both,
    "minimum": _higher, "exclusiveMinimum": _higher, "minLength": _higher, "minItems": _higher,
    "minProperties": _higher, "maximum": _lower, "exclusiveMaximum": _lower,
    "maxLength": _lower, "maxItems": _lower, "maxProperties": _lower,
    "not": _neither, "examples": _examples,
}  # fmt: skip
"""How two say one thing; of other keywords the later one counts."""

_TAKEN_OVER = frozenset({
    "const", "format", "pattern", "multipleOf", "uniqueItems", "prefixItems", "contains",
    "minContains", "maxContains", "propertyNames", "dependentRequired", "if", "then", "else",
    "default", "readOnly", "writeOnly", "deprecated", "discriminator",
})  # fmt: skip
