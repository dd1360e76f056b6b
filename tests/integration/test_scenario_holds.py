"""Scenario code that holds the loop is caught in the act: file, line, how often, how long."""

from __future__ import annotations

import importlib.util
import re
import time
from pathlib import Path
from types import ModuleType

from support.loads import drive

from perfwright import User, arrivals, users

HELPERS = """
import time

def slow_parse(rounds):
    total = 0
    for number in range(rounds):
        total += number * number % 7  # in the loop
    return total

def nap(seconds):
    time.sleep(seconds)  # napping

def compare():
    return sorted(range(3_000_000), key=str)  # one C call, holding the GIL
"""


def _helpers(folder: Path) -> ModuleType:
    path = folder / "helpers.py"
    path.write_text(HELPERS)
    spec = importlib.util.spec_from_file_location("helpers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _line(text: str, source: str) -> int:
    return next(n for n, line in enumerate(source.splitlines(), 1) if text in line)


def test_a_sleep_is_named_by_the_line_of_the_scenario(calibration: str) -> None:
    async def visit(user: User) -> None:
        await user.get("/")
        time.sleep(0.05)  # the culprit
        await user.get("/")

    driven = drive(calibration, visit, load=arrivals(20).hold(0.25))
    ((file, line, count, total_ns, longest_ns),) = driven.holds
    assert file == __file__
    assert line == _line("# the culprit", Path(__file__).read_text())
    assert count == 5
    assert total_ns >= 5 * 50_000_000
    assert 50_000_000 <= longest_ns <= total_ns / 5 * 5


def test_a_pure_python_parse_in_a_helper_module_is_named_there(
    calibration: str, tmp_path: Path
) -> None:
    helpers = _helpers(tmp_path)

    async def visit(user: User) -> None:
        await user.get("/")
        helpers.slow_parse(1_500_000)

    driven = drive(calibration, visit)
    ((file, line, count, _, longest_ns),) = driven.holds
    assert file == str(tmp_path / "helpers.py")
    assert line in (6, 7), "inside the loop"
    assert "for number" in HELPERS.splitlines()[5]
    assert count == 1
    assert longest_ns >= 10_000_000


def test_a_sleep_in_a_helper_module_is_named_there(calibration: str, tmp_path: Path) -> None:
    helpers = _helpers(tmp_path)

    async def inner(user: User) -> None:
        await user.think(0.001)
        helpers.nap(0.03)

    async def visit(user: User) -> None:
        await user.gather(inner(user), inner(user))

    driven = drive(calibration, visit)
    ((file, line, count, _, _),) = driven.holds
    assert (file, line) == (str(tmp_path / "helpers.py"), _line("# napping", HELPERS))
    assert count == 2


def test_a_c_call_that_holds_the_gil_is_named_by_its_line(calibration: str, tmp_path: Path) -> None:
    helpers = _helpers(tmp_path)
    pattern = re.compile(r"(a+)+$")

    async def visit(user: User) -> None:
        if user.id:
            helpers.compare()
        else:
            pattern.match("a" * 23 + "b")  # backtracks for long
        await user.get("/")

    driven = drive(calibration, visit, load=arrivals(40).hold(0.05))
    places = {(file, line) for file, line, *_ in driven.holds}
    here = _line("# backtracks for long", Path(__file__).read_text())
    assert (__file__, here) in places


def test_quick_code_holds_nothing(calibration: str) -> None:
    async def visit(user: User) -> None:
        await user.get("/")
        sum(range(1000))

    driven = drive(calibration, visit, load=users(2).hold(0.2))
    assert sum(count for _, _, count, _, _ in driven.holds) <= 2, "but for pre-emption"
