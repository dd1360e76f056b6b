"""Worker processes that fail, die or are told something new while they run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.loads import run_file

from perfwright.load.local import LocalLoad
from perfwright.model.frame import Frame
from perfwright.plan.shapes import Segment

BROKEN = """
from perfwright import Test, arrivals, scenario, users

@scenario
async def visit(user):
    await user.get("/delay/20")
    raise LookupError("no token in the answer")

test = Test(target={target!r}, load={load}.hold(20))
"""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("load", ["users(4)", "arrivals(40)"])
def test_a_scenario_of_which_every_iteration_raises_stops_the_run(
    calibration: str, tmp_path: Path, workers: int, load: str
) -> None:
    ran = run_file(tmp_path, BROKEN.format(target=calibration, load=load), workers=workers)
    assert ran.outcome.duration_s < 10
    assert ran.outcome.scenario_broken is not None
    assert ran.outcome.scenario_broken.startswith("every iteration of 'visit' raised:\nTraceback")
    assert "LookupError: no token in the answer" in ran.outcome.scenario_broken
    assert ran.total.iterations_completed == 0
    assert ran.total.steps["GET /delay/{id}"].error_kinds["exception"] >= 4


def test_some_failing_iterations_stop_nothing(calibration: str, tmp_path: Path) -> None:
    ran = run_file(
        tmp_path,
        f"""
        from perfwright import Test, scenario, users

        @scenario
        async def visit(user):
            await user.get("/delay/5")
            if user.id:
                raise LookupError("all but the first")

        test = Test(target={calibration!r}, load=users(12).hold(1.5))
        """,
    )
    assert ran.outcome.scenario_broken is None
    assert ran.outcome.duration_s >= 1.5


def test_a_killed_worker_is_reported_and_what_it_measured_stays(
    calibration: str, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill_one(load: LocalLoad, frame: Frame) -> None:
        if frame.second == 0:
            killed.append(load._members[1].pid)
            os.kill(killed[0], signal.SIGKILL)

    ran = run_file(
        tmp_path,
        f"""
        from perfwright import Test, arrivals, scenario

        @scenario
        async def visit(user):
            await user.get("/", name="home")

        test = Test(target={calibration!r}, load=arrivals(100).hold(3))
        """,
        workers=2,
        on_frame=kill_one,
    )
    (lost,) = ran.outcome.lost_workers
    assert str(killed[0]) in lost
    assert set(ran.frames[0].by_worker) == {0, 1}
    assert ran.frames[0].by_worker[1].steps["home"].requests == 50
    assert set(ran.frames[-1].by_worker) == {0}
    mine = sum(frame.by_worker[0].steps["home"].requests for frame in ran.frames[:3])
    assert mine == 150, "the other goes on with its own half"


def test_workers_end_when_their_parent_is_killed(calibration: str, tmp_path: Path) -> None:
    (tmp_path / "journey.py").write_text(
        f"""
import time
from perfwright import Test, scenario, users

@scenario
async def visit(user):
    try:
        await user.think(600)
    finally:
        if user.id == 1:
            time.sleep(600)  # not even code that never returns keeps a worker alive

test = Test(target={calibration!r}, load=users(2).hold(600))
"""
    )
    program = """
import sys
from pathlib import Path
from perfwright.load.local import LocalLoad
from perfwright.plan.loader import load_test

load = LocalLoad(load_test(Path(sys.argv[1])), workers=2)
load.start()
print(*[member.pid for member in load._members], flush=True)
for frame in load.frames():
    pass
"""
    command = [sys.executable, "-c", program, str(tmp_path / "journey.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        time.sleep(0.5)
        parent.kill()
    assert len(pids) == 2
    end_s = time.monotonic() + 15
    while any(map(_alive, pids)):
        assert time.monotonic() < end_s, "a worker outlives its parent"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("workers", [1, 2])
def test_the_load_can_be_changed_while_it_runs(
    calibration: str, tmp_path: Path, workers: int
) -> None:
    def change(load: LocalLoad, frame: Frame) -> None:
        if frame.second == 0:
            load.change_load("browse", 2.0, (Segment(2.0, 3.0, 300.0, 300.0),))
            load.change_load("buy", 2.0, (Segment(2.0, 3.0, 9.0, 9.0),))

    ran = run_file(
        tmp_path,
        f"""
        from perfwright import Test, arrivals, scenario, users

        @scenario
        async def browse(user):
            await user.get("/", name="browse")

        @scenario
        async def buy(user):
            await user.get("/delay/20", name="buy")

        load = {{"browse": arrivals(100).hold(4), "buy": users(3).hold(4)}}
        test = Test(target={calibration!r}, load=load)
        """,
        workers=workers,
        on_frame=change,
    )
    assert ran.total.steps["browse"].requests == 100 * 2 + 300
    assert 2.9 < ran.outcome.duration_s < 3.6
    buys = [frame.total.steps["buy"].requests for frame in ran.frames[:3]]
    assert buys[2] > 2 * buys[1]


def test_a_thread_that_never_returns_does_not_hold_up_the_end(
    calibration: str, tmp_path: Path
) -> None:
    start_s = time.monotonic()
    ran = run_file(
        tmp_path,
        f"""
        import time
        from perfwright import Test, scenario, users

        @scenario
        async def visit(user):
            await user.thread(time.sleep, 600)

        test = Test(target={calibration!r}, load=users(1).hold(0.2), grace=0)
        """,
    )
    assert time.monotonic() - start_s < 15
    assert ran.total.iterations_interrupted == 1
