"""Requests with their answers, as `run --once` shows them."""

from __future__ import annotations

from perfwright.model.exchange import Exchange


def login() -> Exchange:
    return Exchange(
        step="login",
        method="POST",
        url="http://127.0.0.1:8000/login",
        request_headers=(
            ("Host", "127.0.0.1:8000"),
            ("Authorization", "Bearer abcdefghijklmnopqrstuvwxyz"),
            ("Cookie", "session=a81c0123456789; theme=x"),
            ("Content-Type", "application/json"),
        ),
        request_body=b'{"name":"ann"}',
        status=200,
        reason="OK",
        response_headers=(
            ("Content-Type", "application/json"),
            ("Set-Cookie", "session=1234567890123; Path=/; HttpOnly"),
        ),
        response_body=b'{"token":"abc","items":[1,2]}',
        phases_ns={"connect": 120_000, "wait": 3_400_000, "receive": 0},
        response_ns=3_600_000,
        service_ns=3_500_000,
        outcome="ok",
        message="",
    )


def failed_upload() -> Exchange:
    return Exchange(
        step="photo",
        method="PUT",
        url="http://127.0.0.1:8000/photos/7",
        request_headers=(("Content-Type", "image/png"),),
        request_body=b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR" * 90,
        status=0,
        reason="",
        response_headers=(),
        response_body=b"",
        phases_ns={"send": 90_000},
        response_ns=10_000_000_000,
        service_ns=10_000_000_000,
        outcome="timeout",
        message="no answer within 10 s",
    )
