"""Who uses which connection, for how long, and what happens when it turns out to be closed."""

from __future__ import annotations

import socket

import pytest
from support.calibration import calibration_server
from support.drive import load, once
from support.raw_server import answering, raw_server, read_head, reset

from perfwright.plan.shapes import users

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def fresh():
    """A calibration server that nobody else counts on."""
    with calibration_server() as url:
        yield url


def opened(url: str) -> int:
    """Connections so far, without the one that asks."""

    async def ask(user):
        return (await user.get("/count")).json()["connections_opened"]

    return once(ask, target=url).value - 1


async def three_times(user):
    for _ in range(3):
        await user.get("/delay/10", name="visit")


def test_each_user_keeps_its_own_connection(fresh):
    run = load(three_times, target=fresh, load=users(5).hold("0.4s"))
    assert run.step("visit").requests > 15
    assert run.step("visit").measures["connect"].count == 5
    assert opened(fresh) == 5


def test_a_shared_pool_has_no_more_connections_than_requests_at_once(fresh):
    async def mostly_idle(user):
        await user.think(0.05, 0.1)
        await user.get("/", name="visit")

    run = load(mostly_idle, target=fresh, load=users(20).hold("0.4s"), connections="shared")
    assert run.step("visit").requests > 40
    assert opened(fresh) == run.step("visit").measures["connect"].count < 20


def test_new_connects_for_every_request(fresh):
    run = load(three_times, target=fresh, load=users(3).hold("0.3s"), connections="new")
    requests = run.step("visit").requests
    assert run.step("visit").measures["connect"].count == requests
    assert opened(fresh) == requests


def test_a_user_has_at_most_six_connections_to_an_origin(fresh):
    async def browse(user):
        answers = await user.gather(*(user.get("/delay/20", name="part") for _ in range(20)))
        return [answer.status for answer in answers]

    run = once(browse, target=fresh)
    assert run.value == [200] * 20
    assert run.step("part").measures["connect"].count == 6
    assert opened(fresh) == 6


def test_parallel_requests_over_connections_that_close_all_get_through(calibration):
    async def browse(user):
        answers = await user.gather(*(user.get("/until-close/9") for _ in range(15)))
        return [len(answer.content) for answer in answers]

    assert once(browse, target=calibration).value == [9] * 15


def test_waiting_for_a_connection_ends_with_the_time_allowed(calibration):
    async def browse(user):
        slow = [user.get("/delay/400") for _ in range(6)]
        late = user.get("/", timeout=0.05, name="late")
        return (await user.gather(*slow, late))[-1].error_message

    run = once(browse, target=calibration)
    assert "connection" in run.value
    assert run.step("late").error_kinds == {"timeout": 1}


def closing_after_one(connection: socket.socket, nth: int) -> None:
    """The first connection reads a second request and drops it, as a server does whose keep-alive
    time ran out while the request was on its way."""
    read_head(connection)
    connection.sendall(GOOD)
    if read_head(connection) and nth > 0:
        connection.sendall(GOOD)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_idempotent_request_that_lost_the_race_is_sent_once_more(method):
    async def visit(user):
        await user.get("/")
        return (await user.request(method, "/", name="raced")).status

    with raw_server(closing_after_one) as server:
        run = once(visit, target=server.url)
        assert server.connections == 2
    assert run.value == 200
    assert (run.tally.reconnects, run.tally.errors()) == (1, 0)
    step = run.step("raced")
    assert step.requests == 1
    assert step.measures["service"].total <= step.measures["response"].total


def test_a_post_that_lost_the_race_is_not_sent_again():
    async def visit(user):
        await user.get("/")
        return (await user.post("/")).error

    with raw_server(closing_after_one) as server:
        run = once(visit, target=server.url)
        assert server.connections == 1
    assert run.value == "closed_early"
    assert run.tally.reconnects == 0


def test_a_request_is_sent_again_only_once():
    def always(connection: socket.socket, nth: int) -> None:
        read_head(connection)
        if nth == 0:
            connection.sendall(GOOD)
            read_head(connection)
        reset(connection)

    async def visit(user):
        return [(await user.get("/")).error for _ in range(2)]

    with raw_server(always) as server:
        run = once(visit, target=server.url)
        assert server.connections == 2
    assert run.value == [None, "reset"]


def test_a_connection_closed_while_idle_is_replaced_before_sending(calibration):
    async def visit(user):
        statuses = []
        for _ in range(3):
            statuses.append((await user.post("/drop-keepalive/1")).status)
            await user.think(0.02)
        return statuses

    run = once(visit, target=calibration)
    assert run.value == [200] * 3
    assert (run.tally.reconnects, run.tally.errors()) == (3, 0)


def test_bytes_that_nobody_asked_for_end_an_idle_connection():
    def chatty(connection: socket.socket, nth: int) -> None:
        read_head(connection)
        connection.sendall(GOOD)
        if nth == 0:
            connection.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
            read_head(connection)

    async def visit(user):
        first = await user.get("/")
        await user.think(0.05)
        return first.error, (await user.get("/")).text

    with raw_server(chatty) as server:
        first, second = once(visit, target=server.url).value
        assert (first, second) in ((None, "hi"), ("malformed", "hi"))
        assert server.connections == 2


def test_connections_outlive_iterations(fresh):
    async def visit(user):
        await user.get("/", name="visit")

    run = load(visit, target=fresh, load=users(1).hold("0.2s"))
    assert run.step("visit").requests > 10
    assert opened(fresh) == 1


def test_answers_in_a_row_come_over_one_connection():
    with raw_server(answering(*[GOOD] * 50)) as server:

        async def visit(user):
            return [(await user.get("/")).text for _ in range(50)]

        assert once(visit, target=server.url).value == ["hi"] * 50
        assert server.connections == 1
