"""Reading OpenAPI documents: JSON, YAML, references, and what strangers put into them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from support.openapi_documents import (
    DATA,
    OK,
    all_calls,
    answers,
    document,
    drafted,
    noted,
    sent,
    steps,
    takes,
    url,
)

from perfwright.model.errors import DataError
from perfwright.sources.openapi import OpenApiOptions, is_openapi, read_openapi
from perfwright.sources.openapi.yaml_text import parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("country: NO\nswitch: on", {"country": "NO", "switch": "on"}),
        ("at: 12:30\nday: 2026-01-01", {"at": "12:30", "day": "2026-01-01"}),
        ("[0o17, 0x1F, -4, 017]", [15, 31, -4, "017"]),
        ("[1.5, .5, 1.5e3, 1e-3, 1_000]", [1.5, 0.5, 1500.0, 0.001, "1_000"]),
        ("[6e5, 12e345, 1e+3]", ["6e5", "12e345", 1000.0]),
        ("[true, False, null, ~, '']", [True, False, None, None, ""]),
        ("{200: a, true: b, 1.0: c}", {"200": "a", "true": "b", "1.0": "c"}),
        ("!!str 12", "12"),
        ("!!python/object/apply:os.system [echo]", ["echo"]),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"d": 2, "b": 1}}),
        ("a: &x {b: 1}\nc: {b: 2, <<: [*x]}", {"a": {"b": 1}, "c": {"b": 2}}),
        ("a: " + "9" * 5000, {"a": "9" * 5000}),
    ],
)
def test_yaml_is_read_by_its_core_schema(text: str, value: Any) -> None:
    assert parse_yaml(text.encode(), "here")[0] == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [1, 2", "cannot be read as YAML"),
        ("a: 1\n---\nb: 2", "here:2: a second document begins here"),
        ("a: &x [*x]", r"here:1: the alias \*x stands for nothing, or for something that holds it"),
        ("a: *nowhere", "stands for nothing|cannot be read as YAML"),
        ("[" * 300 + "]" * 300, "nested deeper than 200 levels"),
        ("? [a, b]\n: c", "a key is a list or a mapping"),
        ("a: \0", "cannot be read as YAML"),
    ],
)
def test_what_is_no_plain_yaml_is_an_error_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        parse_yaml(text.encode(), "here")


def test_an_alias_bomb_is_counted_and_refused() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    for n in range(1, 12):
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]")
    with pytest.raises(
        DataError, match=r"bomb\.yaml:\d+: with its aliases written out, .* 5,000,0"
    ):
        parse_yaml("\n".join(lines).encode(), "bomb.yaml")


def test_a_bomb_of_merged_keys_is_refused_too() -> None:
    lines = ["a0: &a0 {k: [" + ",".join("x" * 1000) + "]}"]
    for n in range(1, 9):
        lines.append(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}")
    with pytest.raises(DataError, match="with its aliases written out"):
        parse_yaml("\n".join(lines).encode(), "bomb.yaml")


def test_keys_written_twice_are_told() -> None:
    draft = drafted(
        b"openapi: 3.0.0\npaths:\n  /a: {get: {responses: {}}}\n  /a: {post: {responses: {}}}\n"
    )
    assert "/a (line 4)" in noted(draft, "Keys that stand twice")
    draft = drafted(b'{"openapi": "3.0.0", "paths": {"/a": {}, "/a": {"get": {}}}}')
    assert noted(draft, "Keys that stand twice").endswith(": /a")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "document: the document is empty"),
        (b"{", "cannot be read as JSON"),
        (b"[" * 100_000, "nested too deep|cannot be read as JSON"),
        (b"[1]", "it has no field `openapi`"),
        (b'{"openapi": "4.0.0"}', "its version is '4.0.0'; versions 3.0, 3.1 and 2.0 are read"),
        (b'{"openapi": "3.0.0", "paths": {}}', "has no operations"),
        (
            b'{"openapi": "3.0.0", "paths": {"/a": {"get": {"deprecated": true}}}}',
            "deprecated: GET",
        ),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"\x80\x81binary junk", "cannot be read as YAML"),
        (b"just words", "it has no field `openapi`"),
    ],
)
def test_what_is_no_document_is_an_error_that_says_why(content: bytes, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        drafted(content)


def test_a_packed_document_is_unpacked_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "api.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document({"/a": {"get": {}}})).encode()))
    assert all_calls(read_openapi(path)).keys() == {"GET /a"}
    path.write_bytes(gzip.compress(b" " * 101_000_000, 1))
    with pytest.raises(DataError, match="has 100 MB; documents up to 100 MB are read"):
        read_openapi(path)
    path.write_bytes(b"\x1f\x8bjunk that is no gzip")
    with pytest.raises(DataError, match="cannot be unpacked"):
        read_openapi(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.yaml: cannot be read: no such file"):
        read_openapi(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("name", ["petstore-3.0.yaml", "bookings-3.1.json", "notes-2.0.yaml"])
def test_documents_are_recognised_by_their_beginning(name: str) -> None:
    assert is_openapi((DATA / name).read_bytes()[:4096])


@pytest.mark.parametrize(
    "head",
    [b'{"log": {"entries": []}}', b"GET / HTTP/1.1", b'{"info": {"schema": "postman"}}', b"\0\1"],
)
def test_other_files_are_not(head: bytes) -> None:
    assert not is_openapi(head)


def test_oddities_of_a_document_cost_no_more_than_a_note() -> None:
    draft = drafted(
        document(
            {
                "/ok": {"get": {"responses": OK}, "trace": {}, "x-more": 1, "parameters": "none"},
                "no slash": {"get": {}},
                "/nothing": None,
                "/list": [1, 2],
                "/odd": {
                    "get": {
                        "tags": 7,
                        "operationId": ["a"],
                        "parameters": [None, 3, {"in": "query"}, {"name": "a", "in": "nowhere"}],
                        "responses": {"200": {"content": {"application/json": {"schema": 5}}}},
                        "security": [{"unknown": []}, 9],
                    },
                    "post": {"requestBody": {"content": {"application/json": {"schema": True}}}},
                },
                "/n/{here}": {"get": {"parameters": [{"name": "there", "in": "path"}]}},
            },
            components=[],
            servers=[{"url": "http://[::1"}],
        )
    )
    assert {"GET /ok", "GET /odd", "POST /odd", "GET /n/{here}"} == all_calls(draft).keys()
    assert noted(draft, "Paths that are none") == (
        "Paths that are none, or hold nothing, are left out (3): no slash, /nothing, /list"
    )
    assert noted(draft, "Path parameters that are not declared").endswith("GET /n/{here}")
    assert noted(draft, "Operations whose security is not known").endswith("GET /odd")


def test_references_in_a_circle_end() -> None:
    draft = drafted(
        document(
            {
                "/a": {"post": {"requestBody": takes({"$ref": "#/components/schemas/A"})}},
                "/b": {"get": {"parameters": [{"$ref": "#/components/parameters/P"}]}},
            },
            components={
                "schemas": {
                    "A": {"$ref": "#/components/schemas/B"},
                    "B": {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/nowhere"}]},
                },
                "parameters": {"P": {"$ref": "#/components/parameters/P"}},
            },
        )
    )
    assert all_calls(draft).keys() == {"POST /a", "GET /b"}
    assert "#/nowhere" in noted(draft, "References to nothing count as empty")
    assert noted(draft, "References that lead in a circle")


def test_files_beside_the_document_are_followed_and_no_others(tmp_path: Path) -> None:
    api = tmp_path / "api"
    (api / "parts").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("Pet: {type: object, required: [id]}")
    (api / "parts" / "pet.yaml").write_text(
        "Pet: {type: object, required: [tag], properties: {tag: {$ref: '#/Tag'}}}\n"
        "Tag: {type: string, const: red}\n"
        "Item: {get: {responses: {'200': {$ref: '../api.yaml#/components/responses/Ok'}}}}\n"
    )
    (api / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    spec = document(
        {
            "/pets": {"post": {"requestBody": takes({"$ref": "parts/pet.yaml#/Pet"})}},
            "/item": {"$ref": "parts/pet.yaml#/Item"},
            "/out": {"post": {"requestBody": takes({"$ref": "../secret.yaml#/Pet"})}},
            "/link": {"post": {"requestBody": takes({"$ref": "link.yaml#/Pet"})}},
            "/abs": {"post": {"requestBody": takes({"$ref": "/etc/passwd#/x"})}},
            "/far": {"post": {"requestBody": takes({"$ref": "http://127.0.0.1:9/pet.json"})}},
            "/nul": {"post": {"requestBody": takes({"$ref": "a\0b.yaml#/x"})}},
        },
        components={"responses": {"Ok": {"description": "ok"}}},
    )
    (api / "api.yaml").write_text(json.dumps(spec))
    draft = read_openapi(api / "api.yaml")
    found = all_calls(draft)
    assert sent(found["POST /pets"]) == {"tag": "red"}
    assert [one.expected for one in found["GET /item"].expects] == [(200,)]
    refused = noted(draft, "References out of the document's folder are refused")
    assert "secret.yaml" in refused
    assert "/etc/passwd" in refused
    assert "http://127.0.0.1:9/pet.json" in noted(draft, "Remote references are not followed")
    assert "null byte" in noted(draft, "References that could not be read")


def test_remote_references_are_followed_only_if_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetch(address: str) -> bytes:
        asked.append(address)
        return b'{"Pet": {"$ref": "more.json#/Real"}, "Real": {"const": 7}}'

    monkeypatch.setattr("perfwright.sources.openapi.reading.fetch", fetch)
    spec = document({"/a": {"post": {"requestBody": takes({"$ref": "pet.json#/Pet"})}}})
    options = {"address": "https://api.example.com/docs/openapi.json"}
    assert noted(drafted(spec, **options), "Remote references are not followed")
    assert asked == []
    draft = drafted(spec, **options, allow_remote=True)
    assert asked == [
        "https://api.example.com/docs/pet.json",
        "https://api.example.com/docs/more.json",
    ]
    assert sent(all_calls(draft)["POST /a"]) == 7


def test_bytes_have_no_folder_to_read_from() -> None:
    draft = drafted(document({"/a": {"post": {"requestBody": takes({"$ref": "x.yaml#/A"})}}}))
    assert noted(draft, "References to files need the document as a file")


HOSTILE = '"); import os; os.system("x'


def test_hostile_names_stay_data() -> None:
    path = f"/a/{HOSTILE}\n\u202e/{{id}}"
    draft = drafted(
        document(
            {path: {"get": {"tags": [HOSTILE], "summary": HOSTILE, "responses": OK}}},
            info={"title": HOSTILE},
            servers=[{"url": f"https://{HOSTILE}/x"}],
        )
    )
    (call,) = all_calls(draft).values()
    assert "\n" not in url(call)
    assert '"' not in url(call)
    assert draft.target == ""
    assert {one.name for one in draft.data} == {"parameters"}
    assert all(note.isprintable() for note in draft.notes)


def test_a_chosen_part_is_read_alone() -> None:
    spec = document(
        {
            "/pets": {"get": {"tags": ["pets"], "responses": OK}},
            "/shops": {"get": {"tags": ["shops"], "responses": OK}},
            "/shops/{id}/pets": {"get": {"responses": OK}},
        }
    )
    assert all_calls(drafted(spec, only=("pets",))).keys() == {"GET /pets"}
    assert len(all_calls(drafted(spec, only=("/shops",)))) == 2
    with pytest.raises(DataError, match=r"only=cats chooses none of 3 operations; .* pets, shops"):
        drafted(spec, only=("cats",))


def test_a_large_document_comes_to_a_bounded_file_and_says_what_is_not_in_it() -> None:
    item = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    paths: dict[str, Any] = {}
    for number in range(300):
        tag = f"area {number % 7}"
        paths[f"/things{number}"] = {
            "get": {"tags": [tag], "responses": answers({"type": "array", "items": item})},
            "post": {"tags": [tag], "requestBody": takes(item), "responses": answers(item, 201)},
        }
        paths[f"/things{number}/{{id}}"] = {
            "get": {"tags": [tag], "responses": answers(item)},
            "delete": {"tags": [tag], "responses": {"204": {"description": "gone"}}},
        }
    draft = drafted(document(paths))
    assert len(draft.journeys) == 12
    assert all(len(names) == 4 for names in steps(draft).values())
    assert "1,200 usable operations" in noted(draft, "The document has")
    assert len(drafted(document(paths), only=("area 0",)).journeys) == 40
    assert "area 3 (1" in noted(draft, "Operations that are not in the file, by tag")


def test_the_same_document_gives_the_same_draft() -> None:
    path = DATA / "bookings-3.1.json"
    options = OpenApiOptions(seed=5)
    assert read_openapi(path, options=options) == read_openapi(path, options=options)
