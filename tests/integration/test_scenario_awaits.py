"""What a scenario may await, and what it gets: each on a kernel of its own, against known truth."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.loads import drive

from perfwright import User, users

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def test_every_method_sends_what_it_is_called(calibration: str) -> None:
    seen: dict[str, Any] = {}

    async def visit(user: User) -> None:
        for method in METHODS:
            answer = await getattr(user, method)("/echo?a=1", name=method)
            seen[method] = answer.json()["method"] if method != "head" else answer.status
        answer = await user.request("PROPFIND", "/echo", name="request")
        seen["request"] = answer.json()["method"]

    driven = drive(calibration, visit)
    assert seen == {m: m.upper() for m in METHODS} | {"head": 200, "request": "PROPFIND"}
    assert {name: step.requests for name, step in driven.tally.steps.items()} == dict.fromkeys(
        [*METHODS, "request"], 1
    )


def test_gathered_awaitables_run_side_by_side_and_answer_in_order(calibration: str) -> None:
    results: list[Any] = []
    took_s: list[float] = []

    async def nested(user: User, ms: int) -> int:
        await user.get(f"/delay/{ms}")
        async with user.step("inner"):
            await user.get(f"/delay/{ms}")
        return ms

    async def visit(user: User) -> None:
        start_s = time.monotonic()
        results.extend(
            await user.gather(nested(user, 100), user.get("/delay/200"), nested(user, 20))
        )
        results.append(await user.gather())
        took_s.append(time.monotonic() - start_s)

    driven = drive(calibration, visit)
    assert results[0] == 100
    assert results[1].status == 200
    assert results[2:] == [20, []]
    assert 0.2 <= took_s[0] < 0.43, "one after the other they would take 0.44 s"
    assert driven.tally.iterations_completed == 1
    assert driven.tally.steps["inner"].requests == 2


def test_gather_takes_any_awaitable_and_says_what_is_none(calibration: str) -> None:
    class Own:
        def __init__(self, user: User) -> None:
            self.user = user

        def __await__(self) -> Any:
            return home(self.user).__await__()

    async def home(user: User) -> int:
        return (await user.get("/")).status

    seen: list[Any] = []

    async def visit(user: User) -> None:
        seen.extend(await user.gather(Own(user)))
        await user.gather(7)  # type: ignore[arg-type]

    error = drive(calibration, visit).error
    assert seen == [200]
    assert error["message"] == "object int can't be used in 'await' expression"


def test_one_awaitable_cannot_be_gathered_twice(calibration: str) -> None:
    async def visit(user: User) -> None:
        get = user.get("/")
        await user.gather(get, get)

    assert "given twice" in drive(calibration, visit).error["message"]


def test_an_exception_in_one_of_the_gathered_is_raised_when_all_have_ended(
    calibration: str,
) -> None:
    ended: list[str] = []

    async def fails(user: User) -> None:
        await user.get("/")
        raise LookupError("no such item")

    async def slow(user: User) -> None:
        await user.get("/delay/50")
        ended.append("slow")

    async def visit(user: User) -> None:
        try:
            await user.gather(slow(user), fails(user), user.get("/"))
        except LookupError as error:
            ended.append(str(error))

    driven = drive(calibration, visit)
    assert ended == ["slow", "no such item"]
    assert driven.tally.iterations_completed == 1
    assert not driven.errors


def test_think_draws_uniformly_and_pace_counts_from_the_intended_start(calibration: str) -> None:
    starts: list[float] = []
    thought: list[float] = []

    async def visit(user: User) -> None:
        starts.append(time.monotonic())
        await user.think(0.01, 0.03)
        thought.append(time.monotonic() - starts[-1])
        await user.pace(0.2)

    driven = drive(calibration, visit, load=users(1).hold(1.1))
    assert len(starts) == 6
    assert all(t >= 0.0099 for t in thought)
    assert starts[-1] - starts[0] == pytest.approx(1.0, abs=0.15), "paces do not add up lateness"
    assert driven.tally.iterations_completed == 6


def test_a_pace_that_is_over_and_no_think_time_wait_for_nothing(calibration: str) -> None:
    async def visit(user: User) -> None:
        await user.think(0)
        await user.pace(0)
        await user.pace(-1)

    assert drive(calibration, visit).tally.iterations_completed == 1


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_think_time_below_zero_is_refused(calibration: str, seconds: float) -> None:
    async def visit(user: User) -> None:
        await user.think(seconds)

    error = drive(calibration, visit).error
    assert error["message"] == f"think: {seconds!r} s; a think time is zero or more"


def test_an_endless_think_time_ends_with_the_run(calibration: str) -> None:
    async def visit(user: User) -> None:
        await user.think(float("inf"))

    tally = drive(calibration, visit, grace=0).tally
    assert (tally.iterations_completed, tally.iterations_interrupted) == (0, 1)


def test_a_coroutine_awaited_twice_is_an_error_as_everywhere_in_python(calibration: str) -> None:
    async def home(user: User) -> int:
        return (await user.get("/")).status

    async def visit(user: User) -> None:
        again = home(user)
        assert await again == 200
        await again

    assert drive(calibration, visit).error["message"] == "cannot reuse already awaited coroutine"


def test_an_operation_yielded_twice_is_an_error(calibration: str) -> None:
    async def visit(user: User) -> None:
        operation = user.think(0).send(None)

        class Twice:
            def __await__(self) -> Any:
                yield operation
                yield operation

        await Twice()

    assert "awaited before" in drive(calibration, visit).error["message"]


def test_async_generators_and_context_managers_work_inside_scenarios(calibration: str) -> None:
    events: list[Any] = []

    async def pages(user: User) -> AsyncIterator[int]:
        try:
            for number in range(3):
                await user.get(f"/?page={number}", name="page")
                yield number
        finally:
            await user.get("/", name="closed")

    @asynccontextmanager
    async def session(user: User) -> AsyncIterator[str]:
        await user.get("/", name="open")
        try:
            yield "token"
        finally:
            await user.get("/", name="close")

    async def visit(user: User) -> None:
        async with session(user) as token:
            events.append(token)
            events.extend([number async for number in pages(user)])
            generator = pages(user)
            async for number in generator:
                events.append(number)
                break
            await generator.aclose()  # type: ignore[attr-defined]

    tally = drive(calibration, visit).tally
    assert events == ["token", 0, 1, 2, 0]
    counts = {name: step.requests for name, step in tally.steps.items()}
    assert counts == {"page": 4, "closed": 2, "open": 1, "close": 1}
