"""What a user offers beside requests: checks, steps, values, cookies, numbers of its own."""

from __future__ import annotations

import contextvars
from collections import Counter
from typing import Any

import pytest
from support.loads import drive

from perfwright import User, arrivals, users
from perfwright.load.kernel_config import Given


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
    assert 0.09 <= took_s < 2
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
