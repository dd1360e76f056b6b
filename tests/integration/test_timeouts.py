"""Time limits: to connect, for the first byte, in all. Each ends its request when it should."""

from __future__ import annotations

import socket

import pytest
from support.drive import once
from support.raw_server import raw_server, read_head, wait_for_close

OK = b"HTTP/1.1 200 OK\r\n"


def silent(connection: socket.socket, _: int) -> None:
    read_head(connection)
    wait_for_close(connection)


async def visit(user):
    answer = await user.get("/", name="visit")
    return answer.status, answer.error, answer.error_message


@pytest.fixture
def full_port():
    """A listener whose queue is full: it takes no further connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        yield address[1]
        for filler in fillers:
            filler.close()


def test_connecting_has_its_own_limit(full_port):
    run = once(visit, target=f"http://127.0.0.1:{full_port}", connect_timeout=0.1)
    assert run.value[:2] == (0, "connect_timeout")
    assert "to connect" in run.value[2]
    assert run.step("visit").measures["response"].total >= 0.1e9
    assert run.step("visit").measures.keys() == {"response"}


def test_the_first_byte_has_its_own_limit():
    with raw_server(silent) as server:
        run = once(visit, target=server.url, response_timeout=0.1)
    assert run.value[:2] == (0, "timeout")
    assert "first byte" in run.value[2]
    measures = run.step("visit").measures
    assert measures.keys() == {"response", "service", "connect", "send"}
    assert measures["service"].total >= 0.1e9


def test_the_whole_request_has_its_limit_however_the_bytes_drip(calibration):
    async def drip(user):
        answer = await user.get("/slow/100?bytes=1000", timeout=0.2, name="visit")
        return answer.error, answer.error_message

    run = once(drip, target=calibration, response_timeout=5)
    assert run.value[0] == "timeout"
    assert "in all" in run.value[1]
    assert run.step("visit").bytes_received > 0


def test_a_request_may_have_its_own_connect_limit(full_port):
    async def quick(user):
        return (await user.get("/", timeout=(0.05, 10))).error

    assert once(quick, target=f"http://127.0.0.1:{full_port}").value == "connect_timeout"


def test_an_upload_that_nobody_reads_times_out():
    def deaf(connection: socket.socket, _: int) -> None:
        connection.recv(1)
        done.recv(1)

    async def upload(user):
        return (await user.post("/", data=b"x" * 20_000_000, timeout=0.2)).error

    done, end = socket.socketpair()
    with done, raw_server(deaf) as server:
        assert once(upload, target=server.url).value == "timeout"
        end.close()


def test_after_a_timeout_the_next_request_gets_a_new_connection():
    def slow_once(connection: socket.socket, nth: int) -> None:
        read_head(connection)
        if nth == 0:
            wait_for_close(connection)
        else:
            connection.sendall(OK + b"Content-Length: 2\r\n\r\nhi")

    async def twice(user):
        return [(await user.get("/", timeout=0.1)).error, (await user.get("/")).text]

    with raw_server(slow_once) as server:
        assert once(twice, target=server.url).value == ["timeout", "hi"]
