"""Where requests go: names, addresses, IPv6, fixed resolutions, and the phases that took."""

from __future__ import annotations

import socket

import pytest
from support.drive import once
from support.raw_server import answering, raw_server

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def port_of(url: str) -> str:
    return url.rpartition(":")[2]


async def visit(user):
    answer = await user.get("/echo", name="visit")
    return answer.status, answer.error, answer.error_message


def test_a_literal_address_needs_no_look_up(calibration):
    measures = once(visit, target=calibration).step("visit").measures
    assert measures.keys() == {"response", "service", "connect", "send", "wait", "receive"}


def test_a_name_is_looked_up_once_and_timed(calibration):
    async def twice(user):
        return [(await user.get("/", name=name)).status for name in ("first", "second")]

    run = once(twice, target=f"http://localhost:{port_of(calibration)}")
    assert run.value == [200, 200]
    assert {"dns", "connect"} <= run.step("first").measures.keys()
    assert not {"dns", "connect", "tls"} & run.step("second").measures.keys()


def test_a_name_that_does_not_exist_is_a_dns_error_and_asked_for_again():
    async def twice(user):
        answers = [await user.get("/", name="visit") for _ in range(2)]
        return [(answer.error, answer.error_message) for answer in answers]

    run = once(twice, target="http://no-such-host.invalid:1")
    assert [error for error, _ in run.value] == ["dns", "dns"]
    assert "no-such-host.invalid" in run.value[0][1]
    assert run.step("visit").measures.keys() == {"response"}


def test_resolve_replaces_the_look_up(calibration):
    async def host(user):
        return (await user.get("/echo", name="visit")).json()["headers"]["host"]

    port = port_of(calibration)
    options = {"resolve": [f"Shop.test:{port}:127.0.0.1"]}
    run = once(host, target=f"http://shop.test:{port}", **options)
    assert run.value == f"shop.test:{port}"
    assert "dns" not in run.step("visit").measures


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_addresses_are_spoken_to():
    with raw_server(answering(GOOD), host="::1") as server:
        run = once(visit, target=f"http://[::1]:{server.port}")
    assert run.value[0] == 200
    assert f"Host: [::1]:{server.port}\r\n".encode() in run.exchanges[0][0]


def test_every_address_of_a_name_is_tried():
    """localhost is ::1 too, where nobody listens."""
    with raw_server(answering(GOOD)) as server:
        assert once(visit, target=f"http://localhost:{server.port}").value[0] == 200


def test_a_name_that_does_not_exist_fails_every_parallel_request():
    async def parallel(user):
        answers = await user.gather(*(user.get(f"/{n}") for n in range(9)))
        return {answer.error for answer in answers}

    run = once(parallel, target="http://no-such-host.invalid:1")
    assert run.value == {"dns"}
    assert run.tally.requests() == 9
