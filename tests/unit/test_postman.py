"""Postman collections become journeys: variables, authorization, bodies, scripts by pattern."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perfwright.model.calls import calls_in
from perfwright.model.errors import DataError
from perfwright.model.journey import (
    Body,
    Call,
    Expectation,
    Extraction,
    FromData,
    FromEnvironment,
    Group,
    Made,
    ScenarioDraft,
    Text,
    Var,
)
from perfwright.sources.postman import is_postman, is_postman_environment, read_postman

DATA = Path(__file__).parent.parent / "data" / "collections"
COLLECTION = DATA / "shop.postman_collection.json"
ENVIRONMENT = DATA / "shop.postman_environment.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def read(folder: Path, *items: object, **members: object) -> ScenarioDraft:
    path = folder / "c.json"
    whole = {"info": {"name": "C", "schema": SCHEMA}, "item": items, **members}
    path.write_text(json.dumps(whole))
    return read_postman(path)


def request(url: object = "http://h/a", *, name: str = "R", test: str = "", **members: object):  # type: ignore[no-untyped-def]
    event = [{"listen": "test", "script": {"exec": test.split("\n")}}] if test else []
    return {"name": name, "event": event, "request": {"method": "GET", "url": url, **members}}


def calls_of(draft: ScenarioDraft) -> list[Call]:
    return [call for journey in draft.journeys for call in calls_in(journey.items)]


def only_call(draft: ScenarioDraft) -> Call:
    (call,) = calls_of(draft)
    return call


def test_folders_that_need_each_other_are_groups_of_one_journey() -> None:
    draft = read_postman(COLLECTION, environments=(ENVIRONMENT,))
    (journey,) = draft.journeys
    groups = [item.name for item in journey.items if isinstance(item, Group)]
    assert (journey.name, groups) == ("Shop", ["Accounts", "Orders"])
    assert draft.target == "http://127.0.0.1:8000"
    assert calls_of(draft)[0].extracts == (Extraction("token", "json", "/token"),)


def test_folders_that_stand_alone_are_journeys_of_their_own(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        {"name": "One", "item": [request()]},
        {"name": "Two", "item": [request(name="S")]},
        request(name="loose"),
    )
    assert [journey.name for journey in draft.journeys] == ["One", "Two", "C"]


def test_authorization_is_inherited_unless_a_request_has_its_own() -> None:
    login, cart, _ = calls_of(read_postman(COLLECTION))
    assert login.headers == ()
    assert cart.headers == (("Authorization", Text(("Bearer ", Var("token")))),)


def test_an_environments_secret_is_left_to_the_environment() -> None:
    draft = read_postman(COLLECTION, environments=(ENVIRONMENT,))
    origins = {variable.name: variable.origin for variable in draft.variables}
    assert origins["password"] == FromEnvironment("PASSWORD")
    assert "06429e1c6a63" not in repr(draft)


def test_numbers_without_quotes_stay_numbers() -> None:
    body = calls_of(read_postman(COLLECTION))[1].body
    assert body == Body("json", {"id": Var("int"), "quantity": 2})


def test_paths_and_queries_are_put_together_from_their_parts() -> None:
    item = calls_of(read_postman(COLLECTION))[2]
    assert item.url == Text(("/items/7",))
    assert item.params == (("sort", "name up"),)


def test_lines_of_scripts_that_are_not_understood_are_listed() -> None:
    notes = read_postman(COLLECTION).notes
    assert any("postman.setNextRequest(null);" in note for note in notes)
    assert not any("pm.response.to.have.status" in note for note in notes)


def test_dynamic_variables_are_made_or_come_from_made_up_rows(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        request("http://h/{{$guid}}/{{$timestamp}}/{{$randomEmail}}/{{$randomEmail}}"),
    )
    origins = [variable.origin for variable in draft.variables]
    assert origins == [
        Made("uuid"),
        Made("now_epoch_s"),
        FromData("made_up", "email"),
        FromData("made_up", "email_2"),
    ]
    (file,) = draft.data
    emails = {row[0] for row in file.rows}
    assert len(emails) == len(file.rows) and all("@example." in email for email in emails)


AUTHS = [
    ({"type": "basic", "basic": {"username": "ann", "password": "hunter2"}}, "auth"),
    ({"type": "apikey", "apikey": [{"key": "key", "value": "X-Key"},
                                   {"key": "value", "value": "hunter2"}]}, "X-Key"),
    ({"type": "apikey", "apikey": [{"key": "key", "value": "k"}, {"key": "in", "value": "query"},
                                   {"key": "value", "value": "hunter2"}]}, "params"),
    ({"type": "oauth2", "oauth2": [{"key": "accessToken", "value": "hunter2"}]}, "Authorization"),
    ({"type": "bearer", "bearer": {"token": "hunter2"}}, "Authorization"),
]  # fmt: skip


@pytest.mark.parametrize(("auth", "where"), AUTHS)
def test_each_kind_of_authorization_keeps_its_secret_out(
    tmp_path: Path, auth: object, where: str
) -> None:
    draft = read(tmp_path, request(auth=auth))
    call = only_call(draft)
    if where == "auth":
        assert call.auth is not None and call.auth[0] == "ann"
    elif where == "params":
        assert call.params[0][0] == "k"
    else:
        assert call.headers[0][0] == where
    assert "hunter2" not in repr(draft)
    assert any(isinstance(variable.origin, FromEnvironment) for variable in draft.variables)


def test_other_authorization_is_told(tmp_path: Path) -> None:
    notes = read(tmp_path, request(auth={"type": "hawk", "hawk": []})).notes
    assert any("'hawk' is not translated" in note for note in notes)


BODIES = [
    ({"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1"},
                                           {"key": "b", "value": "2", "disabled": True}]},
     Body("form", (("a", "1"),))),
    ({"mode": "formdata", "formdata": [{"key": "f", "type": "file", "src": ["/x/cat.png"]},
                                       {"key": "a", "value": "1"}]},
     Body("multipart", (("f", "cat.png", "(content of cat.png)", "application/octet-stream"),
                        ("a", "1")))),
    ({"mode": "graphql", "graphql": {"query": "{ me { id } }", "variables": "{\"n\": 1}"}},
     Body("json", {"query": "{ me { id } }", "variables": {"n": 1}})),
    ({"mode": "raw", "raw": "<a/>", "options": {"raw": {"language": "xml"}}}, Body("text", "<a/>")),
    ({"mode": "raw", "raw": "{\"a\": 1", "options": {"raw": {"language": "json"}}},
     Body("text", "{\"a\": 1")),
    ({"mode": "file", "file": {"src": "/x/y.bin"}}, None),
    ({"mode": "raw", "raw": "x", "disabled": True}, None),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_bodies_of_all_modes(tmp_path: Path, body: object, expected: Body | None) -> None:
    assert only_call(read(tmp_path, request(method="POST", body=body))).body == expected


def test_a_get_has_no_body(tmp_path: Path) -> None:
    body = {"mode": "raw", "raw": "x"}
    assert only_call(read(tmp_path, request(body=body))).body is None


SCRIPTS = [
    ("pm.test('ok', () => pm.response.to.have.status(201));",
     Expectation("ok", "status", (201,))),
    ("pm.expect(pm.response.code).to.be.oneOf([200, 204]);",
     Expectation("status 200, 204", "status", (200, 204))),
    ("pm.test(\"fast\", function () { pm.expect(pm.response.responseTime).to.be.below(200); });",
     Expectation("fast", "within_ms", (200,))),
    ("tests['found'] = responseCode.code === 200;", Expectation("found", "status", (200,))),
    ("tests[\"has\"] = responseBody.has(\"mug\");", Expectation("has", "contains", ("mug",))),
    ("pm.test('has', () => pm.expect(pm.response.text()).to.include(\"mug\"));",
     Expectation("has", "contains", ("mug",))),
    ("const d = pm.response.json();\npm.test('n', () => { pm.expect(d.a[0].b).to.eql(7); });",
     Expectation("n", "json_equals", ("/a/0/b", 7))),
    ("let {data} = pm.response.json();\npm.test('t', () => pm.expect(data.id).to.be.a('string'));",
     Expectation("t", "json_type", ("/data/id", "string"))),
    ("let d = pm.response.json();\npm.test('t', () => "
     "pm.expect(d.list).to.be.an('array').that.is.not.empty);",
     Expectation("t", "json_type", ("/list", "array"))),
    ("let d = pm.response.json();\npm.test('t', () => pm.expect(d.ok).to.be.true);",
     Expectation("t", "json_equals", ("/ok", True))),
    ("pm.test('j', () => { pm.response.to.be.json; pm.response.json(); });",
     Expectation("j", "json_has", ("",))),
    ("pm.test('p', () => { pm.expect(pm.response.json()).to.have.property('id'); });",
     Expectation("p", "json_has", ("/id",))),
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_checks_of_scripts_become_expectations(
    tmp_path: Path, script: str, expected: Expectation
) -> None:
    draft = read(tmp_path, request(test=script))
    assert only_call(draft).expects == (expected,)
    assert not any("not translated" in note for note in draft.notes)


EXTRACTIONS = [
    ("pm.environment.set(\"t\", pm.response.json().data.token);",
     Extraction("t", "json", "/data/token")),
    ("var j = JSON.parse(responseBody);\npostman.setEnvironmentVariable('t', j['a b'][0]);",
     Extraction("t", "json", "/a b/0")),
    ("pm.globals.set('t', pm.response.headers.get('X-Token'));",
     Extraction("t", "header", "X-Token")),
    ("pm.variables.set('t', pm.cookies.get('sid'))", Extraction("t", "cookie", "sid")),
    ("const t = pm.response.json().id;\npm.collectionVariables.set('t', String(t));",
     Extraction("t", "json", "/id")),
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), EXTRACTIONS)
def test_what_scripts_keep_becomes_an_extraction(
    tmp_path: Path, script: str, expected: Extraction
) -> None:
    assert only_call(read(tmp_path, request(test=script))).extracts == (expected,)


def test_an_expected_failure_is_no_error(tmp_path: Path) -> None:
    draft = read(tmp_path, request(test="pm.response.to.have.status(404);"))
    assert only_call(draft).statuses == (404,)


def test_a_script_before_a_request_may_make_values(tmp_path: Path) -> None:
    script = {"listen": "prerequest", "script": {"exec": [
        "pm.environment.set('now', Date.now());",
        "pm.variables.set('who', pm.variables.replaceIn('{{$guid}}@h'));"]}}  # fmt: skip
    item = {**request("http://h/{{now}}/{{who}}"), "event": [script]}
    draft = read(tmp_path, item)
    assert [variable.origin for variable in draft.variables] == [
        Made("now_epoch_ms"),
        Made("uuid"),
    ]


def test_a_variable_used_before_it_is_filled_has_a_value_at_first(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        request("http://h/{{id}}", test="pm.environment.set('id', pm.response.json().id);"),
        request("http://h/{{id}}", name="S"),
        variable=[{"key": "id", "value": "7"}],
    )
    first, second = calls_of(draft)
    assert first.url == Text(("/", Var("id at first")))
    assert second.url == Text(("/", Var("id")))


def test_variables_that_name_each_other_stay_bounded(tmp_path: Path) -> None:
    variables = [{"key": f"v{n}", "value": f"{{{{v{n + 1}}}}}" * 10} for n in range(12)]
    looped = [{"key": "a", "value": "{{b}}x"}, {"key": "b", "value": "{{a}}y"}]
    draft = read(tmp_path, request("http://h/{{v0}}/{{a}}"), variable=[*variables, *looped])
    assert len(only_call(draft).url.parts) < 5000


def test_a_host_without_a_value_is_left_for_the_target(tmp_path: Path) -> None:
    draft = read(tmp_path, request("{{baseUrl}}/items"))
    assert draft.target == ""
    assert only_call(draft).url == Text(("/items",))
    assert any("--target" in note for note in draft.notes)


def test_collections_and_environments_are_told_apart() -> None:
    assert is_postman(COLLECTION.read_bytes())
    assert not is_postman(ENVIRONMENT.read_bytes())
    assert is_postman_environment(ENVIRONMENT.read_bytes())
    assert not is_postman_environment(COLLECTION.read_bytes())
    openapi = b'{"openapi": "3.1.0", "info": {}, "x": {"request": 1, "item": [], "values": [1]}}'
    assert not is_postman(openapi) and not is_postman_environment(openapi)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "[" * 100_000, '{"item": []}', '{"requests": [], "id": "x"}']
)
def test_what_is_no_collection_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"bad\.json"):
        read_postman(path)


def test_a_secret_in_a_body_that_stays_text_is_not_kept(tmp_path: Path) -> None:
    raw = '{"n": {{n}}, "password": "hunter2", "note": "<token>hunter2</token>"}'
    body = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    draft = read(tmp_path, request(method="POST", body=body))
    assert "hunter2" not in repr(draft).replace("<token>hunter2", "")
    assert isinstance(only_call(draft).body, Body)


def test_a_secret_in_an_address_is_not_kept(tmp_path: Path) -> None:
    draft = read(tmp_path, request("http://ann:hunter2@h/a?api_key=hunter2&page=1"))
    call = only_call(draft)
    assert call.auth is not None and call.auth[0] == "ann"
    assert [name for name, _ in call.params] == ["api_key", "page"]
    assert "hunter2" not in repr(draft)


def test_placeholders_of_an_imported_document_are_filled_but_tags_of_xml_are_not(
    tmp_path: Path,
) -> None:
    raw = '{"id": "<long>", "name": "<string>"}'
    body = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    xml = {"mode": "raw", "raw": "<string>a</string>", "options": {"raw": {"language": "xml"}}}
    draft = read(
        tmp_path,
        request("http://h/pets/<uuid>", method="POST", body=body),
        request(name="S", method="POST", body=xml),
    )
    first, second = calls_of(draft)
    assert first.url == Text(("/pets/", Var("guid")))
    assert first.body == Body("json", {"id": Var("int"), "name": Var("word")})
    assert second.body == Body("text", "<string>a</string>")
