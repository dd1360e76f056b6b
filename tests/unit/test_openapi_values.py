"""Values of OpenAPI requests: formats, patterns, how they are written; and Swagger 2.0."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import jsonschema
import pytest
from support.openapi_documents import (
    all_calls,
    document,
    drafted,
    drafted_file,
    noted,
    said,
    sent,
    takes,
    url,
)

from perfwright.model.journey import Call
from perfwright.sources.openapi.examples import Examples
from perfwright.sources.openapi.formats import FORMATS
from perfwright.sources.openapi.naming import singular
from perfwright.sources.openapi.notes import Notes
from perfwright.sources.openapi.patterns import expression_of, found, text_of_pattern
from perfwright.sources.openapi.references import References
from perfwright.sources.openapi.schemas import Schemas


def example(schema: Any, *, sending: bool = True, components: Any = None) -> Any:
    notes = Notes()
    root = {"components": {"schemas": components or {}}}
    schemas = Schemas(References(root, home=None, fetch=None, notes=notes))
    made = Examples(schemas, seed=1, notes=notes).value(schema, place="here", sending=sending)
    assert notes.told() == ()
    return made


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_is_well_formed(name: str) -> None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for seed in range(20):
        made = FORMATS[name](Random(seed))
        assert made
        checker.check(made, name)
        assert "example" in made or "@" not in made, "mail must never reach anybody"


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{2}-\d{3,5}$", r"^\+?[1-9]\d{1,14}$", r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
        r"^(cat|dog)s?$", r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", r"^#(?:[0-9a-fA-F]{3}){1,2}$",
        r"\w+\s\w+", r"^v\d+\.\d+\.\d+$", r"^arn:aws[a-z-]*:\w+::\d{12}:[\w/]+$",
        r"^(?<year>\d{4})-(?<month>0[1-9]|1[0-2])$", r"^\/api\/[a-z]+$", r"^\p{Lu}\p{L}*$",
        r"^[\p{L}\d_.-]{3,30}$", r"/^[a-z]{3}$/i", "^$", "", r"^(?=.*\d)[a-z\d]{6,12}$",
        r"^(.)\1$", r"[[:alpha:]]{3}", r"^[\u4e00-\u9fa5]{2}$", r"(?i)^abc$",
    ],
)  # fmt: skip
def test_texts_are_made_that_a_pattern_matches(pattern: str) -> None:
    made = text_of_pattern(pattern, Random(3), 0, 60)
    assert made is not None
    assert found(pattern, made) is not False


@pytest.mark.parametrize(("shortest", "longest"), [(16, 16), (1, 4), (30, 40)])
def test_texts_of_a_pattern_keep_to_their_length(shortest: int, longest: int) -> None:
    made = text_of_pattern("^st-[a-z0-9]+$", Random(1), shortest, longest)
    assert made is not None
    assert re.fullmatch("st-[a-z0-9]+", made)
    assert shortest <= len(made) <= longest


@pytest.mark.parametrize("pattern", ["(", "^((a+)+)+$", "a" * 2000, r"\p{Klingon}", "a*b*" * 9])
def test_patterns_that_are_none_or_could_take_for_ever_are_unknown(pattern: str) -> None:
    assert expression_of(pattern) is None
    assert found(pattern, "aaa") is None
    assert text_of_pattern(pattern, Random(1), 0, 10) is None


def test_long_texts_are_not_tried_on_costly_patterns() -> None:
    assert found("^(a+)+$", "a" * 100 + "!") is None
    assert found("^(?:(?:(?:a{200}){200}){200})$", "b") is False
    text_of_pattern("^(?:(?:(?:a{200}){200}){200})$", Random(1), 0, 100)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "example": "given"}, "given"),
        ({"type": "integer", "example": "seven", "default": 7}, 7),
        ({"type": "integer", "minimum": 3, "maximum": 3}, 3),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 4}, 4),
        ({"type": "number", "multipleOf": 0.5, "minimum": 0.6, "exclusiveMaximum": 1.5}, 1),
        ({"type": "string", "nullable": True, "enum": ["a"]}, "a"),
        ({"type": "string", "enum": [True]}, True),
        ({"type": ["null"]}, None),
        ({"allOf": [{"minimum": 2}, {"maximum": 2}, {"type": "integer"}]}, 2),
        ({"oneOf": [{"type": "null"}, {"const": "x"}]}, "x"),
        ({"type": "object", "additionalProperties": {"const": 1}, "minProperties": 2}, [1, 1]),
        ({"type": "object", "propertyNames": {"enum": ["k"]}, "minProperties": 1}, ["k"]),
        ({"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3}, 3),
        ({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": False}, [1, 2]),
        ({"type": "array", "contains": {"const": 9}, "minContains": 2}, [9, 9]),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "type": "object"}, dict),
        ({"not": {"type": "string"}, "type": ["string", "integer"]}, int),
    ],
)
def test_keywords_are_heeded(schema: dict[str, Any], expected: Any) -> None:
    made = example(schema)
    if isinstance(expected, type):
        assert isinstance(made, expected)
    elif isinstance(made, dict):
        assert list(made.values())[: len(expected)] == expected or list(made) == expected
    elif isinstance(made, list) and isinstance(expected, int):
        assert len(made) == expected
    else:
        assert made == expected


def test_requests_have_no_read_only_properties_and_answers_no_write_only_ones() -> None:
    schema = {
        "type": "object",
        "required": ["id", "pin", "size"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "pin": {"type": "string", "writeOnly": True},
            "size": {"type": "integer"},
        },
    }
    assert set(example(schema)) == {"pin", "size"}
    schema["example"] = {"id": 4, "pin": "x", "size": 3}
    assert example(schema) == {"pin": "x", "size": 3}


def test_a_kind_is_told_by_its_discriminator() -> None:
    base = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}},
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"feline": "#/components/schemas/Cat"},
        },
    }
    cat = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["purr"]}]}
    components = {"Base": base, "Cat": cat}
    assert example({"$ref": "#/components/schemas/Cat"}, components=components)["kind"] == "feline"


def test_endless_recursion_ends() -> None:
    node = {
        "type": "object",
        "required": ["left", "right", "more"],
        "properties": {
            "left": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
            "right": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Node"}]},
            "more": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    }
    assert example({"$ref": "#/components/schemas/Node"}, components={"Node": node})


def request_with(parameter: dict[str, Any], path: str = "/a") -> Call:
    given = {"required": True, **parameter}
    draft = drafted(document({path: {"get": {"parameters": [given]}}}))
    return all_calls(draft)[f"GET {path}"]


@pytest.mark.parametrize(
    ("parameter", "written"),
    [
        ({"example": True}, [("q", "true")]),
        ({"example": "a b&c"}, [("q", "a b&c")]),
        ({"example": [1, 2]}, [("q", "1"), ("q", "2")]),
        ({"example": [1, 2], "explode": False}, [("q", "1,2")]),
        ({"example": [1, 2], "explode": False, "style": "pipeDelimited"}, [("q", "1|2")]),
        ({"example": {"x": 1, "y": 2}}, [("x", "1"), ("y", "2")]),
        ({"example": {"x": 1}, "explode": False}, [("q", "x,1")]),
        ({"example": {"x": {"y": 1}, "z": [1, 2]}, "style": "deepObject"},
         [("q[x][y]", "1"), ("q[z]", "1"), ("q[z]", "2")]),
        ({"content": {"application/json": {"example": {"x": [1]}}}}, [("q", '{"x": [1]}')]),
        ({"schema": {"type": "string", "enum": ["up"]}}, [("q", "up")]),
    ],
)  # fmt: skip
def test_query_parameters_are_written_by_their_style(
    parameter: dict[str, Any], written: list[tuple[str, str]]
) -> None:
    assert list(request_with({"name": "q", "in": "query", **parameter}).params) == written


def test_headers_cookies_and_paths_are_written_as_simple_text() -> None:
    call = request_with({"name": "X-Ids", "in": "header", "example": [1, 2]})
    assert call.headers == (("X-Ids", "1,2"),)
    assert request_with({"name": "c", "in": "cookie", "example": 5}).headers == (("Cookie", "c=5"),)
    call = request_with({"name": "p", "in": "path", "schema": {"const": "a/b c"}}, "/x y/{p}.json")
    assert url(call) == "/x%20y/a%2Fb%20c.json"


def test_headers_that_the_protocol_has_its_own_place_for_are_ignored() -> None:
    assert request_with({"name": "Content-Type", "in": "header", "example": "x"}).headers == ()


def body_call(media_type: str, value: Any, schema: Any = True) -> Call:
    body = takes(schema, media_type, example=value)
    return all_calls(drafted(document({"/a": {"post": {"requestBody": body}}})))["POST /a"]


def test_bodies_are_written_by_their_media_type() -> None:
    call = body_call("application/vnd.api+json", {"a": 1})
    assert (sent(call), call.headers) == ({"a": 1}, (("Content-Type", "application/vnd.api+json"),))
    call = body_call("application/x-www-form-urlencoded", {"a": {"b": [1, 2]}, "c": [{"d": 1}]})
    assert list(sent(call)) == [("a[b]", "1"), ("a[b]", "2"), ("c[0][d]", "1")]
    call = body_call("text/plain", "hello")
    assert (sent(call), call.headers) == ("hello", (("Content-Type", "text/plain"),))
    call = body_call('text/x"\nInjected: 1', "hello")
    assert call.headers == (("Content-Type", "application/octet-stream"),)


def test_files_are_parts_with_a_name() -> None:
    upload = all_calls(drafted_file("petstore-3.0.yaml"))["POST /pet/{petId}/uploadImage"]
    field, file = sent(upload)
    assert field == ("additionalMetadata", "front view")
    assert (file[:2], file[3]) == (("file", "file.txt"), "application/octet-stream")


def test_an_example_that_is_not_valid_is_not_used_and_told() -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    body = takes(schema, example={"n": "seven"})
    draft = drafted(document({"/a": {"post": {"requestBody": body}}}))
    assert isinstance(sent(all_calls(draft)["POST /a"])["n"], int)
    assert noted(draft, "Examples that are not valid by their schema").endswith("POST /a")


def test_swagger_2_is_read_as_openapi_3() -> None:
    draft = drafted_file("notes-2.0.yaml")
    assert draft.target == "https://notes.example.com"
    calls = all_calls(draft)
    assert url(calls["GET /notes/{noteId}"]) == "/api/notes/{note_id}"
    params = {name: said(value) for name, value in calls["GET /notes"].params}
    assert params["tags"] in ("a", "b")
    assert 1 <= int(params["limit"]) <= 50
    assert params["api_key"] == "{api_key}"
    assert calls["POST /notes/{noteId}/file"].auth is not None
    assert [part[0] for part in sent(calls["POST /notes/{noteId}/file"])] == [
        "attachment",
        "caption",
    ]


@pytest.mark.parametrize(
    ("many", "one"),
    [("pets", "pet"), ("categories", "category"), ("boxes", "box"), ("addresses", "address"),
     ("status", "status"), ("news", "news"), ("cases", "case"), ("bus", "bus"), ("gas", "gas")],
)  # fmt: skip
def test_singulars(many: str, one: str) -> None:
    assert singular(many) == one
