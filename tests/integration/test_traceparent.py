"""`traceparent` on the wire: as often as asked, and joined with exemplars."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from support.raw_server import raw_server, read_head

from perfwright.load.local import LocalLoad
from perfwright.model.frame import Tally
from perfwright.plan.loader import load_test
from perfwright.plan.shapes import arrivals
from perfwright.plan.test import Test
from perfwright.plan.test_plan import TestPlan, UrlRequest

HEADER = re.compile(rb"\r\ntraceparent: 00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])\r\n")
ANSWER = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok"
SENT = 100


class Listener:
    """Answers every request and keeps their heads."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []

    def __call__(self, connection: socket.socket, _: int) -> None:
        while head := read_head(connection):
            self.heads.append(head)
            connection.sendall(ANSWER)


def run(plan: TestPlan, workers: int = 1) -> Tally:
    running = LocalLoad(plan, workers=workers)
    total = Tally()
    try:
        running.start()
        for frame in running.frames():
            total.merge(frame.total, gauges="last")
    finally:
        running.close()
    return total


def plan(url: str, **headers: str) -> TestPlan:
    test = Test(target=url, load=arrivals(SENT).hold("1s"), headers=headers)
    return TestPlan(test=test, request=UrlRequest(method="GET", url=url))


@pytest.mark.parametrize("per_s", [0, 10, 1000])
def test_about_so_many_requests_a_second_are_traced(per_s: int) -> None:
    listener = Listener()
    with raw_server(listener) as server:
        total = run(replace(plan(server.url), traces_per_s=per_s), workers=2)
    assert total.errors() == 0
    assert len(listener.heads) == SENT
    if per_s == 0:
        assert not any(b"traceparent" in head for head in listener.heads)
        assert {kept.trace_id for kept in total.exemplars} == {""}
        return
    found = [HEADER.search(head) for head in listener.heads]
    ids = {match[1].decode(): match[3] for match in found if match}
    assert len(ids) == SENT, "each request has a trace of its own"
    sampled = {trace_id for trace_id, flags in ids.items() if flags == b"01"}
    assert {kept.trace_id for kept in total.exemplars} <= sampled | {""}
    if per_s > SENT:
        assert len(sampled) == SENT
        assert all(kept.trace_id for kept in total.exemplars)
    else:
        assert 0 < len(sampled) < SENT, "a share, however long the load took"


def test_two_runs_with_one_seed_share_no_trace() -> None:
    listener = Listener()
    with raw_server(listener) as server:
        for _ in range(2):
            run(replace(plan(server.url), traces_per_s=1000))
    ids = [match[1] for match in map(HEADER.search, listener.heads) if match]
    assert len(set(ids)) == len(ids) == 2 * SENT


def test_a_traceparent_of_the_users_own_stays() -> None:
    own = "00-11111111111111111111111111111111-2222222222222222-01"
    listener = Listener()
    with raw_server(listener) as server:
        total = run(replace(plan(server.url, Traceparent=own), traces_per_s=1000))
    assert all(head.lower().count(b"traceparent") == 1 for head in listener.heads)
    assert all(own.encode() in head for head in listener.heads)
    assert {kept.trace_id for kept in total.exemplars} == {""}


def test_a_scenarios_requests_are_traced_beside_their_cookies(tmp_path: Path) -> None:
    listener = Listener()
    file = tmp_path / "journey.py"
    with raw_server(listener) as server:
        file.write_text(
            f"""
from perfwright import Test, arrivals, scenario

@scenario
async def visit(user):
    await user.get("/first")
    await user.get("/second")

test = Test(target={server.url!r}, load=arrivals(10).hold("0.5s"))
"""
        )
        total = run(replace(load_test(file), traces_per_s=1000))
    assert total.errors() == 0
    assert len(listener.heads) == 10
    assert all(HEADER.search(head) for head in listener.heads)
    second = [head for head in listener.heads if head.startswith(b"GET /second")]
    assert all(b"\r\nCookie: a=b\r\n" in head for head in second)
