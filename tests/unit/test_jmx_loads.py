"""JMeter's thread groups, the plugins' included, as loads over time."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.jmx import (
    collection,
    defaults,
    element,
    inner,
    prop,
    read,
    sampler,
    thread_group,
)

from perfwright.model.journey import DraftLoad, LoadPart
from perfwright.sources.jmx import read_jmx


def load_of(folder: Path, kind: str, *properties: str) -> DraftLoad:
    load = read(folder, thread_group(sampler("/a"), kind=kind, properties=properties)).load
    assert load is not None
    return load


def props(values: dict[str, object]) -> tuple[str, ...]:
    return tuple(prop(name, value) for name, value in values.items())


def rows(name: str, *table: tuple[int, ...]) -> str:
    cells = [collection("row", *(prop("c", cell) for cell in row)) for row in table]
    return collection(name, *cells)


def test_a_thread_group_ramps_and_holds_for_its_duration(tmp_path: Path) -> None:
    load = load_of(tmp_path, "ThreadGroup", *props({
        "ThreadGroup.num_threads": "${__P(users,20)}", "ThreadGroup.ramp_time": 10,
        "ThreadGroup.scheduler": True, "ThreadGroup.duration": 60}))  # fmt: skip
    assert (load.kind, load.parts) == ("users", (LoadPart(to=20, over_s=10, hold_s=50),))


def test_a_thread_group_that_ends_by_loops_holds_a_minute_and_says_so(tmp_path: Path) -> None:
    controller = inner("ThreadGroup.main_controller", prop("LoopController.loops", 7))
    group = thread_group(sampler("/a"), properties=(prop("ThreadGroup.num_threads", 5), controller))
    draft = read(tmp_path, group)
    assert draft.load is not None
    assert draft.load.parts == (LoadPart(to=5, over_s=0, hold_s=60),)
    assert any("after 7 loops" in note for note in draft.notes)


def test_a_duration_that_ends_within_the_ramp_reaches_a_part_of_the_users(tmp_path: Path) -> None:
    load = load_of(tmp_path, "ThreadGroup", *props({
        "ThreadGroup.num_threads": 10, "ThreadGroup.ramp_time": 100,
        "ThreadGroup.scheduler": True, "ThreadGroup.duration": 50}))  # fmt: skip
    assert load.parts == (LoadPart(to=5, over_s=50),)


def test_an_ultimate_thread_group_adds_its_rows_up(tmp_path: Path) -> None:
    table = rows("ultimatethreadgroupdata", (10, 0, 10, 20, 10), (5, 10, 0, 10, 0))
    load = load_of(tmp_path, "kg.apc.jmeter.threads.UltimateThreadGroup", table)
    assert load.parts == (
        LoadPart(to=10, over_s=10),
        LoadPart(to=15, over_s=0, hold_s=10),
        LoadPart(to=10, over_s=0, hold_s=10),
        LoadPart(to=0, over_s=10),
    )


def test_a_stepping_thread_group_climbs_by_steps(tmp_path: Path) -> None:
    load = load_of(tmp_path, "kg.apc.jmeter.threads.SteppingThreadGroup", *props({
        "ThreadGroup.num_threads": 6, "Threads initial delay": 0, "Start users count": 2,
        "Start users count burst": 2, "Start users period": 10, "rampUp": 5, "flighttime": 60,
        "Stop users count": 6, "Stop users period": 1}))  # fmt: skip
    assert load.parts == (
        LoadPart(to=2, over_s=0, hold_s=10),
        LoadPart(to=4, over_s=5, hold_s=10),
        LoadPart(to=6, over_s=5, hold_s=60),
        LoadPart(to=0, over_s=1),
    )


def test_a_concurrency_thread_group_counts_in_minutes(tmp_path: Path) -> None:
    kind = "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup"
    given = props({"TargetLevel": 30, "RampUp": 2, "Steps": 2, "Hold": 5, "Unit": "M"})
    load = load_of(tmp_path, kind, *given)
    assert load.parts == (
        LoadPart(to=15, over_s=0, hold_s=60),
        LoadPart(to=30, over_s=0, hold_s=360),
    )


def test_an_arrivals_thread_group_is_a_rate_a_second(tmp_path: Path) -> None:
    load = load_of(tmp_path, "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup",
                   *props({"TargetLevel": 600, "RampUp": 1, "Hold": 3, "Unit": "M"}))  # fmt: skip
    assert (load.kind, load.parts) == ("arrivals", (LoadPart(to=10, over_s=60, hold_s=180),))


def test_a_free_form_arrivals_thread_group_follows_its_rows(tmp_path: Path) -> None:
    load = load_of(tmp_path, "com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadGroup",
                   rows("Schedule", (1, 10, 60), (10, 10, 30)), prop("Unit", "S"))  # fmt: skip
    assert load.kind == "arrivals"
    assert load.parts == (
        LoadPart(to=1),
        LoadPart(to=10, over_s=60, hold_s=30),
    )


@pytest.mark.parametrize(
    ("schedule", "parts"),
    [
        ("rate(0) random_arrivals(30 s) rate(10/s) random_arrivals(1 min)",
         (LoadPart(to=10, over_s=30, hold_s=60),)),
        ("rate(60/min) even_arrivals(5s)", (LoadPart(to=1, hold_s=5),)),
    ],
)  # fmt: skip
def test_an_open_model_thread_group_follows_its_schedule(
    tmp_path: Path, schedule: str, parts: tuple[LoadPart, ...]
) -> None:
    said = prop("OpenModelThreadGroup.schedule", schedule)
    load = load_of(tmp_path, "OpenModelThreadGroup", said)
    assert (load.kind, load.parts) == ("arrivals", parts)


def test_each_of_several_groups_keeps_its_own_load(tmp_path: Path) -> None:
    draft = read(tmp_path, group("one", 2, ramp=10), group("two", 4, duration=50, delay=5))
    assert draft.has_own_loads
    assert [journey.load and journey.load.parts for journey in draft.journeys] == [
        (LoadPart(to=2, over_s=10, hold_s=20),),
        (LoadPart(to=0, hold_s=5), LoadPart(to=4, hold_s=50)),
    ]
    assert [journey.weight for journey in draft.journeys] == [2, 4]
    assert any("Each of 2 thread groups has its own load" in note for note in draft.notes)


def test_the_load_of_all_groups_is_their_sum(tmp_path: Path) -> None:
    draft = read(tmp_path, group("one", 2, ramp=10), group("two", 4, ramp=10))
    assert draft.load is not None
    assert draft.load.parts == (LoadPart(to=6, over_s=10, hold_s=20),)


def test_groups_of_two_kinds_run_side_by_side_and_this_is_told(tmp_path: Path) -> None:
    kind = "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup"
    given = props({"TargetLevel": 60, "Hold": 1, "Unit": "M"})
    arriving = thread_group(sampler("/b"), name="three", kind=kind, properties=given)
    draft = read(tmp_path, group("one", 2), group("two", 4), arriving)
    assert draft.load is not None and draft.load.kind == "users"
    assert [journey.load and journey.load.kind for journey in draft.journeys] == [
        "users", "users", "arrivals",
    ]  # fmt: skip
    assert any("is a load of arrivals, the others of users" in note for note in draft.notes)


def test_groups_that_run_one_after_the_other_do_so(tmp_path: Path) -> None:
    groups = (group("one", 2), group("two", 4), group("three", 1))
    whole = element("TestPlan", "Plan", prop("TestPlan.serialize_threadgroups", True),
                    children=(defaults(), *groups))  # fmt: skip
    path = tmp_path / "plan.jmx"
    path.write_text(f"<jmeterTestPlan><hashTree>{whole}</hashTree></jmeterTestPlan>")
    loads = [journey.load for journey in read_jmx(path).journeys]
    assert [load and load.parts[:-1] for load in loads] == [
        (), (LoadPart(to=0, hold_s=30),), (LoadPart(to=0, hold_s=60),),
    ]  # fmt: skip


def test_a_group_without_a_level_is_one_user_for_a_minute_and_this_is_told(tmp_path: Path) -> None:
    draft = read(tmp_path, group("one", 0))
    assert draft.load is not None
    assert draft.load.parts == (LoadPart(to=1, hold_s=60),)
    assert any("no level above zero can be read: 1 user for 60 s" in note for note in draft.notes)


def group(name: str, users: int, *, ramp: int = 0, duration: int = 30, delay: int = 0) -> str:
    given = {"ThreadGroup.num_threads": users, "ThreadGroup.ramp_time": ramp,
             "ThreadGroup.scheduler": True, "ThreadGroup.duration": duration,
             "ThreadGroup.delay": delay}  # fmt: skip
    return thread_group(sampler("/a"), name=name, properties=props(given))
