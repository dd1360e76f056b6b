"""Who asks: security schemes of OpenAPI documents as headers, parameters and logins."""

from __future__ import annotations

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
    said,
    sent,
    takes,
    url,
)

from perfwright.model.journey import Call, FromData, FromEnvironment, ScenarioDraft, Var

LOGIN = {
    "type": "object",
    "required": ["name", "password"],
    "properties": {"name": {"type": "string"}, "password": {"type": "string"}},
}
TOKEN = {"type": "object", "properties": {"token": {"type": "string"}}}


def secured(scheme: dict[str, Any], **paths: Any) -> ScenarioDraft:
    get = {"security": [{"shop_auth": ["read"]}], "responses": OK}
    components = {"securitySchemes": {"shop_auth": scheme}}
    more = {f"/{name}": path for name, path in paths.items()}
    return drafted(document({"/a": {"get": get}, **more}, components=components))


def login(body: dict[str, Any] = LOGIN, answer: dict[str, Any] = TOKEN) -> dict[str, Any]:
    return {"post": {"security": [], "requestBody": takes(body), "responses": answers(answer)}}


BEARER = ("Authorization", "Bearer {shop_token}")


@pytest.mark.parametrize(
    ("scheme", "header", "settings"),
    [
        ({"type": "http", "scheme": "bearer"}, BEARER, "SHOP_TOKEN"),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, ("X-Key", "{shop_key}"), "SHOP_KEY"),
        ({"type": "apiKey", "in": "cookie", "name": "s"}, ("Cookie", "s={shop_key}"), "SHOP_KEY"),
        ({"type": "oauth2", "flows": {"implicit": {}}}, BEARER, "SHOP_TOKEN"),
        ({"type": "openIdConnect"}, BEARER, "SHOP_TOKEN"),
    ],
)
def test_secrets_come_from_the_environment(
    scheme: dict[str, Any], header: tuple[str, str], settings: str
) -> None:
    draft = secured(scheme)
    ((name, value),) = all_calls(draft)["GET /a"].headers
    assert (name, said(value)) == header
    assert [one.origin for one in draft.variables][:1] == [FromEnvironment(settings)]
    assert settings in noted(draft, "Set these in the environment")
    assert draft.user_start == ()


def test_a_key_may_stand_in_the_query_and_basic_is_a_pair() -> None:
    draft = secured({"type": "apiKey", "in": "query", "name": "key"})
    assert all_calls(draft)["GET /a"].params == (("key", Var("shop_key")),)
    draft = secured({"type": "http", "scheme": "Basic"})
    assert all_calls(draft)["GET /a"].auth == (Var("shop_user"), Var("shop_password"))


@pytest.mark.parametrize(
    ("scheme", "setting"),
    [
        ("bearerAuth", "API_TOKEN"),
        ("petstore_auth", "PETSTORE_TOKEN"),
        ("\n; rm -rf /", "RM_RF_TOKEN"),
    ],
)
def test_settings_are_named_after_the_scheme(scheme: str, setting: str) -> None:
    components = {"securitySchemes": {scheme: {"type": "http", "scheme": "bearer"}}}
    paths = {"/a": {"get": {"security": [{scheme: []}]}}}
    draft = drafted(document(paths, components=components))
    assert draft.variables[0].origin == FromEnvironment(setting)


def test_client_credentials_get_a_token_once_a_user() -> None:
    draft = drafted_file("petstore-3.0.yaml")
    (call,) = draft.user_start
    assert isinstance(call, Call)
    assert url(call) == "https://auth.petstore.example.com/oauth/token"
    assert [(name, said(value)) for name, value in sent(call)] == [
        ("grant_type", "client_credentials"),
        ("client_id", "{petstore_client_id}"),
        ("client_secret", "{petstore_client_secret}"),
        ("scope", "write:pets read:pets"),
    ]
    ((_, header),) = all_calls(draft)["PUT /pet"].headers
    assert said(header) == "Bearer {access_token}"


