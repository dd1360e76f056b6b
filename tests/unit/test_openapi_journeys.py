"""What an OpenAPI document's operations become: journeys along the flow of ids."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.openapi_documents import (
    OK,
    all_calls,
    answers,
    document,
    drafted,
    drafted_file,
    noted,
    sent,
    steps,
    takes,
    url,
)

from perfwright.model.journey import Body, Call, FromData, ScenarioDraft, Text, Var

THING = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "label": {"type": "string"}},
}
GONE = {"204": {"description": "gone"}}


def life(thing: dict[str, Any] = THING) -> dict[str, Any]:
    return {
        "/things": {
            "get": {"responses": answers({"type": "array", "items": thing})},
            "post": {"requestBody": takes(thing), "responses": answers(thing, 201)},
        },
        "/things/{thingId}": {
            "delete": {"responses": GONE},
            "patch": {"requestBody": takes(thing), "responses": answers(thing)},
            "get": {"responses": answers(thing)},
        },
    }


def test_a_thing_is_created_read_updated_listed_and_deleted() -> None:
    draft = drafted(document(life()))
    assert steps(draft) == {
        "work with things": [
            "POST /things",
            "GET /things/{thingId}",
            "PATCH /things/{thingId}",
            "GET /things",
            "DELETE /things/{thingId}",
        ]
    }
    calls = all_calls(draft)
    (extraction,) = calls["POST /things"].extracts
    assert (extraction.name, extraction.source, extraction.expression) == (
        "thing_id",
        "json",
        "/id",
    )
    assert calls["GET /things/{thingId}"].url == Text(("/things/", Var("thing_id")))
    assert calls["DELETE /things/{thingId}"].url == Text(("/things/", Var("thing_id")))


def test_what_is_only_read_is_listed_and_one_of_the_list_read() -> None:
    paths = life()
    del paths["/things"]["post"], paths["/things/{thingId}"]["patch"]
    draft = drafted(document(paths))
    assert steps(draft) == {"browse things": ["GET /things", "GET /things/{thingId}"]}
    assert draft.journeys[0].weight == 3
    (extraction,) = all_calls(draft)["GET /things"].extracts
    assert (extraction.expression, extraction.any_entry) == ("/0/id", True)
    assert noted(draft, "Left out, since they would delete what the test did not make")


@pytest.mark.parametrize(
    ("parameter", "answer", "pointer"),
    [
        ("thingId", {"properties": {"id": {"type": "integer"}}}, "/id"),
        ("thing_id", {"properties": {"thingId": {"type": "integer"}}}, "/thingId"),
        ("id", {"properties": {"id": {"type": "string"}, "uuid": {"type": "string"}}}, "/id"),
        ("id", {"properties": {"thing_id": {"type": "string"}}}, "/thing_id"),
        ("uuid", {"properties": {"id": {"type": "string"}, "uuid": {"type": "string"}}}, "/uuid"),
        ("thing", {"properties": {"slug": {"type": "string"}}}, "/slug"),
        ("thingName", {"properties": {"id": {"type": "string"}, "name": {}}}, "/name"),
        ("id", {"properties": {"data": {"properties": {"id": {"type": "string"}}}}}, "/data/id"),
        ("id", {"properties": {"thing": {"properties": {"id": {}}}}}, "/thing/id"),
        ("id", {"properties": {"a/b": {}, "items": {"items": THING}}}, "/items/0/id"),
        ("id", {"oneOf": [{"properties": {"id": {"type": "string"}}}]}, "/id"),
        ("a~/b", {"properties": {"a~/b": {"type": "string"}}}, "/a~0~1b"),
    ],
)
def test_the_key_is_found_by_name_and_type(parameter: str, answer: Any, pointer: str) -> None:
    draft = drafted(
        document(
            {
                "/things": {"post": {"responses": answers(answer)}},
                f"/things/{{{parameter}}}": {"get": {"responses": OK}},
            }
        )
    )
    (extraction,) = all_calls(draft)["POST /things"].extracts
    assert extraction.expression == pointer


def test_a_location_ends_in_the_key() -> None:
    made = {"201": {"description": "made", "headers": {"location": {"schema": {}}}}}
    draft = drafted(
        document(
            {
                "/things": {"post": {"responses": made}},
                "/things/{id}": {"get": {"responses": OK}, "delete": {"responses": GONE}},
            }
        )
    )
    (extraction,) = all_calls(draft)["POST /things"].extracts
    assert (extraction.source, extraction.expression) == ("header", "Location")
    found = [
        re.search(extraction.pattern, f"http://h/things/{end}") for end in ("7", "7/", "7?a=/")
    ]
    assert [one[1] for one in found if one] == ["7", "7", "7"]
    assert url(all_calls(draft)["DELETE /things/{id}"]) == "/things/{thing_id}"


def test_a_property_of_another_type_is_not_the_key() -> None:
    draft = drafted(
        document(
            {
                "/things": {
                    "post": {"responses": answers({"properties": {"id": {"type": "object"}}})}
                },
                "/things/{id}": {"get": {"responses": OK}},
            }
        )
    )
    assert url(all_calls(draft)["GET /things/{id}"]) == "/things/{given_thing_id}"


def test_parents_are_made_first_and_cleaned_up_last() -> None:
    draft = drafted_file("bookings-3.1.json")
    assert steps(draft)["work with bookings"] == [
        "POST /users",
        "GET /stations",
        "POST /users/{userId}/bookings",
        "GET /users/{userId}/bookings/{bookingId}",
        "GET /users/{userId}/bookings",
        "DELETE /users/{userId}/bookings/{bookingId}",
        "DELETE /users/{userId}",
    ]
    calls = all_calls(draft)
    read = calls["GET /users/{userId}/bookings/{bookingId}"]
    assert url(read) == "/v1/users/{user_id}/bookings/{booking_id}"
    body = calls["POST /users/{userId}/bookings"]
    assert sent(body) == {"stationId": Var("station_id"), "seats": 3}


def test_links_of_answers_are_followed() -> None:
    draft = drafted_file("bookings-3.1.json")
    assert url(all_calls(draft)["POST /payments/{reference}"]) == "/v1/payments/{reference}"
    booking = draft.journeys[-1].items[4]
    assert getattr(booking, "name", "") == "POST /users/{userId}/bookings"
    (extraction,) = getattr(booking, "extracts", ())
    assert (extraction.name, extraction.expression) == ("reference", "/paymentReference")


@pytest.mark.parametrize(
    ("expression", "address"),
    [
        ("$response.body#/token", "/b/{given_or_token}"),
        ("$response.header.X-Token", "/b/{given_or_token}"),
        ("$request.query.q", "/b/books"),
        ("$request.body#/wish/x", "/b/5"),
        ("constant", "/b/constant"),
        ("$url", "/b/{given_token}"),
    ],
)
def test_every_expression_of_a_link_has_its_meaning(expression: str, address: str) -> None:
    link = {"operationRef": "#/paths/~1b~1{token}/get", "parameters": {"path.token": expression}}
    query = {"name": "q", "in": "query", "required": True, "example": "books", "schema": {}}
    draft = drafted(
        document(
            {
                "/a": {
                    "post": {
                        "parameters": [query],
                        "requestBody": takes({"const": {"wish": {"x": 5}}}),
                        "responses": {"201": {"description": "", "links": {"b": link}}},
                    }
                },
                "/b/{token}": {"get": {"responses": OK}},
            }
        )
    )
    expected = address.replace("given_or_token", "token")
    assert url(all_calls(draft)["GET /b/{token}"]) == expected


def test_a_name_that_its_creator_chooses_is_the_key_all_the_way() -> None:
    draft = drafted_file("petstore-3.0.yaml")
    calls = all_calls(draft)
    created, updated = sent(calls["POST /user"]), sent(calls["PUT /user/{username}"])
    assert created["username"] == Var("new_user_username")
    assert updated["username"] == Var("new_user_username")
    assert url(calls["GET /user/{username}"]) == "/api/v3/user/{new_user_username}"
    origins = {one.name: one.origin for one in draft.variables}
    assert origins["new_user_username"] == FromData("new_user", "username")
    (names,) = (one for one in draft.data if one.name == "new_user")
    assert len({row[0] for row in names.rows}) == 1000


def test_what_nothing_produces_comes_from_a_file_with_the_documents_examples() -> None:
    owner = {
        "name": "owner", "in": "path", "required": True, "schema": {"type": "string"},
        "examples": {"one": {"value": "octocat"}, "two": {"value": "mona"}},
    }  # fmt: skip
    draft = drafted(
        document(
            {
                "/repos/{owner}/{repo}": {"get": {"parameters": [owner], "responses": OK}},
                "/colours/{colour}": {
                    "get": {
                        "parameters": [
                            {"name": "colour", "in": "path", "schema": {"enum": ["red", "blue"]}}
                        ]
                    }
                },
            }
        )
    )
    assert url(all_calls(draft)["GET /repos/{owner}/{repo}"]) == "/repos/{given_owner}/{given_repo}"
    assert url(all_calls(draft)["GET /colours/{colour}"]) == "/colours/red"
    (file,) = draft.data
    assert (file.name, file.columns) == ("parameters", ("owner", "repo"))
    assert [row[0] for row in file.rows][:2] == ["octocat", "mona"]
    assert "owner, repo" in noted(draft, "Nothing produces these")


def test_lone_operations_of_a_tag_make_one_journey() -> None:
    paths = {f"/{verb}": {"get": {"tags": ["Reports"], "responses": OK}} for verb in "abcdefgh"}
    assert {name: len(names) for name, names in steps(drafted(document(paths))).items()} == {
        "reports": 6,
        "reports 2": 2,
    }


def test_a_search_for_things_stands_with_the_things() -> None:
    components = {"schemas": {"Thing": THING}}
    thing = {"$ref": "#/components/schemas/Thing"}
    paths = life(thing)
    paths["/search"] = {"get": {"responses": answers({"type": "array", "items": thing})}}
    draft = drafted(document(paths, components=components))
    assert "GET /search" in steps(draft)["work with things"]


def test_an_order_without_a_body_is_preceded_by_what_fills_the_basket() -> None:
    paths = {
        "/cart": {"post": {"requestBody": takes(THING), "responses": OK}, "get": {"responses": OK}},
        "/orders": {"post": {"responses": answers(THING, 201)}, "get": {"responses": OK}},
    }
    assert steps(drafted(document(paths)))["work with orders"] == [
        "POST /cart",
        "POST /orders",
        "GET /orders",
    ]


def test_operations_about_the_api_itself_and_logouts_are_left_out_and_told() -> None:
    paths = {
        "/healthz": {"get": {"responses": OK}},
        "/metrics": {"get": {"responses": OK}, "post": {"responses": OK}},
        "/auth/logout": {"post": {"responses": OK}},
    }
    draft = drafted(document(paths))
    assert all_calls(draft).keys() == {"POST /metrics"}
    assert "GET /healthz, GET /metrics" in noted(draft, "Left out, since they watch")
    assert "POST /auth/logout" in noted(draft, "Left out, since they would end a login")


def test_deleting_everything_is_left_out_even_of_an_own_collection() -> None:
    paths = life()
    paths["/things"]["delete"] = {"responses": GONE}
    draft = drafted(document(paths))
    assert "DELETE /things" not in all_calls(draft)
    assert noted(draft, "Left out, since they would delete").endswith("make: DELETE /things")


def test_what_was_only_updated_is_not_deleted() -> None:
    paths = life()
    del paths["/things"]["post"]
    paths["/things/{thingId}"]["put"] = paths["/things/{thingId}"].pop("patch")
    paths["/things/{thingId}/lock"] = {"put": {"responses": OK}, "delete": {"responses": GONE}}
    names = all_calls(drafted(document(paths))).keys()
    assert "DELETE /things/{thingId}" not in names
    assert "DELETE /things/{thingId}/lock" in names


def test_a_thing_made_under_another_path_is_found_and_deleted() -> None:
    paths = life()
    paths["/shops/{shopId}/things"] = {"post": paths.pop("/things")["post"]}
    paths["/shops"] = {"get": {"responses": answers({"type": "array", "items": THING})}}
    assert steps(drafted(document(paths)))["work with things"] == [
        "GET /shops",
        "POST /shops/{shopId}/things",
        "GET /things/{thingId}",
        "PATCH /things/{thingId}",
        "DELETE /things/{thingId}",
    ]


def test_optional_parameters_are_left_out_but_for_questions() -> None:
    parameters = [
        {"name": "offset", "in": "query", "example": "eyJ0"},
        {"name": "q", "in": "query", "example": "mug"},
    ]
    draft = drafted(document({"/a": {"get": {"parameters": parameters}}}))
    assert all_calls(draft)["GET /a"].params == (("q", "mug"),)


def test_an_envelope_without_required_properties_is_filled() -> None:
    inner = {"type": "object", "properties": {"notes": {"type": "string", "example": "hi"}}}
    schema = {"type": "object", "properties": {"data": inner}}
    draft = drafted(document({"/a": {"post": {"requestBody": takes(schema)}}}))
    assert sent(all_calls(draft)["POST /a"]) == {"data": {"notes": "hi"}}


@pytest.mark.parametrize(
    "media",
    [
        {"schema": {"type": "object"}, "example": "<pet/>"},
        {"schema": {}, "examples": {"a": {"value": {"id": 1}}, "b": {"value": "<pet/>"}}},
        {"schema": {"type": "string", "example": "<pet/>"}},
    ],
)
def test_xml_is_sent_as_the_documents_example_has_it(media: dict[str, Any]) -> None:
    call = _posted("application/xml", media)[0]
    assert call.body == Body("text", "<pet/>")
    assert call.headers == (("Content-Type", "application/xml"),)


def test_xml_without_an_example_is_left_to_be_written_and_told() -> None:
    call, draft = _posted("application/soap+xml", {"schema": {"properties": {"id": {}}}})
    assert call.body == Body("text", "")
    assert noted(draft, "XML bodies that the document has no example of").endswith("POST /pet")


def _posted(media_type: str, media: dict[str, Any]) -> tuple[Call, ScenarioDraft]:
    body = {"required": True, "content": {media_type: media}}
    draft = drafted(document({"/pet": {"post": {"requestBody": body, "responses": OK}}}))
    return all_calls(draft)["POST /pet"], draft


def test_answers_are_checked_by_status_and_shape() -> None:
    calls = all_calls(drafted_file("bookings-3.1.json"))
    checks = [(one.kind, one.expected) for one in calls["GET /stations/{stationId}"].expects]
    assert checks == [("status", (200,)), ("json_has", ("/id", "/name"))]
    checks = [(one.kind, one.expected) for one in calls["GET /users/{userId}/bookings"].expects]
    assert checks == [("status", (200,)), ("json_type", ("", "array"))]
    checks = [(one.kind, one.expected) for one in calls["DELETE /users/{userId}"].expects]
    assert checks == [("status", (204,))]


def test_a_chain_of_needs_that_comes_back_to_itself_ends() -> None:
    def needing(name: str) -> dict[str, Any]:
        return {
            "type": "object",
            "required": [name, "id"],
            "properties": {name: {"type": "string"}, "id": {"type": "string"}},
        }

    paths: dict[str, Any] = {}
    for own, other in (("hens", "eggId"), ("eggs", "henId")):
        paths[f"/{own}"] = {
            "post": {"requestBody": takes(needing(other)), "responses": answers(needing(other))}
        }
        paths[f"/{own}/{{id}}"] = {"get": {"responses": OK}}
    draft = drafted(document(paths))
    assert steps(draft)["work with hens"] == ["POST /eggs", "POST /hens", "GET /hens/{id}"]


def test_a_thing_of_the_list_is_not_deleted_in_place_of_the_one_that_was_made() -> None:
    paths = life()
    paths["/things"]["post"]["responses"] = {"201": {"description": "made"}}
    draft = drafted(document(paths))
    assert all_calls(draft)["GET /things/{thingId}"].url == Text(("/things/", Var("thing_id")))
    assert "DELETE /things/{thingId}" not in all_calls(draft)
