"""Correlation: what an answer gave and a later request holds becomes an extraction."""

from __future__ import annotations

import json

import pytest

from perfwright.model.journey import Extraction, Text, Var
from perfwright.sources.correlation.distinctive import is_distinctive
from perfwright.sources.correlation.exchanges import Answer, Exchange, Slot
from perfwright.sources.correlation.matching import correlate


@pytest.mark.parametrize(
    "text",
    [
        "d41d8cd98f00b204",
        "3f2b9a52-0c7e-4d8e-9a3b-1f1de6a0c9d4",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "cus_9s8d7fK2",
        "8731942",
        "ORD-000123",
        "dGhpcyBpcyBhIHRva2VuIQ==",
        "/wEPDwUKLTEyMzQ1Njc4OWRkS3x9Zm9vYmFy",
    ],
)
def test_random_texts_are_distinctive(text: str) -> None:
    assert is_distinctive(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "true", "200", "iphone15", "wool-scarf", "en-US", "2026-11-23", "1.2.3", "11111",
        "2026-11-23T10:00:00Z", "style.min.css", "ann@shop.example", "application/json",
        "electronics", "https://shop.example/a1b2c3d4e5", "a sentence with 123456 in it",
    ],
)  # fmt: skip
def test_ordinary_texts_are_not(text: str) -> None:
    assert not is_distinctive(text)


def test_a_token_of_a_json_answer_is_taken_by_pointer() -> None:
    found = correlate(
        [
            Exchange(method="POST", path="/login", answer=answered({"auth": {"token": TOKEN}})),
            request(Slot(key="h", name="Authorization", value=TOKEN)),
        ]
    )
    assert found.extracts == {0: (Extraction("token", "json", "/auth/token"),)}
    assert found.uses == {(1, "h"): Var("token")}


def test_a_value_inside_a_text_is_replaced_there() -> None:
    slot = Slot(key="b", name="next", value=f"/done?t={TOKEN}&x=1")
    found = correlate([exchange(answered({"token": TOKEN})), request(slot)])
    assert found.uses == {(1, "b"): Text(("/done?t=", Var("token"), "&x=1"))}


def test_a_value_that_the_client_sent_first_is_its_own() -> None:
    slot = Slot(key="h", name="client", value=TOKEN)
    echoing = Exchange(method="GET", path="/", slots=(slot,), answer=answered({"client": TOKEN}))
    assert correlate([echoing, request(slot)]).uses == {}


def test_an_answer_that_was_not_there_yet_gives_nothing() -> None:
    slow = Exchange(
        method="GET", path="/", answer=answered({"token": TOKEN}), sent_s=1, answered_s=5
    )
    early = Exchange(
        method="GET", path="/b", slots=(Slot(key="t", name="t", value=TOKEN),), sent_s=2
    )
    assert correlate([slow, early]).uses == {}


def test_a_hidden_input_is_found_whatever_the_order_of_its_attributes() -> None:
    for page in (
        f'<input type="hidden" name="_csrf" value="{TOKEN}">',
        f"<input value='{TOKEN}' type='hidden' name='_csrf'>",
        f'<meta name="csrf-token" content="{TOKEN}">',
        f"<input type=hidden name=csrf value={TOKEN}>",
    ):
        found = correlate([exchange(Answer(text=page)), request(slot_of(TOKEN))])
        (extraction,) = found.extracts[0]
        assert extraction.source == "regex"
        assert extraction.name in ("csrf", "csrf_token")


def test_a_view_state_of_many_kilobytes_is_followed() -> None:
    state = "/wEPDwUK" + "aB3dE6gH" * 8000
    page = Answer(text=f'<input type="hidden" name="__VIEWSTATE" id="v" value="{state}" />')
    found = correlate([exchange(page), request(slot_of(state, name="__VIEWSTATE"))])
    assert found.uses == {(1, "s"): Var("viewstate")}


