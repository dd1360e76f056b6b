"""Good answers, in every shape that HTTP/1.x gives them."""

from __future__ import annotations

import gzip
import socket
import zlib

import pytest
from support.drive import once
from support.raw_server import answering, raw_server, read_head

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("path", "body_bytes"),
    [
        ("/", 57),
        ("/bytes/0", 0),
        ("/bytes/1000000", 1_000_000),
        ("/chunked/7?size=1000", 7000),
        ("/chunked/0", 0),
        ("/until-close/5000", 5000),
        ("/early-hints", 57),
        ("/long-head/100000", 0),
    ],
)
def test_each_framing_gives_its_whole_body(calibration, path, body_bytes):
    async def visit(user):
        answer = await user.get(path)
        return answer.status, answer.ok, len(answer.content)

    assert once(visit, target=calibration).value == (200, True, body_bytes)


def test_head_204_and_304_have_no_body_and_keep_the_connection(calibration):
    async def visit(user):
        answers = [await user.head("/bytes/99"), await user.get("/status/204")]
        answers.append(await user.get("/status/304"))
        count = (await user.get("/count")).json()
        return [(answer.status, answer.content) for answer in answers], count

    before = once(visit, target=calibration).value[1]["connections_opened"]
    answers, count = once(visit, target=calibration).value
    assert answers == [(200, b""), (204, b""), (304, b"")]
    assert count["connections_opened"] == before + 1


def test_connections_are_kept_alive_unless_the_server_says_no():
    keep = OK + b"Content-Length: 2\r\n\r\nhi"
    last = OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi"

    async def visit(user):
        return [(await user.get("/")).content for _ in range(4)]

    with raw_server(answering(keep, last)) as server:
        run = once(visit, target=server.url)
        assert run.value == [b"hi"] * 4
        assert server.connections == 2
    assert (run.tally.reconnects, run.tally.errors()) == (0, 0)


def test_http_1_0_closes_unless_it_says_keep_alive():
    closing = b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"
    keeping = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nb"

    async def visit(user):
        return b"".join([(await user.get("/")).content for _ in range(4)])

    with raw_server(answering(keeping, closing)) as server:
        assert once(visit, target=server.url).value == b"baba"
        assert server.connections == 2


def test_a_body_without_length_ends_with_the_connection():
    async def visit(user):
        return [(await user.get("/")).text for _ in range(2)]

    with raw_server(answering(OK + b"\r\nuntil the end")) as server:
        run = once(visit, target=server.url)
        assert server.connections == 2
    assert run.value == ["until the end"] * 2
    assert run.tally.errors() == 0


def test_an_answer_that_drips_in_byte_by_byte_is_whole():
    answer = (
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK
        + b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n"
    )  # fmt: skip

    def drip(connection: socket.socket, _: int) -> None:
        while read_head(connection):
            for byte in answer:
                connection.send(bytes([byte]))

    async def visit(user):
        return [(await user.get("/")).text for _ in range(2)]

    with raw_server(drip) as server:
        assert once(visit, target=server.url).value == ["hello world"] * 2
        assert server.connections == 1


def test_bytes_are_counted_both_ways(calibration):
    async def visit(user):
        await user.post("/bytes/1000", data=b"x" * 500, name="counted")

    run = once(visit, target=calibration)
    [(request, response)] = run.exchanges
    step = run.step("counted")
    assert (step.bytes_sent, step.bytes_received) == (len(request), len(response))
    assert len(response) > 1000


# "hello, hello!" as one uncompressed brotli meta-block and as one raw zstd block.
BROTLI = bytes.fromhex("0b0680") + b"hello, hello!" + b"\x03"
ZSTD = bytes.fromhex("28b52ffd200d690000") + b"hello, hello!"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"hello, hello!")),
        ("deflate", zlib.compress(b"hello, hello!")),
        ("deflate", zlib.compress(b"hello, hello!", wbits=-15)),
        ("br", BROTLI),
        ("zstd", ZSTD),
        ("gzip, deflate", zlib.compress(gzip.compress(b"hello, hello!"))),
        ("identity", b"hello, hello!"),
    ],
)
def test_content_codings_are_undone_when_the_body_is_read(coding, body):
    head = OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    async def visit(user):
        return (await user.get("/")).text

    with raw_server(answering(head + body)) as server:
        run = once(visit, target=server.url)
    assert run.value == "hello, hello!"
    assert b"Accept-Encoding: gzip, deflate, br, zstd\r\n" in run.exchanges[0][0]


def test_a_body_larger_than_max_body_is_counted_and_not_kept(calibration):
    async def visit(user):
        answer = await user.get("/bytes/3000000")
        try:
            return answer.content
        except ValueError as error:
            return answer.status, str(error)

    run = once(visit, target=calibration, max_body="1MB")
    status, message = run.value
    assert status == 200
    assert "max_body" in message
    assert run.only_step.bytes_received > 3_000_000
    assert run.only_step.errors == 0
