"""TLS against nginx: what is trusted, who we are, which versions, and what resuming saves."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from support.certificates import Authority, KeyPair
from support.drive import load, once
from support.nginx import NGINX, nginx
from support.raw_server import raw_server, read_head

from perfwright.plan.shapes import users

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx: make test-servers")

_SAY = 'return 200 "$ssl_protocol $ssl_session_reused $ssl_server_name $ssl_client_s_dn";'


@dataclass(frozen=True, slots=True)
class TlsServers:
    authority: Authority
    ports: dict[str, int]

    @property
    def trusted(self) -> str:
        return str(self.authority.ca)

    def url(self, name: str, host: str = "localhost") -> str:
        return f"https://{host}:{self.ports[name]}"


def _server(pair: KeyPair, more: str = "", location: str = _SAY) -> str:
    return (
        f"listen 127.0.0.1:PORT ssl; ssl_certificate {pair.cert}; ssl_certificate_key {pair.key}; "
        f"{more} location / {{ {location} }}"
    )


@pytest.fixture(scope="module")
def servers(tmp_path_factory) -> Iterator[TlsServers]:
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder)
    here = "DNS:localhost,IP:127.0.0.1"
    good = authority.signed("good", "localhost", alternative=here)
    wrong_name = authority.signed("wrong", "elsewhere", alternative="DNS:elsewhere.test")
    lonely = authority.self_signed("lonely", "localhost", alternative=here)
    authority.signed("client", "ada", alternative="DNS:ada")
    (folder / "big").write_bytes(b"x" * 5_000_000)
    both = "ssl_protocols TLSv1.2 TLSv1.3;"
    mutual = f"ssl_client_certificate {authority.ca}; ssl_verify_client "
    blocks = {
        "good": _server(good, f"{both} root {folder}; location /big {{ }} location /drop "
                              "{ keepalive_timeout 0; " + _SAY + " }"),
        "tls12": _server(good, "ssl_protocols TLSv1.2;"),
        "tls13": _server(good, "ssl_protocols TLSv1.3;"),
        "tls11": _server(good, "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"),
        "wrong_name": _server(wrong_name, both),
        "self_signed": _server(lonely, both),
        "mutual": _server(good, f"{both} {mutual} on;"),
        "h2_too": _server(good, both).replace(" ssl;", " ssl http2;"),
    }  # fmt: skip
    with nginx(folder, blocks) as ports:
        yield TlsServers(authority, ports)


async def visit(user):
    answer = await user.get("/", name="visit")
    return answer.text if answer.ok else f"{answer.error}: {answer.error_message}"


@pytest.mark.parametrize(("name", "version"), [("tls12", "TLSv1.2"), ("tls13", "TLSv1.3")])
def test_a_trusted_server_is_spoken_to_in_its_version(servers, name, version):
    run = once(visit, target=servers.url(name), ca=servers.trusted)
    assert run.value.split() == [version, ".", "localhost"]
    assert {"connect", "tls", "wait"} <= run.step("visit").measures.keys()


def test_an_address_may_be_the_name_and_is_not_sent_as_one(servers):
    run = once(visit, target=servers.url("good", "127.0.0.1"), ca=servers.trusted)
    assert run.value.split() == ["TLSv1.3", "."]
    assert "dns" not in run.step("visit").measures


@pytest.mark.parametrize(
    ("name", "trusts", "words"),
    [
        ("good", False, "UnknownIssuer"),
        ("self_signed", False, "certificate"),
        ("self_signed", True, "certificate"),
        ("wrong_name", True, "not valid for name"),
        ("tls11", True, "handshake"),
        ("mutual", True, "HTTP 400"),
    ],
)
def test_what_is_wrong_with_tls_is_said(servers, name, trusts, words):
    options = {"ca": servers.trusted} if trusts else {}

    async def fetch(user):
        answer = await user.get("/", name="visit")
        return answer.status, answer.error, answer.error_message

    run = once(fetch, target=servers.url(name), **options)
    status, error, message = run.value
    assert error == ("http_4xx" if name == "mutual" else "tls")
    assert words in message
    assert run.message_of(error) == message
    assert ("service" in run.step("visit").measures) == (status > 0)


@pytest.mark.parametrize("name", ["self_signed", "wrong_name"])
def test_insecure_trusts_anyone(servers, name):
    run = once(visit, target=servers.url(name), insecure=True)
    assert run.value.startswith("TLSv1.3")


def test_a_client_certificate_says_who_we_are(servers):
    folder = servers.authority.ca.parent
    pair = {"client_cert": folder / "client.pem", "client_key": folder / "client.key"}
    run = once(visit, target=servers.url("mutual"), ca=servers.trusted, **pair)
    assert run.value.split()[-1] == "CN=ada"


def test_a_server_that_demands_a_client_certificate_and_gets_none_says_so(servers):
    """With TLS 1.3 its alert comes after our side of the handshake is complete."""
    folder = servers.authority.ca.parent
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=servers.trusted)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(folder / "good.pem", folder / "good.key")

    def demanding(connection: socket.socket, _: int) -> None:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(connection, server_side=True)

    with raw_server(demanding) as server:
        run = once(_error, target=f"https://localhost:{server.port}", ca=servers.trusted)
    error, message = run.value
    assert error == "tls"
    assert "CertificateRequired" in message


def test_an_answer_over_tls_that_is_cut_off_is_closed_early(servers):
    folder = servers.authority.ca.parent
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "good.pem", folder / "good.key")

    def short(connection: socket.socket, _: int) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            read_head(secured)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi")

    with raw_server(short) as server:
        run = once(_error, target=f"https://localhost:{server.port}", ca=servers.trusted)
    assert run.value[0] == "closed_early"
    assert "2 of the 10" in run.value[1]


@pytest.mark.parametrize("name", ["tls12", "tls13"])
def test_sessions_are_resumed(servers, name):
    async def twice(user):
        return [(await user.get("/", name="visit")).text.split()[1] for _ in range(3)]

    run = once(twice, target=servers.url(name), ca=servers.trusted, connections="new")
    assert run.value == [".", "r", "r"]
    assert run.step("visit").measures["tls"].count == 3


def test_http_1_1_is_agreed_on_where_http_2_is_offered(servers):
    assert once(visit, target=servers.url("h2_too"), ca=servers.trusted).value.startswith("TLS")


def test_large_answers_and_uploads_pass_through_tls(servers, tmp_path):
    (tmp_path / "upload").write_bytes(b"y" * 900_000)

    async def both(user):
        sizes = [len((await user.get("/big")).content) for _ in range(2)]
        statuses = [(await user.post("/", data=data)).status
                    for data in (b"y" * 900_000, tmp_path / "upload")]  # fmt: skip
        return sizes, statuses

    run = once(both, target=servers.url("good"), ca=servers.trusted)
    assert run.value == ([5_000_000] * 2, [200, 200])
    assert run.tally.measure("tls").count == 1


def test_connections_that_the_server_ends_are_replaced(servers):
    async def fetch(user):
        return [(await user.get("/drop")).status for _ in range(4)]

    run = once(fetch, target=servers.url("good"), ca=servers.trusted)
    assert run.value == [200] * 4
    assert run.tally.measure("tls").count == 4


def test_many_users_over_tls_lose_nothing(servers):
    run = load(visit, target=servers.url("good"), ca=servers.trusted, load=users(20).hold("0.4s"))
    step = run.step("visit")
    assert step.requests == step.statuses["200"] > 100
    assert step.measures["tls"].count == 20


def test_https_to_a_server_without_tls_says_so():
    def plain(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with raw_server(plain) as server:
        run = once(_error, target=f"https://127.0.0.1:{server.port}")
    assert run.value[0] == "tls"
    assert "http://" in run.value[1]


def test_http_to_a_tls_server_says_so(servers):
    async def fetch(user):
        answer = await user.get("/")
        return answer.status

    url = f"http://localhost:{servers.ports['good']}"
    assert once(fetch, target=url).value == 400


def test_a_server_that_closes_during_the_handshake_is_a_tls_error():
    with raw_server(lambda connection, _: connection.recv(10)) as server:
        run = once(_error, target=f"https://127.0.0.1:{server.port}")
    assert run.value[0] in ("tls", "reset")
    assert "handshake" in run.value[1]


async def _error(user):
    answer = await user.get("/")
    return answer.error, answer.error_message