def test_texts_made_to_be_slow_are_read_in_time() -> None:
    word, blank = "a1" * 100_000, " " * 100_000
    page = (
        f"<input {word} value='x'><input {word}{blank}={blank}<a:{word}>{word}=" + "<input " * 9999
    )
    correlate([exchange(Answer(text=page)), request(slot_of(word[:1000]), slot_of(word, key="t"))])


def test_a_value_in_a_script_is_found_by_what_stands_around_it() -> None:
    page = f"<script>\nwindow.app = {{nonce: '{TOKEN}', user: 1}};\n</script>"
    found = correlate([exchange(Answer(text=page)), request(slot_of(TOKEN, name="nonce"))])
    assert found.extracts[0] == (Extraction("nonce", "regex", "nonce: '([A-Za-z0-9_-]+)"),)


def test_a_header_and_a_cookie_are_taken_from_where_they_are() -> None:
    answer = Answer(headers=(("X-CSRF-Token", TOKEN),), cookies=(("XSRF-TOKEN", OTHER),))
    used = request(slot_of(TOKEN, key="a"), slot_of(OTHER, key="b"))
    found = correlate([exchange(answer), used])
    assert {one.source: one.expression for one in found.extracts[0]} == {
        "header": "X-CSRF-Token",
        "cookie": "XSRF-TOKEN",
    }


def test_of_several_places_that_hold_a_value_the_one_of_its_name_is_taken() -> None:
    page = Answer(text=f'<input name="csrf" value="{TOKEN}">', cookies=(("sid", TOKEN),))
    found = correlate([exchange(page), request(slot_of(TOKEN))])
    assert found.uses == {(1, "s"): Var("csrf")}


def test_a_short_id_of_what_was_made_is_followed_into_the_path() -> None:
    used = Slot(key="p", name="orders", value="11", in_path=True)
    for answer in (answered({"id": 11}), Answer(headers=(("Location", "/orders/11"),))):
        made = Exchange(method="POST", path="/orders", answer=answer)
        found = correlate([made, request(used)])
        assert found.uses[1, "p"] in (Text((Var("order_id"),)), Var("order_id")), answer


def test_a_short_number_elsewhere_is_left_alone() -> None:
    listed = Exchange(method="GET", path="/items", answer=answered([{"id": 11}, {"id": 12}]))
    used = Slot(key="p", name="items", value="11", in_path=True)
    assert correlate([listed, request(used)]).uses == {}


def test_the_final_address_of_a_redirect_gives_its_id() -> None:
    answer = Answer(url="https://shop.example/orders/8731942?new=1", text="thank you")
    used = Slot(key="p", name="orders", value="8731942", in_path=True)
    found = correlate([Exchange(method="POST", path="/buy", answer=answer), request(used)])
    assert found.extracts == {0: (Extraction("order_id", "url", "/orders/([^/?#]+)"),)}


def test_a_number_of_json_is_only_replaced_by_a_number() -> None:
    used = Slot(key="n", name="id", value="8731942", kind="number")
    text = correlate([exchange(answered({"id": "8731942"})), request(used)])
    number = correlate([exchange(answered({"id": 8731942})), request(used)])
    assert text.uses == {}
    assert number.uses == {(1, "n"): Var("id")}


def test_names_of_variables_differ() -> None:
    first, second = exchange(answered({"token": TOKEN})), exchange(answered({"token": OTHER}))
    found = correlate([first, second, request(slot_of(TOKEN, key="a"), slot_of(OTHER, key="b"))])
    assert [one.name for several in found.extracts.values() for one in several] == [
        "token",
        "token_2",
    ]


TOKEN = "a8F7d6C5b4e3"
OTHER = "Zq91xW72vU53"


def answered(document: object) -> Answer:
    return Answer(text=json.dumps(document))


def exchange(answer: Answer) -> Exchange:
    return Exchange(method="GET", path="/", answer=answer)


def request(*slots: Slot) -> Exchange:
    return Exchange(method="POST", path="/use", slots=slots)


def slot_of(value: str, *, key: str = "s", name: str = "csrf") -> Slot:
    return Slot(key=key, name=name, value=value)
