"""How scenarios end: stopped in time or too late, by exceptions, by data that are used up."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from support.loads import drive

from perfwright import User, arrivals, rows, users
from perfwright._kernel import Stopped


def test_iterations_under_way_finish_within_the_grace_period(calibration: str) -> None:
    async def visit(user: User) -> None:
        await user.get("/delay/200")

    tally = drive(calibration, visit, load=users(3).hold(0.05), grace=5).tally
    assert (tally.iterations_started, tally.iterations_completed) == (3, 3)
    assert tally.iterations_interrupted == 0


def test_past_the_grace_period_users_unwind_and_may_still_send(calibration: str) -> None:
    seen: list[str] = []

    async def visit(user: User) -> None:
        try:
            await user.get("/delay/5000", name="slow")
        except BaseException as error:
            seen.append(type(error).__name__)
            raise
        finally:
            await user.get("/", name="log out")
            await user.think(0.01)
            seen.append("cleaned up")

    start_s = time.monotonic()
    driven = drive(calibration, visit, load=users(2).hold(0.05), grace=0.05)
    assert time.monotonic() - start_s < 1
    assert seen == ["Stopped"] * 2 + ["cleaned up"] * 2
    assert driven.tally.steps["log out"].requests == 2
    assert driven.tally.iterations_interrupted == 2
    assert driven.tally.iterations_failed == 0
    assert driven.tally.requests_interrupted == 2
    assert "slow" not in driven.tally.steps or driven.tally.steps["slow"].requests == 0
    assert not driven.errors


def test_stopping_now_unwinds_at_once(calibration: str) -> None:
    async def visit(user: User) -> None:
        await user.think(60)

    start_s = time.monotonic()
    tally = drive(calibration, visit, load=users(5).hold(60), stop_now_after_s=0.1).tally
    assert time.monotonic() - start_s < 1
    assert (tally.iterations_started, tally.iterations_interrupted) == (5, 5)


def test_gathered_coroutines_unwind_one_by_one_before_their_parent(calibration: str) -> None:
    events: list[str] = []

    async def child(user: User, name: str) -> None:
        try:
            await user.think(60)
        finally:
            await user.get("/", name="child's end")
            events.append(name)

    async def visit(user: User) -> None:
        try:
            await user.gather(child(user, "a"), user.get("/"), child(user, "b"))
        except Stopped:
            events.append("parent")
            raise

    tally = drive(calibration, visit, stop_now_after_s=0.15).tally
    assert sorted(events[:2]) == ["a", "b"]
    assert events[2:] == ["parent"]
    assert tally.steps["child's end"].requests == 2
    assert tally.iterations_interrupted == 1


def test_a_stop_leaves_alone_who_took_the_place_of_an_ended_coroutine(calibration: str) -> None:
    """Places of ended coroutines are used again: one user's stop must not reach another's."""
    cleaned: list[int] = []

    async def wait(user: User) -> None:
        try:
            await user.think(60)
        finally:
            await user.think(0.05)
            cleaned.append(user.id)

    async def visit(user: User) -> None:
        await user.gather(user.think(0), user.think(0.001 * user.id), wait(user))

    tally = drive(calibration, visit, load=arrivals(200).hold(0.2), stop_now_after_s=0.3).tally
    assert sorted(cleaned) == list(range(40))
    assert tally.iterations_interrupted == 40


def test_context_managers_are_left_when_the_run_stops(calibration: str) -> None:
    left: list[str] = []

    @asynccontextmanager
    async def session(user: User) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await user.get("/")
            left.append("session")

    async def visit(user: User) -> None:
        async with session(user), user.step("group"):
            await user.think(60)

    tally = drive(calibration, visit, stop_now_after_s=0.1).tally
    assert left == ["session"]
    assert "group" not in tally.steps, "a group that was cut off measured nothing"


def test_a_scenario_that_swallows_the_stop_is_left_behind_at_the_deadline(
    calibration: str,
) -> None:
    swallowed: list[str] = []
    over = False

    async def visit(user: User) -> None:
        while not over:
            try:
                await user.think(0.05)
            except Stopped:
                swallowed.append("stop")

    start_s = time.monotonic()
    tally = drive(calibration, visit, load=users(2).hold(0.05), grace=0).tally
    over = True
    assert swallowed == ["stop"] * 2
    assert 2 <= time.monotonic() - start_s < 4
    assert (tally.iterations_interrupted, tally.iterations_completed) == (2, 0)


def test_an_iteration_that_returns_after_the_stop_counts_as_completed(calibration: str) -> None:
    async def visit(user: User) -> None:
        try:
            await user.think(60)
        except Stopped:
            return

    assert drive(calibration, visit, stop_now_after_s=0.1).tally.iterations_completed == 1


def test_exceptions_are_counted_by_their_last_request_with_a_trimmed_traceback(
    calibration: str,
) -> None:
    async def buy(user: User) -> None:
        answer = await user.get("/", name="login")
        if user.iteration % 2:
            raise RuntimeError(f"odd iteration {user.iteration}")
        answer.json()["token"]

    driven = drive(calibration, buy, load=arrivals(40).hold(0.25))
    assert driven.tally.iterations_failed == 10
    assert driven.tally.steps["login"].error_kinds == {"exception": 10}
    by_type = {error["type"]: error for error in driven.errors}
    assert sum(error["count"] for error in driven.errors) == 10
    key = by_type["KeyError"]
    assert (key["where"], key["message"]) == ("buy", "'token'")
    lines = key["traceback"].splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].startswith(f'  File "{__file__}", line ')
    assert lines[1].endswith(", in buy")
    assert lines[2].strip() == 'answer.json()["token"]'
    assert lines[-1] == "KeyError: 'token'"
    assert "perfwright/load" not in key["traceback"]


def test_an_exception_before_any_request_condemns_no_others_request(calibration: str) -> None:
    async def fine(user: User) -> None:
        await user.get("/", name="fine")

    async def broken(_user: User) -> None:
        raise ValueError("at once")

    load = {"fine": users(2).hold(0.2), "broken": arrivals(100).hold(0.2)}
    driven = drive(calibration, fine, broken, load=load)
    assert driven.error["count"] == 20
    assert driven.tally.steps["fine"].errors == 0


def test_the_cause_of_an_exception_is_told(calibration: str) -> None:
    async def visit(_user: User) -> None:
        try:
            int("x")
        except ValueError as error:
            raise LookupError("no number") from error

    text = drive(calibration, visit).error["traceback"]
    assert "invalid literal for int()" in text
    assert text.endswith("LookupError: no number")


def test_an_exception_that_cannot_be_printed_and_sys_exit_are_counted_like_others(
    calibration: str,
) -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise ZeroDivisionError

    async def visit(user: User) -> None:
        if user.id == 0:
            raise Rude
        raise SystemExit(3)

    driven = drive(calibration, visit, load=arrivals(40).hold(0.05))
    counts = {error["type"].rpartition(".")[2]: error["count"] for error in driven.errors}
    assert counts in ({"Rude": 2}, {"Rude": 1, "SystemExit": 1})


def test_a_storm_of_exceptions_does_not_grow_memory(calibration: str) -> None:
    async def visit(user: User) -> None:
        text = f"unlike any other: {user.iteration} " + "x" * 10_000
        raise ValueError(text)

    def storm() -> Any:
        return drive(calibration, visit, load=users(10).hold(0.5))

    storm()
    gc.collect()
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    driven = storm()
    assert driven.tally.iterations_failed > 1000
    assert len(driven.errors) == 1
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert grown_kb < 20_000, "ten kB each would be more than this after 2,000 exceptions"


def test_a_unique_feeder_that_is_used_up_ends_the_load_without_errors(
    calibration: str, tmp_path: Path
) -> None:
    people = rows([{"n": n} for n in range(25)]).unique()
    people.build_index(tmp_path)
    people.attach(tmp_path)
    seen: list[int] = []

    async def visit(user: User) -> None:
        person = people.next()
        await user.get("/", name="visit")
        seen.append(person["n"])

    start_s = time.monotonic()
    driven = drive(calibration, visit, load=users(4).hold(30))
    assert time.monotonic() - start_s < 5, "it does not wait for the end of the load"
    assert sorted(seen) == list(range(25))
    assert driven.exhausted is not None
    assert "all 25 rows have been used" in driven.exhausted
    assert not driven.errors
    assert driven.tally.steps["visit"].errors == 0
    assert driven.tally.iterations_completed == 25
    assert driven.tally.iterations_failed == 0
    assert 1 <= driven.tally.iterations_interrupted <= 4
