"""What the recording proxy changes in addresses, headers and cookies, both ways."""

from __future__ import annotations

import pytest

from perfwright.serve.recorder.rewriting import Fronted

FRONTED = Fronted(target="https://shop.example", front="http://127.0.0.1:8888")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("https://shop.example/cart", "http://127.0.0.1:8888/cart"),
        ("https://shop.example", "http://127.0.0.1:8888"),
        ("//shop.example/cart", "//127.0.0.1:8888/cart"),
        ("/cart", "/cart"),
        ("https://shop.example.org/", "https://shop.example.org/"),
        ("https://shop.example:8443/", "https://shop.example:8443/"),
        ("https://other.example/?next=https%3A%2F%2Fshop.example%2F",
         "https://other.example/?next=http%3A%2F%2F127.0.0.1%3A8888%2F"),
        (r'{"u":"https:\/\/shop.example\/a"}', r'{"u":"http:\/\/127.0.0.1:8888\/a"}'),
    ],
)  # fmt: skip
def test_the_targets_addresses_become_ours(theirs: str, ours: str) -> None:
    assert FRONTED.to_front(theirs) == ours


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a=1; Domain=shop.example; Path=/; Secure; HttpOnly", "a=1; Path=/; HttpOnly"),
        ("a=1; SameSite=None; Secure", "a=1"),
        ("a=1; SameSite=Lax", "a=1; SameSite=Lax"),
        ("__Host-a=1; Path=/; Secure", "__Host-a=1; Path=/; Secure"),
        (
            "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
            "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        ),
    ],
)
def test_cookies_are_kept_by_the_browser(given: str, kept: str) -> None:
    assert FRONTED.response_headers([(b"Set-Cookie", given.encode())]) == [
        (b"Set-Cookie", kept.encode())
    ]


def test_what_leads_a_browser_away_is_left_out() -> None:
    headers = [
        (b"strict-transport-security", b"max-age=9"),
        (b"alt-svc", b"h3"),
        (b"transfer-encoding", b"chunked"),
        (b"connection", b"close, x-hop"),
        (b"x-hop", b"1"),
        (b"content-security-policy", b"upgrade-insecure-requests; img-src https://shop.example"),
        (b"content-length", b"5"),
    ]
    assert FRONTED.response_headers(headers) == [
        (b"content-security-policy", b" img-src http://127.0.0.1:8888"),
        (b"content-length", b"5"),
    ]


def test_the_target_sees_its_own_name_and_is_asked_for_a_whole_answer() -> None:
    headers = [
        (b"host", b"127.0.0.1:8888"),
        (b"origin", b"http://127.0.0.1:8888"),
        (b"referer", b"http://127.0.0.1:8888/a"),
        (b"if-none-match", b"x"),
        (b"accept-encoding", b"br, zstd"),
        (b"cookie", b"a=1"),
    ]
    assert FRONTED.request_headers(headers) == [
        (b"host", b"shop.example"),
        (b"accept-encoding", b"gzip, deflate"),
        (b"origin", b"https://shop.example"),
        (b"referer", b"https://shop.example/a"),
        (b"cookie", b"a=1"),
    ]


def test_addresses_of_ours_in_a_query_become_the_targets() -> None:
    query = b"next=http%3A%2F%2F127.0.0.1%3A8888%2Fcart&q=%zz"
    told = FRONTED.request_target(b"/a%2fb", query)
    assert told == b"/a%2fb?next=https%3A%2F%2Fshop.example%2Fcart&q=%zz"
