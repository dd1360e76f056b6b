"""A test file without its network: what would be sent, when, by whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perfwright import arrivals, users
from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.load.simulated import Simulated, arrival_times, simulate
from perfwright.model.journey import (
    Call,
    DataFile,
    DraftLoad,
    Edge,
    FromData,
    LoadPart,
    ScenarioDraft,
    Text,
    Var,
    Variable,
    Walk,
)
from perfwright.model.think import Exponential, LogNormal
from perfwright.plan.loader import load_test

HEAD = "from perfwright import Test, arrivals, csv, scenario, user_start, users\n"
ITEM, HOME = "GET /items/{id}", "GET /"


def simulated(folder: Path, text: str, **options: int) -> Simulated:
    path = folder / "simulated_test_file.py"
    path.write_text(HEAD + text)
    return simulate(load_test(path), **options)


def test_requests_are_noted_with_their_time_step_and_path(tmp_path: Path) -> None:
    result = simulated(
        tmp_path,
        """
@scenario
async def visit(user):
    await user.get("/")
    await user.think(2)
    async with user.step("buy"):
        await user.post("/cart/7?x=1", json={}, name="add {n}")
        await user.gather(user.get("/a/12"), user.get("http://other.test/b"))
    await user.pace(10)
    await user.delete("/end")

test = Test(target="http://127.0.0.1:1", load=arrivals(1).hold("2s"))
""",
    )
    trace = result.trace
    first = trace.session == 0
    assert [trace.steps[step] for step in trace.step[first]] == [
        "GET /", "add {n}", "GET /a/{id}", "GET /b", "DELETE /end",
    ]  # fmt: skip
    assert trace.time_s[first].tolist() == [0, 2, 2, 2, 10]
    assert [trace.items[i] if i >= 0 else None for i in trace.item[first]] == [
        None, "/cart/7", "/a/12", None, None,
    ]  # fmt: skip
    assert trace.starts_s.tolist() == [0, 1]
    assert result.errors == ()


def test_sessions_begin_as_the_load_has_them() -> None:
    shape = arrivals(0).ramp(to=10, over="20s").hold("10s")
    times = arrival_times(shape, np.random.default_rng(1))
    assert len(times) == 200
    np.testing.assert_allclose(times[:100], np.sqrt(4 * np.arange(100)))  # t²/4 = n
    np.testing.assert_allclose(np.diff(times[101:]), 0.1)


def test_poisson_arrivals_have_the_rate_and_the_gaps_of_a_poisson_process() -> None:
    times = arrival_times(arrivals(50, "poisson").hold("200s"), np.random.default_rng(2))
    gaps = np.diff(times)
    assert len(times) == pytest.approx(10_000, abs=400)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)
    assert times.max() < 200


def test_users_of_the_closed_model_begin_again_when_they_end(tmp_path: Path) -> None:
    result = simulated(
        tmp_path,
        """
@scenario
async def visit(user):
    await user.get("/")
    await user.think(1)

test = Test(target="http://127.0.0.1:1", load=users(2).hold("10s").ramp(to=4, over=0).hold("5s"))
""",
    )
    assert result.sessions == 2 * 15 + 2 * 5


def test_an_idle_user_takes_the_next_arrival_and_starts_once(tmp_path: Path) -> None:
    result = simulated(
        tmp_path,
        """
@user_start
async def log_in(user):
    await user.post("/login")

@scenario
async def visit(user):
    await user.get("/")
    await user.think(1.5)

test = Test(target="http://127.0.0.1:1", load=arrivals(1).hold("10s"))
""",
    )
    logins = result.trace.step == result.trace.steps.index("POST /login")
    assert logins.sum() == 2


def test_scenarios_are_drawn_by_weight(tmp_path: Path) -> None:
    result = simulated(
        tmp_path,
        """
@scenario(weight=3)
async def often(user):
    await user.get("/often")

@scenario
async def seldom(user):
    await user.get("/seldom")

test = Test(target="http://127.0.0.1:1", load=arrivals(100).hold("40s"))
""",
    )
    share = (result.trace.step == result.trace.steps.index("GET /often")).mean()
    assert share == pytest.approx(0.75, abs=0.03)


def test_code_that_looks_into_answers_finds_something_everywhere(tmp_path: Path) -> None:
    result = simulated(
        tmp_path,
        """
@scenario
async def visit(user):
    answer = await user.post("/login", json={})
    token = answer.json()["token"]
    first = user.rng.choice(answer.json()["items"])
    for item in answer.json().get("items", [])[:3]:
        await user.get(f"/items/{item['id']}", headers={"A": f"Bearer {token}"})
    if user.check("ok", answer.ok and answer.status == 200 and "x" in answer.json()):
        await user.get(f"/orders/{first['id'] + 1}", params={"n": int(first["n"]) + 1})
    user.record("size", len(answer.content))
    assert answer.headers["X-Any"] == user.cookies["sid"] == ""

