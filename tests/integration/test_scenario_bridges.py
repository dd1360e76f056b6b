"""Foreign code under load: what asyncio and threads do, and what awaiting asyncio itself says."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from typing import Any

import pytest
from support.loads import ONCE, drive

from perfwright import User


async def sleeps(_user: User) -> None:
    await asyncio.sleep(1)


async def sleeps_zero(_user: User) -> None:
    await asyncio.sleep(0)


async def awaits_an_asyncio_future(_user: User) -> None:
    loop = asyncio.new_event_loop()
    try:
        await asyncio.Future(loop=loop)
    finally:
        loop.close()


async def awaits_another_librarys_awaitable(_user: User) -> None:
    class Foreign:
        def __await__(self) -> Any:
            yield {"io": "read"}

    await Foreign()


async def waits_with_a_timeout(user: User) -> None:
    async with asyncio.timeout(1):
        await user.get("/")


FOREIGN = [
    sleeps,
    sleeps_zero,
    awaits_an_asyncio_future,
    awaits_another_librarys_awaitable,
    waits_with_a_timeout,
]


@pytest.mark.parametrize("scenario", FOREIGN, ids=lambda scenario: scenario.__name__)
def test_awaiting_a_foreign_awaitable_is_one_error_that_names_the_bridges(
    calibration: str, scenario: Any
) -> None:
    driven = drive(calibration, scenario)
    assert driven.error["count"] == 1
    text = driven.error["traceback"]
    assert "user.asyncio(" in text
    assert "user.thread(" in text
    assert scenario.__name__ in text
    assert driven.tally.iterations_failed == 1


def test_a_foreign_await_can_be_caught_and_the_scenario_goes_on(calibration: str) -> None:
    async def visit(user: User) -> None:
        try:
            await asyncio.sleep(0)
        except TypeError:
            await user.get("/", name="after")

    driven = drive(calibration, visit)
    assert driven.tally.iterations_completed == 1
    assert driven.tally.steps["after"].requests == 1


def test_foreign_calls_give_their_results_and_are_timed_as_steps(calibration: str) -> None:
    seen: list[Any] = []

    async def remote(value: int) -> int:
        await asyncio.sleep(0.03)
        return value

    def blocking(value: int, *, plus: int) -> int:
        time.sleep(0.03)
        return value + plus

    def ready() -> asyncio.Future[str]:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        future.set_result("made there")
        return future

    async def make() -> asyncio.Future[str]:
        return ready()

    async def visit(user: User) -> None:
        seen.append(await user.asyncio(remote(4)))
        seen.append(await user.thread(blocking, 1, plus=2, name="call"))
        seen.append(await user.asyncio(await user.asyncio(make()), name="future"))

    driven = drive(calibration, visit)
    assert not driven.errors
    assert seen == [4, 3, "made there"]
    steps = driven.tally.steps
    name = next(name for name in steps if name.endswith("remote"))
    for step in (steps[name], steps["call"]):
        assert (step.kind, step.requests, step.errors) == ("call", 1, 0)
        assert 0.03 <= step.measures["service"].maximum / 1e9 < 5


def test_what_a_foreign_call_raises_is_raised_where_it_is_awaited(calibration: str) -> None:
    caught: list[str] = []

    async def remote() -> None:
        raise ConnectionError("asyncio side")

    def blocking() -> None:
        raise OSError("thread side")

    async def visit(user: User) -> None:
        for call in (user.asyncio(remote(), name="a"), user.thread(blocking, name="t")):
            try:
                await call
            except OSError as error:
                caught.append(str(error))

    driven = drive(calibration, visit)
    assert caught == ["asyncio side", "thread side"]
    for name in ("a", "t"):
        assert driven.tally.steps[name].error_kinds == {"exception": 1}
    assert driven.tally.iterations_completed == 1


def test_many_foreign_calls_run_at_once(calibration: str) -> None:
    async def remote() -> None:
        await asyncio.sleep(0.1)

    async def visit(user: User) -> None:
        await user.gather(
            *(user.asyncio(remote(), name="asyncio") for _ in range(200)),
            *(user.thread(time.sleep, 0.1, name="thread") for _ in range(50)),
        )

    start_s = time.monotonic()
    tally = drive(calibration, visit).tally
    assert time.monotonic() - start_s < 3, "in turn they would take 25 s"
    assert (tally.steps["asyncio"].requests, tally.steps["thread"].requests) == (200, 50)


def test_bridges_begin_anew_after_they_were_shut_down(calibration: str) -> None:
    from perfwright.load import bridge

    async def remote() -> int:
        return 5

    async def visit(user: User) -> None:
        assert await user.asyncio(remote()) == 5
        assert await user.thread(max, 1, 2) == 2

    for _ in range(2):
        assert drive(calibration, visit).tally.iterations_completed == 1
        bridge.shut_down()


def test_a_pending_foreign_call_is_given_up_when_the_run_stops(calibration: str) -> None:
    cancelled: list[str] = []

    async def remote() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append("asyncio")
            raise

    async def visit(user: User) -> None:
        await user.gather(user.asyncio(remote()), user.thread(time.sleep, 1))

    start_s = time.monotonic()
    tally = drive(calibration, visit, grace=0.05).tally
    assert time.monotonic() - start_s < 1
    assert tally.iterations_interrupted == 1
    _wait_until(lambda: cancelled == ["asyncio"])


def test_a_future_that_another_thread_ends_wakes_its_user(calibration: str) -> None:
    seen: list[int] = []

    def chained() -> int:
        future: Future[int] = Future()
        future.set_result(9)
        return future.result()

    async def visit(user: User) -> None:
        seen.append(await user.thread(chained))

    drive(calibration, visit, load=ONCE)
    assert seen == [9]


def _wait_until(true: Any) -> None:
    end_s = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end_s, "it never came true"
        time.sleep(0.01)
