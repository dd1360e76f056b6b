"""Bad answers: each has its outcome, counted by step, with a message that says what was wrong."""

from __future__ import annotations

import socket

import pytest
from support.drive import once
from support.raw_server import (
    acknowledged,
    answering,
    raw_server,
    read_head,
    reset,
    wait_for_close,
)

OK = b"HTTP/1.1 200 OK\r\n"
GOOD = OK + b"Content-Length: 2\r\n\r\nhi"


async def visit(user):
    answer = await user.get("/", name="visit")
    return answer.status, answer.error, answer.error_message


@pytest.mark.parametrize(
    ("path", "outcome", "words"),
    [
        ("/close", "closed_early", "before"),
        ("/reset", "reset", "reset"),
        ("/garbage", "malformed", "not HTTP"),
        ("/trailing-garbage", "malformed", "followed"),
        ("/half-head", "closed_early", "head"),
        ("/short/10", "closed_early", "10 of the 1010"),
        ("/half-chunked", "closed_early", "chunk"),
        ("/long-head/1000000", "malformed", "head"),
        ("/status/404", "http_4xx", "404"),
        ("/status/503", "http_5xx", "503"),
        ("/redirect/21", "too_many_redirects", "20"),
    ],
)
def test_each_fault_has_its_outcome_and_its_words(calibration, path, outcome, words):
    async def fetch(user):
        answer = await user.get(path, name="fault")
        return answer.ok, answer.error, answer.error_message

    run = once(fetch, target=calibration)
    ok, error, message = run.value
    assert (ok, error) == (False, outcome)
    assert words in message
    assert run.step("fault").error_kinds == {outcome: 1}
    assert run.message_of(outcome) == message


def test_expected_statuses_are_no_errors(calibration):
    async def fetch(user):
        answers = [await user.get("/status/404", expect={404}), await user.get("/status/410")]
        return [(answer.status, answer.ok) for answer in answers]

    run = once(fetch, target=calibration)
    assert run.value == [(404, True), (410, False)]
    assert run.tally.errors() == 1


def test_one_status_instead_of_several_is_told_how_to_be_written(calibration):
    async def fetch(user):
        with pytest.raises(TypeError, match=r"expect: give statuses, like \{404\}"):
            await user.get("/", expect=404)

    assert once(fetch, target=calibration).tally.requests() == 0


def test_a_refused_connection_says_where_to(unused_port):
    run = once(visit, target=f"http://127.0.0.1:{unused_port}")
    assert run.value[:2] == (0, "connect_refused")
    assert f"127.0.0.1:{unused_port}" in run.value[2]
    assert run.step("visit").measures.keys() == {"response"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "malformed"),
        (b"HTTP/2 200 OK\r\n\r\n", "malformed"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "malformed"),
        (OK + b"Content-Length: 5, 6\r\n\r\nhello", "malformed"),
        (OK + b"Content-Length: -1\r\n\r\n", "malformed"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed"),
        (OK + b"no colon here\r\n\r\n", "malformed"),
        (OK + b"Content-Length: 10\r\n\r\nhi", "closed_early"),
        (b"", "closed_early"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "closed_early"),
    ],
)
def test_answers_that_break_the_rules_are_named(answer, outcome):
    with raw_server(answering(answer)) as server:
        run = once(visit, target=server.url)
    assert run.value[:2] == (0, outcome)
    assert run.step("visit").error_kinds == {outcome: 1}


def test_garbage_on_a_reused_connection_is_not_retried():
    with raw_server(answering(GOOD, b"garbage, garbage")) as server:
        run = once(_twice, target=server.url)
        assert server.connections == 1
    assert run.value == [None, "malformed"]
    assert run.tally.reconnects == 0


def test_a_connection_that_is_reset_at_once_is_a_reset():
    with raw_server(lambda connection, _: reset(connection)) as server:
        run = once(visit, target=server.url)
    assert run.value[1] in ("reset", "closed_early")
    assert run.step("visit").errors == 1


def test_a_peer_that_closes_its_side_at_once_is_seen_at_once():
    def shut(connection: socket.socket, _: int) -> None:
        connection.shutdown(socket.SHUT_WR)
        wait_for_close(connection)

    with raw_server(shut) as server:
        run = once(visit, target=server.url, timeout=20)
    assert run.value[1] == "closed_early"


def test_a_reset_within_the_body_is_a_reset():
    def handler(connection: socket.socket, _: int) -> None:
        read_head(connection)
        connection.sendall(OK + b"Content-Length: 100\r\n\r\nsome")
        acknowledged(connection)
        reset(connection)

    with raw_server(handler) as server:
        run = once(visit, target=server.url)
    assert run.value[1] == "reset"


def test_an_endless_body_ends_at_the_time_limit(calibration):
    async def fetch(user):
        answer = await user.get("/endless", timeout=0.3, name="endless")
        return answer.error

    run = once(fetch, target=calibration, max_body="1MB")
    assert run.value == "timeout"
    assert run.step("endless").bytes_received > 1_000_000


def test_a_few_failures_of_each_kind_are_kept_whole(calibration):
    async def fetch(user):
        for _ in range(20):
            await user.get("/status/500", name="fails")
            await user.get("/close", name="closes")

    kept = once(fetch, target=calibration).tally.exemplars
    outcomes = [(exemplar.step, exemplar.outcome) for exemplar in kept]
    assert 1 <= outcomes.count(("fails", "http_5xx")) <= 5
    assert 1 <= outcomes.count(("closes", "closed_early")) <= 5
    fails = next(exemplar for exemplar in kept if exemplar.step == "fails")
    assert (fails.status, fails.method) == (500, "GET")
    assert fails.url == f"{calibration}/status/500"
    assert '"status"' in fails.body_head


async def _twice(user):
    return [(await user.get("/")).error for _ in range(2)]
