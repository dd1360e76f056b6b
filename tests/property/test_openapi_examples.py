"""Whatever a schema asks for, what is made of it is valid: `jsonschema` says so."""

from __future__ import annotations

from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from perfwright.sources.openapi.examples import Examples
from perfwright.sources.openapi.notes import Notes
from perfwright.sources.openapi.references import References
from perfwright.sources.openapi.schemas import Schemas
from perfwright.sources.openapi.validity import conforms

NAMES = ("id", "name", "email", "size", "tags", "owner")
PATTERNS = (
    r"^[A-Z]{2}-\d+$",
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
    r"\d{4}",
    r"^(?:cat|dog)\w?$",
    r"^#[0-9a-f]{6}$",
)
FORMATS = ("date-time", "date", "uuid", "email", "uri", "hostname", "ipv4", "ipv6")


def without_none(**words: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of these keywords, each there or not."""
    required = {name: value for name, value in words.items() if name == "type"}
    optional = {name: value for name, value in words.items() if name != "type"}
    return st.fixed_dictionaries(required, optional=optional)


def ordered(schema: dict[str, Any], low: str, high: str) -> dict[str, Any]:
    if low in schema and high in schema and schema[low] > schema[high]:
        schema[low], schema[high] = schema[high], schema[low]
    return schema


integers = without_none(
    type=st.just("integer"), minimum=st.integers(-50, 50), maximum=st.integers(60, 200),
    exclusiveMaximum=st.integers(100, 300), multipleOf=st.sampled_from([1, 2, 5, 7]),
)  # fmt: skip
numbers = without_none(
    type=st.just("number"), minimum=st.floats(-5, 5), exclusiveMinimum=st.integers(-9, 5),
    maximum=st.integers(30, 40), multipleOf=st.sampled_from([0.01, 0.1, 0.25, 0.5, 2]),
)  # fmt: skip
strings = st.one_of(
    without_none(
        type=st.just("string"), minLength=st.integers(0, 40), maxLength=st.integers(0, 60)
    ).map(lambda schema: ordered(schema, "minLength", "maxLength")),
    without_none(type=st.just("string"), pattern=st.sampled_from(PATTERNS)),
    without_none(type=st.just("string"), format=st.sampled_from(FORMATS)),
)
constants = st.one_of(
    st.just({"enum": ["red", None, 3]}), st.just({"const": {"a": [1]}}),
    st.just({"type": "boolean"}),
    st.just({"type": ["integer", "null"], "minimum": 5}), st.just({}), st.just(True),
)  # fmt: skip
references = st.sampled_from(["Tree", "List", "Pet"]).map(
    lambda name: {"$ref": f"#/components/schemas/{name}"}
)


_NARROW = {"maxLength", "pattern"}
"""What may leave too few texts to be all different."""


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = without_none(
        type=st.just("array"), items=inner, minItems=st.integers(0, 3), maxItems=st.integers(3, 5),
        prefixItems=st.lists(inner, min_size=1, max_size=2),
    )  # fmt: skip
    many = st.one_of(integers, strings.filter(lambda one: not one.keys() & _NARROW))
    unique = without_none(
        type=st.just("array"), items=many, minItems=st.integers(0, 3), uniqueItems=st.just(True)
    )
    objects = without_none(
        type=st.just("object"),
        properties=st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
        required=st.lists(st.sampled_from(NAMES), max_size=3, unique=True),
        additionalProperties=inner, minProperties=st.integers(0, 5),
    )  # fmt: skip
    either = st.lists(inner, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches})
    together = objects.map(lambda one: {"allOf": [one, {"type": "object", "required": ["name"]}]})
    return st.one_of(lists, unique, objects, either, together)


schemas = st.recursive(
    st.one_of(integers, numbers, strings, constants, references), containers, max_leaves=12
)
COMPONENTS: dict[str, Any] = {
    "Tree": {
        "type": "object",
        "required": ["value", "children"],
        "properties": {
            "value": {"type": "integer"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    },
    "List": {
        "type": "object",
        "required": ["next"],
        "properties": {
            "next": {"anyOf": [{"$ref": "#/components/schemas/List"}, {"type": "null"}]}
        },
    },
    "Pet": {
        "oneOf": [
            {"type": "object", "required": ["bark"], "properties": {"bark": {"type": "boolean"}}},
            {"type": "object", "required": ["purr"], "properties": {"purr": {"type": "string"}}},
        ]
    },
}


def made_of(schema: Any, seed: int = 1) -> tuple[Any, Schemas, Notes]:
    notes = Notes()
    root: Any = {"components": {"schemas": COMPONENTS}}
    flattened = Schemas(References(root, home=None, fetch=None, notes=notes))
    examples = Examples(flattened, seed=seed, notes=notes)
    return examples.value(schema, place="here"), flattened, notes


def is_valid(value: Any, schema: Any) -> bool:
    whole = {"allOf": [schema], "components": {"schemas": COMPONENTS}}
    return jsonschema.Draft202012Validator(whole).is_valid(value)


@settings(max_examples=150, deadline=None)
@given(schema=schemas, seed=st.integers(0, 3))
def test_what_is_made_is_valid_and_the_same_for_the_same_seed(schema: Any, seed: int) -> None:
    value, flattened, notes = made_of(schema, seed)
    assert is_valid(value, schema)
    assert conforms(value, schema, flattened)
    assert notes.told() == ()
    assert made_of(schema, seed)[0] == value
