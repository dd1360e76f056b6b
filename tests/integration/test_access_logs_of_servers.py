"""What real servers write is read as it was asked, in formats of their own configuration."""

from __future__ import annotations

import http.client
import time
from pathlib import Path

import pytest
from support.nginx import NGINX, nginx

from perfwright.sources.access_logs import read_access_logs

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
CUSTOM = (
    '$msec $request_time $request_method "$uri" "$args" $status $request_length $cookie_sid'
    ' "$http_user_agent" $remote_addr'
)
HOSTILE_AGENT = 'a "quoted" \\ agent é'


def ask(port: int) -> None:
    """Three requests: an ordinary one, one with odd characters, and one that is no HTTP."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for method, target, agent in (
        ("GET", "/items/7?page=2&q=a%20b", "Firefox"),
        ("POST", "/cart", HOSTILE_AGENT),
    ):
        connection.request(
            method,
            target,
            body=b"x" * 100 if method == "POST" else None,
            headers={"User-Agent": agent.encode(), "Cookie": "sid=s1"},
        )
        connection.getresponse().read()
    connection.close()


@needs_nginx
@pytest.mark.parametrize("named", ["combined", "custom"])
def test_a_log_of_nginx(tmp_path: Path, named: str) -> None:
    log = tmp_path / "access.log"
    server = (
        f"listen 127.0.0.1:PORT; location / {{ return 200 'hello'; }} access_log {log} {named};"
    )
    began_s = time.time()
    with nginx(tmp_path, {"shop": server}, http=f"log_format custom '{CUSTOM}';") as ports:
        ask(ports["shop"])
    told = {"log_format": CUSTOM} if named == "custom" else {}
    with read_access_logs([log], scratch=tmp_path, **told) as read:
        rows = read.connection.execute(
            "SELECT time_us / 1e6, client, agent, method, target, status FROM requests"
        ).fetchall()
        users = read.connection.execute('SELECT "user", bytes_received FROM requests').fetchall()
    assert [row[1:] for row in rows] == [
        ("127.0.0.1", "Firefox", "GET", "/items/7?page=2&q=a%20b", 200),
        ("127.0.0.1", HOSTILE_AGENT, "POST", "/cart", 200),
    ]
    assert all(abs(row[0] - began_s) < 10 for row in rows)
    assert read.facts.bad_lines == 0
    if named == "custom":
        assert [user for user, _ in users] == ["s1", "s1"]
        assert users[1][1] > 100
