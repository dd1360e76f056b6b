"""The petstore, read as a whole: its lives, and the names of what it makes."""

from __future__ import annotations

from support.openapi_documents import (
    all_calls,
    document,
    drafted,
    drafted_file,
    noted,
    said,
    sent,
    steps,
    takes,
)

from perfwright.model.journey import Made, Var


def test_the_petstore_comes_to_its_three_lives() -> None:
    draft = drafted_file("petstore-3.0.yaml")
    assert draft.target == "https://petstore.example.com"
    assert steps(draft) == {
        "work with pet": [
            "POST /pet",
            "GET /pet/{petId}",
            "PUT /pet",
            "POST /pet/{petId}/uploadImage",
            "GET /pet/findByStatus",
            "DELETE /pet/{petId}",
        ],
        "work with order": [
            "POST /pet",
            "POST /store/order",
            "GET /store/order/{orderId}",
            "DELETE /store/order/{orderId}",
            "DELETE /pet/{petId}",
        ],
        "work with user": [
            "POST /user",
            "GET /user/{username}",
            "PUT /user/{username}",
            "DELETE /user/{username}",
        ],
        "store": ["GET /store/inventory"],
    }
    assert noted(draft, "Left out, since they are deprecated").endswith("GET /pet/findByTags")
    assert noted(draft, "The first of 2 servers").endswith("https://staging.petstore.example.com")


def test_an_update_without_an_id_in_its_path_has_it_in_its_body() -> None:
    body = sent(all_calls(drafted_file("petstore-3.0.yaml"))["PUT /pet"])
    assert body["id"] == Var("pet_id")


def test_names_and_addresses_of_new_things_differ_each_time() -> None:
    draft = drafted_file("petstore-3.0.yaml")
    calls = all_calls(draft)
    pet, user = sent(calls["POST /pet"]), sent(calls["POST /user"])
    assert said(pet["name"]) == "doggie-{unique}"
    assert said(user["email"]) == "john-{unique}@example.com"
    made = {one.name: one.origin for one in draft.variables}["unique"]
    assert made == Made("text", 8, 8)


def test_a_unique_name_keeps_to_its_length() -> None:
    name = {"type": "string", "maxLength": 10, "example": "a long example"}
    tiny = {"type": "string", "maxLength": 5}
    properties = {"name": name, "login": tiny}
    schema = {"type": "object", "required": ["name", "login"], "properties": properties}
    draft = drafted(document({"/a": {"post": {"requestBody": takes(schema)}}}))
    body = sent(all_calls(draft)["POST /a"])
    assert len(said(body["name"]).replace("{unique}", "x" * 8)) <= 10
    assert len(said(body["login"])) <= 5
