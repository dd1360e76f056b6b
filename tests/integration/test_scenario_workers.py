"""Scenarios on real worker processes: what is shared, split and merged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.loads import run_file

from perfwright.load.local import LocalLoad
from perfwright.model.errors import PlanError
from perfwright.plan.loader import load_test
from perfwright.plan.overrides import Overrides

WORKERS = [1, 2, 3]


@pytest.mark.parametrize("workers", WORKERS)
def test_arrivals_add_up_to_the_integral_of_the_rate(
    calibration: str, tmp_path: Path, workers: int
) -> None:
    ran = run_file(
        tmp_path,
        f"""
        from perfwright import Test, arrivals, scenario
        from said import say

        @scenario
        async def visit(user):
            say(user.id, user.iteration)
            await user.get("/", name="home")

        test = Test(target={calibration!r}, load=arrivals(0).ramp(to=200, over=1).hold(0.5))
        """,
        workers=workers,
    )
    assert ran.total.iterations_started == 200
    assert ran.total.steps["home"].requests == 200
    assert ran.total.steps["home"].measures["response"].count == 200
    assert len({tuple(pair) for pair in ran.said}) == 200, "no user is two, no iteration twice"
    assert ran.total.dropped == 0
    assert [frame.second for frame in ran.frames] == list(range(len(ran.frames)))


@pytest.mark.parametrize("workers", WORKERS)
def test_users_add_up_and_setup_reaches_them_all(
    calibration: str, tmp_path: Path, workers: int
) -> None:
    ran = run_file(
        tmp_path,
        f"""
        import os
        from perfwright import Test, scenario, setup, teardown, user_start, users
        from said import say

        @setup
        async def prepare(user):
            answer = await user.get("/echo?a=1")
            say("setup", answer.json()["query"])
            return {{"key": ["k", 1]}}

        @user_start
        async def begin(user):
            say("begin", user.id, user.setup, os.getpid())

        @scenario
        async def visit(user):
            await user.get("/delay/10", name="slow")

        @teardown
        async def settle(user):
            answer = await user.get("/")
            say("teardown", user.setup, user.totals)
            user.check("as many as asked", user.totals["slow"]["requests"] > 7)
            user.check("impossible", user.totals["slow"]["errors"] == 1)

        test = Test(target={calibration!r}, load=users(7).hold(0.3))
        """,
        workers=workers,
    )
    by_kind: dict[str, list[Any]] = {}
    for kind, *rest in ran.said:
        by_kind.setdefault(kind, []).append(rest)
    assert by_kind["setup"] == [["a=1"]]
    assert sorted(user for user, _, _ in by_kind["begin"]) == list(range(7))
    assert len({pid for _, _, pid in by_kind["begin"]}) == workers
    assert all(given == {"key": ["k", 1]} for _, given, _ in by_kind["begin"])
    requests = ran.total.steps["slow"].requests
    assert by_kind["teardown"] == [
        [{"key": ["k", 1]}, {"slow": {"requests": requests, "errors": 0}}]
    ]
    assert ran.outcome.teardown_failures == ("check 'impossible' failed",)
    assert max(frame.total.users_active for frame in ran.frames) <= 7


@pytest.mark.parametrize("workers", WORKERS)
def test_unique_rows_never_repeat_and_their_end_is_a_note(
    calibration: str, tmp_path: Path, workers: int
) -> None:
    (tmp_path / "people.csv").write_text("name\n" + "".join(f"p{n}\n" for n in range(50)))
    ran = run_file(
        tmp_path,
        f"""
        from perfwright import Test, csv, scenario, users
        from said import say

        people = csv("people.csv").shuffled(seed=7).unique()

        @scenario
        async def visit(user):
            name = people.next()["name"]
            await user.get("/delay/5", name="visit")
            say(name)

        test = Test(target={calibration!r}, load=users(6).hold(30))
        """,
        workers=workers,
    )
    assert Counter(name for (name,) in ran.said) == {f"p{n}": 1 for n in range(50)}
    assert ran.total.steps["visit"].requests == 50
    assert ran.total.steps["visit"].errors == 0
    assert not ran.total.scenario_errors
    assert ran.outcome.scenario_broken is None
    assert ran.outcome.duration_s < 10
    assert len(ran.outcome.notes) >= 1
    assert all("rows have been used" in note for note in ran.outcome.notes)


def test_shuffled_rows_are_disjoint_over_workers_and_share_one_index(
    calibration: str, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(60)))
    ran = run_file(
        tmp_path,
        f"""
        import os
        from perfwright import Test, arrivals, csv, scenario
        from said import say

        people = csv("people.csv").shuffled(seed=3)

        @scenario
        async def visit(user):
            maps = open("/proc/self/maps").read().split()
            say(os.getpid(), int(people.next()["n"]), [m for m in maps if "perfwright-" in m])

        test = Test(target={calibration!r}, load=arrivals(120).hold(0.5))
        """,
        workers=2,
    )
    rows_of: dict[int, list[int]] = {}
    indexes = set()
    for pid, number, mapped in ran.said:
        rows_of.setdefault(pid, []).append(number)
        indexes.add(tuple(sorted(set(mapped))))
    first, second = rows_of.values()
    assert len(first) == len(second) == 30
    assert sorted(first + second) == list(range(60))
    assert sorted(first) != first
    assert len(indexes) == 1, "both map the same files"


def test_a_setup_that_fails_runs_nothing(calibration: str, tmp_path: Path) -> None:
    source = f"""
    from perfwright import Test, scenario, setup, users
    from said import say

    @setup
    async def prepare(user):
        await user.get("/")
        raise LookupError("no account")

    @scenario
    async def visit(user):
        say("ran")

    test = Test(target={calibration!r}, load=users(1).hold(1))
    """
    with pytest.raises(PlanError, match=r"(?s)@setup failed.*in prepare.*LookupError: no account"):
        run_file(tmp_path, source)
    assert (tmp_path / "said.jsonl").read_text() == ""


def test_a_setup_must_return_json(calibration: str, tmp_path: Path) -> None:
    source = f"""
    from perfwright import Test, scenario, setup, users

    @setup
    async def prepare(user):
        return {{1, 2}}

    @scenario
    async def visit(user):
        pass

    test = Test(target={calibration!r}, load=users(1).hold(1))
    """
    with pytest.raises(PlanError, match="what @setup returns must be JSON"):
        run_file(tmp_path, source)


def test_teardown_may_use_the_bridges_after_the_load_did(calibration: str, tmp_path: Path) -> None:
    ran = run_file(
        tmp_path,
        f"""
        import asyncio
        from perfwright import Test, scenario, teardown, users
        from said import say

        async def remote():
            await asyncio.sleep(0.01)
            return 3

        @scenario
        async def visit(user):
            await user.asyncio(remote())
            await user.thread(max, 1, 2)

        @teardown
        async def settle(user):
            say(await user.asyncio(remote()), await user.thread(max, 1, 2))

        test = Test(target={calibration!r}, load=users(2).hold(0.2))
        """,
    )
    assert ran.said == [[3, 2]]
    assert ran.outcome.teardown_failures == ()
    assert ran.total.requests() > 0


def test_a_command_line_load_runs_every_scenario_of_the_file(
    calibration: str, tmp_path: Path
) -> None:
    """`--users` replaces a load that named one scenario only: workers agree with the parent."""
    file = tmp_path / "two.py"
    file.write_text(
        f"""
from perfwright import Test, arrivals, scenario

@scenario
async def buy(user):
    await user.get("/delay/5", name="buy")

@scenario
async def browse(user):
    await user.get("/delay/5", name="browse")

test = Test(target={calibration!r}, load={{"buy": arrivals(1).hold(1)}})
"""
    )
    plan = load_test(file, overrides=Overrides(users=6, duration_s=0.5))
    load = LocalLoad(plan, workers=1)
    try:
        load.start()
        steps = {name for frame in load.frames() for name in frame.total.steps}
    finally:
        load.close()
    assert steps == {"buy", "browse"}
