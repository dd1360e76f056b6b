"""Whatever stands in an OpenAPI document: a draft comes of it, or an error of ours."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.openapi_documents import DATA, drafted

from perfwright.model.errors import DataError
from perfwright.sources.openapi.yaml_text import parse_yaml

DOCUMENTS = [
    json.loads((DATA / "bookings-3.1.json").read_text()),
    parse_yaml((DATA / "petstore-3.0.yaml").read_bytes(), "petstore")[0],
    parse_yaml((DATA / "notes-2.0.yaml").read_bytes(), "notes")[0],
]
JUNK = st.one_of(
    st.sampled_from([
        None, True, 0, -1.5, 1e300, "", "x", "/", "#", [], {}, [None], [[]], {"": ""},
        "a\0\n\u202e",
        {"$ref": "#"}, {"$ref": "#/paths"}, {"$ref": 5}, {"$ref": "file:///etc/passwd"}, "{}", "{a",
        {"type": "array"}, {"type": ["object", 7]}, {"allOf": [{"$ref": "#"}]}, [{"get": {}}],
        {"pattern": "("}, {"enum": []}, {"minimum": "x", "type": "integer"}, {"oneOf": []},
        {"minLength": 10**12, "type": "string"}, {"minItems": 10**9, "type": "array"},
        {"multipleOf": 1e-300, "type": "number"}, {"maximum": -1e308, "type": "number"},
        {"required": ["a"], "not": {}}, {"if": True, "then": False}, {"const": {"a": [1, None]}},
    ]),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    ),
)  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a document."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [way, *(place for key, entry in inner for place in places(entry, (*way, key)))]


PLACES = [places(document)[1:] for document in DOCUMENTS]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_junk_in_any_place_makes_a_draft_or_an_error_of_ours(data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    document = deepcopy(DOCUMENTS[which])
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(PLACES[which]))
        value: Any = document
        try:
            for key in way:
                value = value[key]
            value[last] = deepcopy(data.draw(JUNK))
        except (LookupError, TypeError):
            continue  # what was there has been replaced before
    try:
        draft = drafted(document)
    except DataError:
        return
    assert draft.journeys
    assert all(note.isprintable() for note in draft.notes)


@settings(max_examples=150, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
        ),
        max_leaves=15,
    )
)
def test_what_is_written_as_yaml_is_read_back(value: Any) -> None:
    text = yaml.safe_dump(value, default_style='"')
    plain = json.loads(json.dumps(value))
    assert parse_yaml(text.encode(), "here")[0] == plain
