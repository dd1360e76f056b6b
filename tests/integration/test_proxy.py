"""Through an HTTP proxy: absolute targets for http, tunnels for https."""

from __future__ import annotations

import socket

import pytest
from support.certificates import Authority
from support.drive import once
from support.nginx import NGINX, nginx
from support.proxy import TINYPROXY, tinyproxy
from support.raw_server import answering, raw_server, read_head, wait_for_close

needs_tinyproxy = pytest.mark.skipif(
    TINYPROXY is None or NGINX is None, reason="needs tinyproxy and nginx: make test-servers"
)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    with tinyproxy(tmp_path_factory.mktemp("proxy")) as (url, log):
        yield url, log


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """An https server's URL and the authority to trust."""
    folder = tmp_path_factory.mktemp("secure")
    authority = Authority(folder)
    pair = authority.signed("server", "localhost", alternative="DNS:localhost")
    block = (
        f"listen 127.0.0.1:PORT ssl; ssl_certificate {pair.cert}; ssl_certificate_key {pair.key}; "
        'location / { return 200 "$connection_requests"; }'
    )
    with nginx(folder, {"secure": block}) as ports:
        yield f"https://localhost:{ports['secure']}", str(authority.ca)


@needs_tinyproxy
def test_plain_requests_go_through_the_proxy(calibration, proxy):
    async def visit(user):
        # This proxy may hang up after an answer: only what is idempotent can be sent again.
        answers = [await user.put("/echo?q=1", data=b"body") for _ in range(2)]
        await user.get("/cookie?name=a&value=1")
        answers.append(await user.get("/echo"))
        return [answer.json() for answer in answers]

    run = once(visit, target=calibration, proxy=proxy[0])
    first, _, last = run.value
    assert (first["path"], first["query"], first["body"]) == ("/echo", "q=1", "body")
    assert first["headers"]["host"] == calibration.removeprefix("http://")
    assert "via" in first["headers"]
    assert last["headers"]["cookie"] == "a=1"


@needs_tinyproxy
def test_tls_goes_through_a_tunnel_that_is_kept(proxy, secure):
    url, ca = secure

    async def visit(user):
        return [(await user.get("/", name="visit")).text for _ in range(3)]

    run = once(visit, target=url, ca=ca, proxy=proxy[0])
    assert run.value == ["1", "2", "3"]
    assert "CONNECT localhost:" in proxy[1].read_text()
    assert run.step("visit").measures["tls"].count == 1


@needs_tinyproxy
def test_a_target_that_the_proxy_cannot_reach_is_said(proxy, unused_port):
    _, error, message = once(visit, target=f"https://127.0.0.1:{unused_port}", proxy=proxy[0]).value
    assert error == "connect_failed"
    assert "proxy" in message


async def visit(user):
    answer = await user.get("/")
    return answer.status, answer.error, answer.error_message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\nwho are you?", "407"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnono", "403"),
        (b"HTTP/1.0 200 Connection established\r\n\r\n", ""),
        (b"", ""),
    ],
)
def test_a_proxy_that_refuses_or_closes_is_an_error_of_the_connection(answer, words):
    with raw_server(answering(answer)) as server:
        run = once(visit, target="https://shop.test", proxy=server.url)
    status, error, message = run.value
    assert status == 0
    assert error in ("connect_failed", "closed_early", "tls", "reset")
    assert words in message


def test_a_tunnel_is_asked_for_as_the_rules_say():
    asked = []

    def noting(connection: socket.socket, _: int) -> None:
        asked.append(read_head(connection))

    with raw_server(noting) as server:
        for target in ("https://shop.test", "https://[::1]:8443"):
            once(visit, target=target, proxy=server.url)
    assert asked[0].startswith(b"CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n")
    assert asked[1].startswith(b"CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n")


def test_user_information_in_the_proxys_url_is_for_the_proxy():
    asked = []

    def noting(connection: socket.socket, _: int) -> None:
        asked.append(read_head(connection))

    with raw_server(noting) as server:
        proxy = server.url.replace("http://", "http://ada:secret@")
        for target in ("https://shop.test", "http://shop.test"):
            once(visit, target=target, proxy=proxy)
    assert [b"Proxy-Authorization: Basic YWRhOnNlY3JldA==\r\n" in head for head in asked] == [
        True
    ] * 2
    assert not any(b"\r\nAuthorization" in head for head in asked)


def test_a_proxy_behind_tls_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"write http://127\.0\.0\.1:3128"):
        once(visit, target="http://shop.test", proxy="https://127.0.0.1:3128")


def test_a_silent_proxy_is_a_connect_timeout():
    def silent(connection: socket.socket, _: int) -> None:
        wait_for_close(connection)

    with raw_server(silent) as server:
        run = once(visit, target="https://shop.test", proxy=server.url, connect_timeout=0.1)
    assert run.value[1] == "connect_timeout"