def test_a_password_flow_asks_the_token_url_with_an_account() -> None:
    """As FastAPI's own documents have it: nothing is said of what the token's address answers."""
    body = takes(LOGIN, "application/x-www-form-urlencoded")
    flows = {"password": {"tokenUrl": "token", "scopes": {"read": ""}}}
    token = {"post": {"requestBody": body, "responses": OK}}
    draft = secured({"type": "oauth2", "flows": flows}, token=token)
    (call,) = draft.user_start
    assert isinstance(call, Call)
    assert url(call) == "/token"
    assert [(name, said(value)) for name, value in sent(call)] == [
        ("grant_type", "password"),
        ("username", "{account_username}"),
        ("password", "{account_password}"),
        ("scope", "read"),
    ]
    assert said(all_calls(draft)["GET /a"].headers[0][1]) == "Bearer {access_token}"
    assert "POST /token" not in all_calls(draft)
    (accounts,) = draft.data
    assert (accounts.name, accounts.columns) == ("accounts", ("username", "password"))
    assert len(set(accounts.rows)) > 1
    assert noted(draft, "Users log in by POST /token with accounts of data/accounts.csv")


def test_the_documents_own_login_gives_the_token() -> None:
    draft = secured({"type": "http", "scheme": "bearer"}, login=login())
    (call,) = draft.user_start
    assert isinstance(call, Call)
    assert sent(call) == {"name": Var("account_name"), "password": Var("account_password")}
    assert [(one.name, one.expression) for one in call.extracts] == [("token", "/token")]
    assert said(all_calls(draft)["GET /a"].headers[0][1]) == "Bearer {token}"
    assert "POST /login" not in all_calls(draft)
    (accounts,) = draft.data
    assert (accounts.name, accounts.columns) == ("accounts", ("name", "password"))
    origins = {one.name: one.origin for one in draft.variables}
    assert origins["account_password"] == FromData("accounts", "password")
    assert noted(draft, "Users log in by POST /login with accounts of data/accounts.csv")


def test_a_token_deeper_in_the_answer_is_found() -> None:
    (call,) = drafted_file("bookings-3.1.json").user_start
    assert isinstance(call, Call)
    assert call.extracts[0].expression == "/data/accessToken"


def test_a_login_by_form_says_its_grant_type() -> None:
    answer = {"properties": {"access_token": {"type": "string"}}}
    body = takes(LOGIN, "application/x-www-form-urlencoded")
    form = {"post": {"requestBody": body, "responses": answers(answer)}}
    flows = {"password": {"tokenUrl": "token", "scopes": {}}}
    draft = secured({"type": "oauth2", "flows": flows}, token=form)
    (call,) = draft.user_start
    assert isinstance(call, Call)
    assert [(name, said(value)) for name, value in sent(call)] == [
        ("name", "{account_name}"),
        ("password", "{account_password}"),
        ("grant_type", "password"),
    ]


def test_a_login_that_sets_a_cookie_needs_no_header() -> None:
    draft = secured({"type": "apiKey", "in": "cookie", "name": "sid"}, login=login(answer={}))
    assert len(draft.user_start) == 1
    assert all_calls(draft)["GET /a"].headers == ()


@pytest.mark.parametrize("name", ["register", "password-reset", "change-password"])
def test_what_only_looks_like_a_login_is_none(name: str) -> None:
    draft = secured({"type": "http", "scheme": "bearer"}, **{name: login()})
    assert draft.user_start == ()


def test_without_security_a_login_is_an_operation_like_any_other() -> None:
    draft = drafted(document({"/login": login()}))
    assert draft.user_start == ()
    assert "POST /login" in all_calls(draft)


def test_of_alternatives_the_first_that_can_be_had_is_taken() -> None:
    schemes = {
        "odd": {"type": "hmac"},
        "one": {"type": "apiKey", "in": "header", "name": "X-One"},
        "two": {"type": "apiKey", "in": "header", "name": "X-Two"},
    }
    get = {"security": [{"odd": []}, {"one": [], "two": []}, {}], "responses": OK}
    draft = drafted(document({"/a": {"get": get}}, components={"securitySchemes": schemes}))
    assert [name for name, _ in all_calls(draft)["GET /a"].headers] == ["X-One", "X-Two"]


def test_an_operation_may_be_open_though_the_document_is_not() -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    paths = {"/a": {"get": {"responses": OK}}, "/b": {"get": {"security": [], "responses": OK}}}
    draft = drafted(
        document(paths, components={"securitySchemes": schemes}, security=[{"key": []}])
    )
    assert all_calls(draft)["GET /a"].headers
    assert all_calls(draft)["GET /b"].headers == ()
