"""Whatever a HAR holds, it is read or refused in words, and what is secret is not in the draft."""

from __future__ import annotations

import contextlib
import json
import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.hars import calls_of, entry, har

from perfwright.model.errors import DataError
from perfwright.sources.har import HarOptions, read_har

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
URLS = st.sampled_from(
    [
        "https://shop.example/a?b=1&c", "http://[::1]:80/x", "http://[", "https://ann:pw@h/", "x",
        "ws://shop.example/s", "data:,x", "https://shop.example:99999/", "//h/p", "https:///p",
        "https://shop.example/%zz/%ff?%=%&&", "HTTPS://SHOP.example/A B\n",
    ]
)  # fmt: skip


@st.composite
def entries(draw: st.DrawFn) -> Any:
    """Entries in which any field may be missing, or of the wrong kind."""
    whole = entry(
        draw(st.sampled_from(["GET", "POST", "post", "", "x y"])),
        "/",
        body=draw(st.none() | JUNK.map(lambda value: json.dumps(value))),
        mime=draw(st.sampled_from(["application/json", "multipart/form-data", "", "a;boundary=("])),
        answer=draw(st.none() | st.text(max_size=20)),
        status=draw(st.sampled_from([0, 200, 302, 404, 599])),
        answer_headers=[("Location", draw(URLS)), ("Set-Cookie", "a=1\nb")],
        pageref=draw(st.none() | st.text(max_size=3)),
    )
    whole["request"]["url"] = draw(URLS)
    for path in draw(st.lists(st.sampled_from(FIELDS), max_size=3)):
        at: Any = whole
        for key in path[:-1]:
            at = at.get(key) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at[path[-1]] = draw(JUNK)
    return whole


FIELDS = (
    ("startedDateTime",), ("time",), ("request",), ("response",), ("pageref",), ("_resourceType",),
    ("request", "method"), ("request", "headers"), ("request", "postData"),
    ("request", "postData", "params"), ("request", "postData", "text"), ("response", "status"),
    ("response", "headers"), ("response", "content"), ("response", "content", "mimeType"),
    ("response", "content", "encoding"), ("response", "redirectURL"),
)  # fmt: skip


@given(st.lists(entries(), max_size=4), st.booleans())
def test_what_is_no_use_is_left_out_or_refused(recorded: list[Any], everything: bool) -> None:
    options = HarOptions(keep_static=everything, keep_third_party=everything)
    with contextlib.suppress(DataError):
        draft = read_har(har(*recorded), options=options)
        assert calls_of(draft)
        assert all(call.name and call.method for call in calls_of(draft))


@given(st.binary(max_size=200) | JUNK.map(lambda value: json.dumps({"log": value}).encode()))
def test_what_is_no_har_is_refused(content: bytes) -> None:
    with contextlib.suppress(DataError):
        read_har(content)


PLACES = ("password", "apiKey", "client_secret", "access_token", "cvv", "Authorization", "api-key")


@given(
    st.sampled_from(PLACES),
    st.text(string.ascii_letters + string.digits + "!$*+-./:_~", min_size=8, max_size=20).filter(
        lambda value: not value.isalpha()
    ),
    st.sampled_from(["json", "form", "query", "header", "deep", "xml"]),
)
def test_a_secret_is_in_no_draft(name: str, secret: str, place: str) -> None:
    secret = f"Q7{secret}"  # so that it is not found in words of ours
    form = "application/x-www-form-urlencoded"
    recorded = {
        "json": entry("POST", "/a", body={name: secret, "again": f"<{secret}>"}),
        "deep": entry("POST", "/a", body=[{"a": [{name: secret}]}]),
        "form": entry("POST", "/a", body=f"{name}={secret.replace('+', '%2B')}", mime=form),
        "query": entry("GET", f"/a?{name}={secret.replace('+', '%2B')}"),
        "header": entry("GET", "/a", headers={name: secret}),
        "xml": entry("POST", "/a", body=f"<x><{name}>{secret}</{name}></x>", mime="text/xml"),
    }[place]
    draft = read_har(har(recorded, entry("GET", f"/b?q={secret.replace('+', '%2B')}", at_s=1)))
    assert secret not in repr(draft)
