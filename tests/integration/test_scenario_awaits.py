"""What a scenario may await, and what it gets: each on a kernel of its own, against known truth."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.loads import ONCE, drive

from perfwright import User, arrivals, users
from perfwright.load.kernel_config import Given

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
            await user.gather(nested(user, 60), user.get("/delay/120"), nested(user, 20))
        )
        results.append(await user.gather())
        took_s.append(time.monotonic() - start_s)

    driven = drive(calibration, visit)
    assert results[0] == 60
    assert results[1].status == 200
    assert results[2:] == [20, []]
    assert 0.12 <= took_s[0] < 0.26, "one after the other they would take 0.28 s"
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
        await user.pace(0.1)

    driven = drive(calibration, visit, load=users(1).hold(0.55))
    gaps = [b - a for a, b in itertools.pairwise(starts)]
    assert len(starts) == 6
    assert all(0.05 < gap < 0.2 for gap in gaps)
    assert all(t >= 0.0099 for t in thought)
    assert starts[-1] - starts[0] == pytest.approx(0.5, abs=0.05), "paces do not add up lateness"
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


def test_failed_checks_make_their_request_an_error_once(calibration: str) -> None:
    async def visit(user: User) -> None:
        assert user.check("before any request", False) is False
        await user.get("/", name="first")
        assert user.check("fine", 1) is True
        user.check("wrong", "")
        user.check("wrong", None)
        user.check("other", False)
        await user.get("/", name="second")
        user.check("fine", True)

    tally = drive(calibration, visit).tally
    assert tally.steps["first"].error_kinds == {"check": 1}
    assert tally.steps["first"].errors == 1
    assert tally.steps["second"].errors == 0
    counts = {name: (check.passed, check.failed) for name, check in tally.checks.items()}
    assert counts == {
        "before any request": (0, 1),
        "fine": (2, 0),
        "wrong": (0, 2),
        "other": (0, 1),
    }
    assert tally.iterations_completed == 1


def test_a_check_of_a_failed_request_counts_its_error_once(calibration: str) -> None:
    async def visit(user: User) -> None:
        answer = await user.get("/status/503", name="broken")
        user.check("ok", answer.ok)

    step = drive(calibration, visit).tally.steps["broken"]
    assert (step.errors, step.error_kinds) == (1, {"http_5xx": 1})


def test_a_step_groups_its_requests_and_the_think_time_between(calibration: str) -> None:
    async def visit(user: User) -> None:
        async with user.step("checkout"):
            await user.get("/delay/20")
            await user.think(0.05)
            await user.get("/delay/20")
        async with user.step("unlucky"):
            await user.get("/status/500")
        try:
            async with user.step("broken"):
                await user.get("/")
                raise ValueError("no")
        except ValueError:
            pass
        async with user.step("after"):
            await user.get("/")

    tally = drive(calibration, visit).tally
    groups = {name: step for name, step in tally.steps.items() if step.kind == "group"}
    assert {name: step.errors for name, step in groups.items()} == {
        "checkout": 0,
        "unlucky": 1,
        "broken": 1,
        "after": 0,
    }
    assert groups["broken"].error_kinds == {"exception": 1}
    took_s = groups["checkout"].measures["response"].maximum / 1e9
    assert 0.09 <= took_s < 0.2
    assert tally.requests() == 5, "groups are not requests"


def test_recorded_values_keep_their_exact_moments(calibration: str) -> None:
    async def visit(user: User) -> None:
        for value in (3, 1.5, -2):
            user.record("depth", value, unit="m")

    record = drive(calibration, visit).tally.records["depth"]
    assert (record.unit, record.count, record.total, record.minimum, record.maximum) == (
        "m",
        3,
        2.5,
        -2,
        3,
    )


def test_cookies_are_a_mapping_that_each_iteration_begins_anew(calibration: str) -> None:
    seen: list[Any] = []

    async def log_in(user: User) -> None:
        await user.get("/cookie?name=session&value=s1")

    async def visit(user: User) -> None:
        seen.append(dict(user.cookies))
        await user.get("/cookie?name=basket&value=b1")
        user.cookies["mine"] = "m1"
        sent = (await user.get("/echo")).json()["headers"]["cookie"]
        seen.append(sorted(sent.split("; ")))
        del user.cookies["session"]
        seen.append((sorted(user.cookies), "session" in user.cookies, len(user.cookies)))
        with pytest.raises(KeyError):
            user.cookies["session"]
        user.cookies.clear()
        seen.append("cookie" in (await user.get("/echo")).json()["headers"])
        await user.pace(0.1)

    driven = drive(calibration, visit, load=users(1).hold(0.15), user_start=log_in)
    one = [
        {"session": "s1"},
        ["basket=b1", "mine=m1", "session=s1"],
        (["basket", "mine"], False, 2),
        False,
    ]
    assert seen == one * 2
    assert driven.tally.iterations_completed == 2


def test_user_start_runs_once_a_user_and_iterations_count_from_zero(calibration: str) -> None:
    started: list[int] = []
    iterations: list[tuple[int, int]] = []

    async def begin(user: User) -> None:
        started.append(user.id)
        await user.get("/", name="begin")

    async def visit(user: User) -> None:
        iterations.append((user.id, user.iteration))
        await user.get("/delay/10")

    driven = drive(calibration, visit, load=users(3).hold(0.2), user_start=begin)
    assert sorted(started) == [0, 1, 2]
    assert driven.tally.steps["begin"].requests == 3
    for number in range(3):
        mine = [iteration for user, iteration in iterations if user == number]
        assert mine == list(range(len(mine)))
        assert len(mine) > 3


def test_what_setup_returned_and_the_totals_reach_the_user(calibration: str) -> None:
    seen: list[Any] = []

    async def visit(user: User) -> None:
        seen.append((user.setup, user.totals, repr(user)))

    given = Given(setup={"shop": 7}, totals={"GET /": {"requests": 3, "errors": 1}})
    drive(calibration, visit, given=given)
    assert seen == [({"shop": 7}, {"GET /": {"requests": 3, "errors": 1}}, "<User 0>")]


def test_weighted_scenarios_are_chosen_in_proportion_and_by_the_seed(calibration: str) -> None:
    def counted(seed: int) -> list[str]:
        order: list[str] = []

        async def buy(_user: User) -> None:
            order.append("buy")

        async def browse(_user: User) -> None:
            order.append("browse")

        drive(calibration, buy, browse, load=arrivals(4000).hold(0.25), seed=seed)
        return order

    order = counted(3)
    assert len(order) == 1000
    assert abs(Counter(order)["buy"] - 500) < 80, "five standard deviations"
    assert counted(3) == order
    assert counted(4) != order


def test_open_and_closed_loads_run_side_by_side_each_with_its_own_scenario(
    calibration: str,
) -> None:
    counts: Counter[str] = Counter()
    users_seen: dict[str, set[int]] = {"buy": set(), "browse": set()}

    async def buy(user: User) -> None:
        counts["buy"] += 1
        users_seen["buy"].add(user.id)

    async def browse(user: User) -> None:
        counts["browse"] += 1
        users_seen["browse"].add(user.id)
        await user.pace(0.1)

    load = {"buy": arrivals(200).hold(0.5), "browse": users(4).hold(0.5)}
    drive(calibration, buy, browse, load=load)
    assert counts == {"buy": 100, "browse": 20}
    assert len(users_seen["browse"]) == 4
    assert not users_seen["buy"] & users_seen["browse"]


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


VARIABLE: contextvars.ContextVar[int] = contextvars.ContextVar("VARIABLE", default=-1)


def test_context_variables_do_not_leak_between_users(calibration: str) -> None:
    wrong: list[Any] = []
    first: dict[int, int] = {}

    async def begin(user: User) -> None:
        assert VARIABLE.get() == -1
        VARIABLE.set(1000 + user.id)

    async def branch(user: User, value: int) -> int:
        VARIABLE.set(value)
        await user.get("/delay/5")
        return VARIABLE.get()

    async def visit(user: User) -> None:
        first.setdefault(user.id, VARIABLE.get())
        VARIABLE.set(user.id)
        await user.get("/delay/5")
        if VARIABLE.get() != user.id:
            wrong.append(("after await", user.id, VARIABLE.get()))
        if await user.gather(branch(user, 7), branch(user, 8)) != [7, 8]:
            wrong.append("between the gathered")
        if VARIABLE.get() != user.id:
            wrong.append(("after gather", user.id, VARIABLE.get()))
        if await user.thread(VARIABLE.get) != user.id:
            wrong.append("in a thread")

    driven = drive(calibration, visit, load=users(8).hold(0.2), user_start=begin)
    assert not driven.errors
    assert not wrong
    assert first == {number: 1000 + number for number in range(8)}
    assert VARIABLE.get() == -1


def test_random_numbers_are_seeded_by_run_and_user(calibration: str) -> None:
    def drawn(seed: int) -> dict[int, float]:
        draws: dict[int, float] = {}

        async def visit(user: User) -> None:
            draws.setdefault(user.id, user.rng.random())
            await user.think(1)

        drive(calibration, visit, load=users(20).hold(0.05), seed=seed, grace=0)
        return draws

    draws = drawn(1)
    assert len(set(draws.values())) == 20
    assert drawn(1) == draws
    assert not set(drawn(2).values()) & set(draws.values())


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
        assert 0.03 <= step.measures["service"].maximum / 1e9 < 0.3


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


def test_the_calibration_of_draws_is_uniform() -> None:
    """Ten thousand think times: a uniform law's mean and variance, within five standard errors."""
    from perfwright.load.rng import Rng

    rng = Rng(1, 0)
    draws = [rng.uniform(1, 3) for _ in range(10_000)]
    mean = sum(draws) / len(draws)
    variance = sum((draw - mean) ** 2 for draw in draws) / len(draws)
    assert abs(mean - 2) < 5 * (1 / 3) ** 0.5 / 100
    assert abs(variance - 1 / 3) < 0.02
    assert random.Random(1).uniform(1, 3) not in draws
