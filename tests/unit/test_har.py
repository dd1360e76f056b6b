"""HAR recordings become drafts: what is kept, found, replaced, told; and bad files are refused."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from support.hars import SITE, calls_of, entry, har

from perfwright.model.errors import DataError
from perfwright.model.journey import (
    Body,
    Call,
    FromData,
    FromEnvironment,
    Group,
    Made,
    Pause,
    ScenarioDraft,
    Text,
    Var,
)
from perfwright.model.think import Uniform
from perfwright.sources.har import HarOptions, is_har, read_har

PAGE = {"answer": "<html>", "answer_mime": "text/html", "_resourceType": "document"}


def test_a_login_is_correlated_and_its_password_is_not_written() -> None:
    draft = read(
        entry("POST", "/login", body={"name": "ann", "password": "s3cret"}, answer={"token": T}),
        entry("POST", "/orders", at_s=1, headers={"authorization": f"Bearer {T}"},
              status=201, answer={"id": 11}),
        entry("GET", "/orders/11", at_s=2, headers={"authorization": f"Bearer {T}"}),
    )  # fmt: skip
    login, order, receipt = calls_of(draft)
    assert login.body == Body("json", {"name": Var("username"), "password": Var("password")})
    assert order.headers == (("Authorization", Text(("Bearer ", Var("token")))),)
    assert receipt.url == Text(("/orders/", Var("order_id")))
    assert receipt.name == "GET /orders/{id}"
    origins = {one.name: one.origin for one in draft.variables}
    assert origins["password"] == FromEnvironment("PASSWORD")
    assert origins["username"] == FromData("users", "username")
    assert draft.data[0].rows == (("ann",),)
    assert "s3cret" not in repr(draft)
    assert T not in repr(draft)


def test_pages_hold_their_resources_and_pauses_lie_between() -> None:
    draft = read(
        entry("GET", "/", pageref="p1", **PAGE),
        entry("GET", "/app.js", at_s=0.1, answer_mime="text/javascript", pageref="p1"),
        entry("GET", "/api/news", at_s=0.2, _resourceType="fetch", pageref="p1"),
        entry("GET", "/cart", at_s=4.22, pageref="p2", **PAGE),
        pages=[{"id": "p1", "title": "Shop"}, {"id": "p2", "title": "Cart"}],
        static=True,
    )
    page, pause, cart = draft.journeys[0].items
    assert isinstance(page, Call)
    assert [one.name for one in page.resources] == ["GET /app.js", "GET /api/news"]
    assert pause == Pause(Uniform(low_s=2.0, high_s=6.0))
    assert isinstance(cart, Call)


def test_who_waits_for_a_slow_answer_does_not_think_and_who_goes_on_does() -> None:
    waited = read(entry("POST", "/slow", took_ms=15_000), entry("GET", "/next", at_s=16))
    went_on = read(entry("GET", "/poll", took_ms=15_000), entry("GET", "/next", at_s=8))
    assert waited.journeys[0].items[1] == Pause(Uniform(low_s=0.5, high_s=1.5))
    assert went_on.journeys[0].items[1] == Pause(Uniform(low_s=4.0, high_s=12.0))


def test_several_calls_of_one_action_are_a_group() -> None:
    draft = read(
        entry("GET", "/", pageref="p1", **PAGE),
        entry("POST", "/api/visit", at_s=0.1, body={}, pageref="p1"),
        pages=[{"id": "p1", "title": "Shop"}],
    )
    (group,) = draft.journeys[0].items
    assert isinstance(group, Group)
    assert group.name == "Shop"


def test_what_is_left_out_is_told() -> None:
    draft = read(
        entry("GET", "/", **PAGE),
        entry("GET", "/logo.png", answer_mime="image/png"),
        entry("GET", "https://ads.example.net/pixel"),
        entry("GET", "data:image/gif;base64,R0lGOD"),
        entry("GET", "/live", headers={"Upgrade": "websocket"}, status=101),
        entry("GET", "/events", answer_mime="text/event-stream"),
        entry("GET", "/gone", status=0),
        entry("OPTIONS", "/api", headers={"Access-Control-Request-Method": "POST"}),
        entry("GET", "/favicon.ico", answer_mime="image/x-icon"),
    )
    assert [call.name for call in calls_of(draft)] == ["GET /"]
    told = " ".join(draft.notes)
    for words in ("https://ads.example.net", "static", "WebSocket", "data:", "event stream",
                  "without an answer", "preflight"):  # fmt: skip
        assert words in told


def test_other_sites_and_static_files_are_kept_by_option() -> None:
    draft = read(
        entry("GET", "/", **PAGE),
        entry("GET", "/logo.png", answer_mime="image/png"),
        entry("GET", "https://api.elsewhere.example/x"),
        static=True,
        third_party=True,
    )
    urls = [call.url.parts[0] for call in calls_of(draft)]
    assert urls == ["/", "/logo.png", "https://api.elsewhere.example/x"]


def test_only_what_is_asked_for_is_kept() -> None:
    recorded = har(entry("GET", "/a/1"), entry("POST", "/a/2"), entry("GET", "/b"))
    for only, names in ((("/a/*",), ["GET /a/{id}", "POST /a/{id}"]), (("GET /b",), ["GET /b"])):
        draft = read_har(recorded, options=HarOptions(only=only))
        assert [call.name for call in calls_of(draft)] == names
        assert "--only" in draft.notes[0]


def test_a_subdomain_is_the_same_site() -> None:
    draft = read(entry("GET", "/", **PAGE), entry("GET", "https://api.shop.example/x"))
    assert draft.target == SITE
    assert [call.name for call in calls_of(draft)] == ["GET /", "GET /x"]


def test_redirects_are_folded_into_what_was_sent() -> None:
    draft = read(
        entry("POST", "/login", mime="application/x-www-form-urlencoded",
              body="user=ann&password=s3cret&csrf=", status=303,
              answer_headers=[("Location", "/home")]),
        entry("GET", "/home", at_s=0.1, answer=f'<input name="csrf" value="{T}">',
              answer_mime="text/html"),
        entry("POST", "/save", at_s=0.3, mime="application/x-www-form-urlencoded",
              body=f"csrf={T}&title=a+b"),
    )  # fmt: skip
    login, save = calls_of(draft)
    assert login.name == "POST /login"
    assert login.extracts[0].source == "regex"
    assert save.body == Body("form", (("csrf", Var("csrf")), ("title", "a b")))


def test_an_id_that_only_a_redirect_tells_is_taken_from_the_final_address() -> None:
    draft = read(
        entry("POST", "/buy", status=302, answer_headers=[("Location", "/orders/8731942")]),
        entry("GET", "/orders/8731942", at_s=0.1, answer="thanks", answer_mime="text/html"),
        entry("POST", "/pay", at_s=1, body={"order": "8731942"}),
    )
    buy, pay = calls_of(draft)
    assert buy.extracts[0].source == "url"
    assert pay.body == Body("json", {"order": Var(buy.extracts[0].name)})


def test_headers_that_a_browser_makes_are_dropped() -> None:
    sent = {
        ":authority": "shop.example", "host": "shop.example", "cookie": "a=1",
        "sec-fetch-mode": "cors", "user-agent": "x", "accept": "*/*", "referer": SITE,
        "content-type": "application/json", "x-requested-with": "XMLHttpRequest",
        "accept-encoding": "br", "traceparent": "00-1", "if-none-match": "x",
    }  # fmt: skip
    (call,) = calls_of(read(entry("POST", "/a", headers=sent, body={"a": 1})))
    assert call.headers == (("X-Requested-With", "XMLHttpRequest"),)


def test_graphql_is_named_by_its_operation() -> None:
    draft = read(
        entry("POST", "/graphql", body={"operationName": "GetCart", "query": "query GetCart {a}"}),
        entry("POST", "/graphql", body={"query": "mutation AddItem($id: ID!) { add(id: $id) }"}),
        entry("POST", "/graphql", body=[{"query": "query A {a}"}, {"query": "query B {b}"}]),
        entry("POST", "/search", body={"query": "blue mug"}),
    )
    names = [call.name for call in calls_of(draft)]
    assert names == ["GetCart", "AddItem", "A + B", "POST /search"]


def test_bodies_of_every_kind_are_taken_apart() -> None:
    boundary = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    parts = boundary.format("title", "", "a") + boundary.format("file", '; filename="c.png"', "")
    draft = read(
        entry("POST", "/m", mime="multipart/form-data; boundary=x", body=f"{parts}--x--\r\n"),
        entry("POST", "/t", mime="text/xml", body=f"<a><password>{T}</password></a>"),
        entry("POST", "/twice", body='{"a": 1, "a": 2}'),
        entry("POST", "/nan", body='{"a": NaN}'),
    )
    multipart, xml, twice, nan = (call.body for call in calls_of(draft))
    file = ("file", "c.png", "", "application/octet-stream")
    assert multipart == Body("multipart", (("title", "a"), file))
    assert xml == Body("text", Text(("<a><password>", Var("password"), "</password></a>")))
    assert twice == Body("text", '{"a": 1, "a": 2}')
    assert nan == Body("text", '{"a": NaN}')
    assert any("1 file uploaded" in note for note in draft.notes)


@pytest.mark.parametrize(
    "made",
    [
        {"headers": {"X-Api-Key": "k1l2m3n4o5"}},
        {"headers": {"Authorization": "Bearer k1l2m3n4o5"}},
        {"headers": {"Authorization": "Basic " + base64.b64encode(b"ann:k1l2m3n4o5").decode()}},
        {"url": "/a?api_key=k1l2m3n4o5"},
        {"url": "/a;jsessionid=k1l2m3n4o5"},
        {"body": {"user": {"Password": "k1l2m3n4o5"}}},
        {"body": "pin=k1l2m3n4o5", "mime": "application/x-www-form-urlencoded"},
        {"body": "<s:Envelope><s:Password>k1l2m3n4o5</s:Password>", "mime": "text/xml"},
        {"headers": {"X-Any": "eyJhbGciOiJI.eyJzdWIiOi.k1l2m3n4o5"}},
        {"body": {"client_secret": "k1l2m3n4o5", "note": "it is k1l2m3n4o5!"}},
    ],
)
def test_no_secret_is_written(made: dict[str, Any]) -> None:
    draft = read(entry("POST", made.pop("url", "/a"), **made))
    assert "k1l2m3n4o5" not in repr(draft)
    assert any("set the environment variable" in note for note in draft.notes)


def test_a_token_of_an_earlier_login_is_named_by_what_it_is() -> None:
    draft = read(entry("GET", "/me", headers={"Authorization": f"Bearer {T}"}))
    assert calls_of(draft)[0].headers == (
        ("Authorization", Text(("Bearer ", Var("bearer_token")))),
    )
    assert draft.variables[0].origin == FromEnvironment("BEARER_TOKEN")


def test_names_and_comments_hold_no_token_of_a_path() -> None:
    draft = read(
        entry("GET", f"/invite/{T}", status=302, answer_headers=[("Location", f"/welcome/{T}")]),
        entry("GET", f"/welcome/{T}", at_s=0.1),
        entry("POST", f"/reset-token/{T}", at_s=0.2),
    )
    (group,) = draft.journeys[0].items
    assert isinstance(group, Group)
    assert group.name == "after GET /invite/{id}"
    assert [call.comment for call in calls_of(draft)] == ["redirected to /welcome/{id}", ""]


def test_what_only_sounds_secret_is_kept() -> None:
    draft = read(
        entry("GET", "/users/password/edit"),
        entry("POST", "/api/token/refresh", at_s=0.1, body={"token_type": "bearer", "otp": ""}),
        entry("GET", "/list?pageToken=abc123def&show_password=1", at_s=0.2),
    )
    assert draft.variables == ()


def test_values_of_the_moment_are_made_anew() -> None:
    moment_ms = 1_795_428_000_000  # 2026-11-23T10:00:00Z
    (call,) = calls_of(
        read(
            entry("POST", f"/a?_={moment_ms + 50}", body={"a": 1},
                  headers={"Idempotency-Key": "3f2b9a52-0c7e-4d8e-9a3b-1f1de6a0c9d4"})
        )
    )  # fmt: skip
    draft = read(entry("POST", f"/a?_={moment_ms}", headers={"Idempotency-Key": "k-123456"}))
    assert {one.origin for one in draft.variables} == {Made("uuid"), Made("now_epoch_ms")}
    assert isinstance(call.params[0][1], Text)


def test_entries_out_of_order_and_odd_times_are_put_right() -> None:
    draft = read(
        entry("GET", "/second", at_s=5, took_ms=-1),
        entry("GET", "/first", at_s=1, took_ms=-5000),
        {"startedDateTime": "soon", "time": "NaN", "request": {"url": SITE + "/undated"},
         "response": {"status": 200}},
    )  # fmt: skip
    assert [call.name for call in calls_of(draft)] == ["GET /first", "GET /undated", "GET /second"]


def test_a_recorded_error_of_the_client_is_expected_and_one_of_the_server_is_not() -> None:
    draft = read(entry("GET", "/none", status=404), entry("GET", "/broken", status=500))
    missing, broken = calls_of(draft)
    assert missing.statuses == (404,)
    assert broken.statuses == ()


@pytest.mark.parametrize(
    ("recorded", "checks"),
    [
        ({"answer": [1]}, ["GET /a answers 200", "GET /a answers JSON"]),
        ({"answer": "<p>", "answer_mime": "text/html"}, ["GET /a answers 200"]),
        ({"answer": "{torn"}, ["GET /a answers 200"]),
        ({"status": 204}, ["GET /a answers 204"]),
        ({"status": 206}, []),
        ({"status": 304}, []),
        ({"status": 404}, []),
        ({"status": 500}, []),
    ],
)
def test_an_answer_is_checked_to_come_as_it_was_recorded(
    recorded: dict[str, Any], checks: list[str]
) -> None:
    (call,) = calls_of(read(entry("GET", "/a", **recorded)))
    assert [one.name for one in call.expects] == checks


def test_after_a_redirect_the_last_answer_is_checked() -> None:
    there = [("Location", "/home")]
    (call,) = calls_of(
        read(
            entry("POST", "/login", status=303, answer_headers=there),
            entry("GET", "/home", at_s=0.1, **PAGE),
        )
    )
    assert [(one.kind, one.expected) for one in call.expects] == [("status", (200,))]


def test_what_a_page_fetches_beside_is_not_checked() -> None:
    draft = read(
        entry("GET", "/", **PAGE), entry("GET", "/news", at_s=0.1, answer={}, _resourceType="fetch")
    )
    page, beside = calls_of(draft)
    assert page.expects and not beside.expects


def test_recordings_without_bodies_or_cookies_are_told_of() -> None:
    plain = {**entry("GET", "/"), "response": {"status": 200}}
    notes = " ".join(read(plain, creator={"name": "WebInspector"}).notes)
    assert "no bodies" in notes
    assert "with sensitive data" in notes


def test_a_recording_from_the_middle_of_a_session_is_told_of() -> None:
    notes = read(entry("GET", "/", headers={"Cookie": "sid=abc; theme=dark"}, **PAGE)).notes
    assert any("sid (1), theme (1)" in note and "abc" not in note for note in notes)


def test_text_that_is_coded_or_marked_is_read() -> None:
    coded = base64.b64encode(json.dumps({"token": T}).encode()).decode()
    login = entry("POST", "/login")
    login["response"]["content"] |= {"text": coded, "encoding": "base64"}
    me = entry("GET", "/me", at_s=1, headers={"X-Token": T})
    document = har(login, me)
    login["response"]["content"].pop("mimeType")  # as mitmproxy leaves it out
    login["response"]["headers"] = [{"name": "Content-Type", "value": "application/json"}]
    for content in (document, har(login, me), b"\xef\xbb\xbf" + document, gzip.compress(document)):
        assert calls_of(read_har(content))[1].headers == (("X-Token", Var("token")),)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1"),
        (b"\x00\x01\x02", "no whole JSON document"),
        (har(entry("GET", "/"))[:-20], "it ends in the middle"),
        (b'{"log": {"entries": [{"request": {"url": "htt', "it ends in the middle"),
        (b"[]", "no list log.entries"),
        (b'{"log": {"entries": []}}', "holds no request"),
        (b'{"log": {"entries": [{}, 7, null]}}', "holds no request"),
        (har(entry("GET", "data:text/plain,x")), "no request over HTTP"),
        (har(entry("GET", "/", status=0)), "none is left to test: 1 unanswered"),
        (b"[" * 100_000, "no JSON document"),
        (b"\x1f\x8b\x08nonsense", "cannot be read"),
    ],
)
def test_a_file_that_is_no_har_is_refused_in_words(content: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_har(content)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.har: cannot be read"):
        read_har(tmp_path / "none.har")


def test_hostile_names_stay_text() -> None:
    evil = '"); import os; os.system("x") #\u202e\x00\n'
    draft = read(
        entry("GET", "/../../etc/passwd/" + "a" * 100_000),
        entry("POST", f"/{evil}", at_s=1, headers={evil: "x", "X-A": evil}, body={evil: evil}),
        pages=[{"id": "p", "title": evil}],
    )
    long, odd = calls_of(draft)
    assert len(long.name) <= 120
    assert odd.body == Body("json", {evil: evil})
    assert [name for name, _ in odd.headers] == ["X-A"]


def test_texts_made_to_be_slow_are_read_in_time() -> None:
    word, blank = "a" * 200_000, " " * 200_000
    body = f"{word}{blank}{word}:<{word}{blank}>{word}{blank}=" + '"' * 200_000
    read(entry("POST", "/a", mime="text/plain", body=body), entry("GET", f"/{word}", at_s=1))


def test_it_is_recognised_by_its_beginning() -> None:
    assert is_har(b'\xef\xbb\xbf{ "log": {\n "version": "1.2", "creator": {')
    assert is_har(har(entry("GET", "/"))[:4096])
    assert not is_har(b'{"openapi": "3.1.0"}')
    assert not is_har(b'{"log": "entries"}')


T = "a8F7d6C5b4e3"


def read(*entries: dict[str, Any], static: bool = False, third_party: bool = False,
         **log: object) -> ScenarioDraft:  # fmt: skip
    options = HarOptions(keep_static=static, keep_third_party=third_party)
    return read_har(har(*entries, **log), options=options)