test = Test(target="http://127.0.0.1:1", load=arrivals(1).hold("3s"))
""",
    )
    assert result.errors == ()
    assert len(result.trace.step) == 3 * 3


def test_what_scenarios_raise_is_told_and_ends_only_their_session(tmp_path: Path) -> None:
    result = simulated(
        tmp_path,
        """
@scenario
async def visit(user):
    await user.get("/")
    raise LookupError("no token in it")

test = Test(target="http://127.0.0.1:1", load=arrivals(1).hold("3s"))
""",
    )
    assert result.errors == (("visit: LookupError: no token in it", 3),)
    assert len(result.trace.step) == 3


def test_an_endless_scenario_is_ended(tmp_path: Path) -> None:
    result = simulated(
        tmp_path,
        """
@scenario
async def visit(user):
    while True:
        await user.get("/")

test = Test(target="http://127.0.0.1:1", load=arrivals(1).hold("1s"))
""",
    )
    assert len(result.trace.step) == 10_000
    assert "endless" in result.errors[0][0]


def test_of_a_large_load_evenly_chosen_sessions_are_run(tmp_path: Path) -> None:
    result = simulated(
        tmp_path,
        """
@scenario
async def visit(user):
    await user.get("/")

test = Test(target="http://127.0.0.1:1", load=arrivals(1000).hold("1h"))
""",
        max_sessions=500,
    )
    assert (result.sessions, result.all_sessions) == (500, 2_000_000)
    assert len(result.trace.starts_s) == 2_000_000


def known_walk() -> ScenarioDraft:
    return ScenarioDraft(
        title="Known users",
        sources=("a test",),
        steps=(
            Call(name=HOME, method="GET", url=Text(("/",))),
            Call(name=ITEM, method="GET", url=Text(("/items/", Var("id")))),
        ),
        walks=(
            Walk(
                name="browse",
                weight=1,
                edges=(
                    Edge(source=None, to=HOME, probability=0.7),
                    Edge(source=None, to=ITEM, probability=0.3),
                    Edge(source=HOME, to=ITEM, probability=0.9, think=LogNormal(1.0, 0.5)),
                    Edge(source=HOME, to=None, probability=0.1),
                    Edge(source=ITEM, to=ITEM, probability=0.4, think=Exponential(3.0)),
                    Edge(source=ITEM, to=None, probability=0.6),
                ),
            ),
        ),
        variables=(Variable("id", FromData("items", "id")),),
        data=(
            DataFile(
                name="items",
                columns=("id", "weight"),
                rows=(("7", "6"), ("8", "3"), ("9", "1")),
                order="weighted",
            ),
        ),
        load=DraftLoad(kind="arrivals", parts=(LoadPart(to=20, hold_s=500),), process="poisson"),
    )


def test_a_generated_walk_gives_its_own_probabilities_back(tmp_path: Path) -> None:
    draft = known_walk()
    (tmp_path / "known_walk.py").write_text(write_scenario(draft))
    write_data(draft, tmp_path)
    trace = simulate(load_test(tmp_path / "known_walk.py")).trace
    name = np.array(trace.steps)[trace.step]
    begins = np.diff(trace.session, prepend=-1) != 0
    ends = np.roll(begins, -1)
    assert (name[begins] == HOME).mean() == pytest.approx(0.7, abs=0.02)
    assert ends[name == HOME].mean() == pytest.approx(0.1, abs=0.02)
    assert ends[name == ITEM].mean() == pytest.approx(0.6, abs=0.02)
    gap = np.diff(trace.time_s, append=0.0)
    after_home = gap[(name == HOME) & ~ends]
    assert np.log(after_home).mean() == pytest.approx(1.0, abs=0.03)
    assert np.log(after_home).std() == pytest.approx(0.5, abs=0.03)
    assert gap[(name == ITEM) & ~ends].mean() == pytest.approx(3.0, rel=0.06)
    paths = np.array(trace.items)[trace.item[trace.item >= 0]]
    assert (paths == "/items/7").mean() == pytest.approx(0.6, abs=0.02)


def test_closed_load_without_a_length_takes_the_default(tmp_path: Path) -> None:
    assert users(1).segments == ()
    result = simulated(
        tmp_path,
        """
@scenario
async def visit(user):
    await user.get("/")
    await user.think(1)

test = Test(target="http://127.0.0.1:1", load=users(1))
""",
    )
    assert result.sessions == 30
