"""Profiles of a real Python process: a hot function, a contended lock, the interpreter lock."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from perfwright.analyze import stacks
from perfwright.analyze.frames import frames_of
from perfwright.analyze.thread_waits import wait_of
from perfwright.analyze.wait_kinds import Wait
from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component, Reading
from perfwright.observe.profile_pyspy import PySpyProfiler, remedy

PROGRAM = '''
import threading, time
lock = threading.Lock()

def total(items):
    return sum(item * item for item in items)

def pay():
    while True:
        with lock:
            time.sleep(0.005)

for _ in range(3):
    threading.Thread(target=pay, name="payer", daemon=True).start()
print("ready", flush=True)
while True:
    total(range(1000))
'''  # fmt: skip
LOCKED_LINE = PROGRAM.splitlines().index("        with lock:") + 1


@pytest.fixture(scope="module")
def pid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.py").write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, "shop.py"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "ready\n"
        yield process.pid
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def taken(pid: int) -> Reading:
    component = Component(subject="port:8000", runtime="python 3.11", pids=(pid,))
    return PySpyProfiler(component).profile("knee", 4.0)


def test_the_hot_function_is_named_with_its_file_and_line(taken: Reading) -> None:
    for mode in ("cpu", "gil"):
        profile = stacks.select(taken.stacks, mode=mode, moment="knee", subject="port:8000")
        main = [stack for stack in profile if stack.thread.endswith("MainThread")]
        assert stacks.inside(main, "total (./shop.py:") >= 0.8 * stacks.total_load(main) > 0
        assert stacks.functions(main)[0].place.startswith("shop.py:")


def test_the_interpreter_lock_is_seldom_free(taken: Reading) -> None:
    held = stacks.total_load(stacks.select(taken.stacks, mode="gil"))
    assert 0.2 < held <= 1.0


def test_threads_that_wait_for_a_lock_are_found_with_the_line_that_takes_it(
    taken: Reading,
) -> None:
    wall = stacks.select(taken.stacks, mode="wall")
    waiting = [one for one in wall if wait_of(frames_of(one.stack)) is Wait.LOCK]
    assert all(f"pay (./shop.py:{LOCKED_LINE});" in one.stack for one in waiting)
    assert len({one.thread for one in waiting}) == 3
    assert stacks.total_load(waiting) > 1


def test_nothing_outlives_a_profile(pid: int, taken: Reading) -> None:
    assert taken.stacks
    ours = {child.name() for child in psutil.Process().children(recursive=True)}
    assert "py-spy" not in ours
    assert psutil.pid_exists(pid)


def test_a_component_without_python_says_so() -> None:
    nobody = Component(subject="pid:1", runtime="native", pids=(os.getpid() + 1_000_000,))
    with pytest.raises(ProbeError, match="pid:1: it has no Python process"):
        PySpyProfiler(nobody).profile("low", 1.0)


@pytest.mark.parametrize(
    "said",
    [
        "Permission Denied: Try running again with elevated permissions",
        "Error: Failed to suspend process: EPERM: Operation not permitted",
    ],
)
def test_a_refusal_names_the_remedy(said: str) -> None:
    assert "kernel.yama.ptrace_scope=0" in remedy(said, 4711)
    assert "may not read process 4711" in remedy(said, 4711)
