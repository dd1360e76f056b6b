"""Test files: what a good one gives, and what a bad one is told."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from perfwright.model.errors import PlanError
from perfwright.plan.loader import load_test
from perfwright.plan.overrides import Overrides
from perfwright.plan.shapes import users
from perfwright.plan.test_plan import TestPlan

Load = Callable[..., TestPlan]

MINIMAL = """
from perfwright import Test, arrivals, scenario, users

@scenario
async def visit(user):
    await user.get("/")
"""


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Writes a test file and loads it; leaves the interpreter as it was."""
    path, modules, environment = list(sys.path), dict(sys.modules), dict(os.environ)

    def write_and_load(
        text: str,
        *,
        name: str = "shop.py",
        target: str | None = "http://localhost:1",
        **rest: object,
    ) -> TestPlan:
        file = tmp_path / name
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        overrides = rest.pop("overrides", Overrides(target=target))
        return load_test(file, overrides=overrides, **rest)  # type: ignore[arg-type]

    yield write_and_load
    sys.path[:] = path
    for added in sys.modules.keys() - modules.keys():
        del sys.modules[added]
    os.environ.clear()
    os.environ.update(environment)


def test_a_whole_test_file_becomes_a_plan(load: Load, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name\nann\n")
    plan = load(
        """
        from perfwright import Test, csv, scenario, setup, teardown, user_start, users

        class Data:
            people = csv("people.csv").shuffled(seed=7)

        @setup
        async def prepare(user): ...

        @user_start
        async def log_in(user): ...

        @scenario(weight=3)
        async def buy(user): ...

        @scenario(name="look around")
        async def browse(user): ...

        @teardown
        async def check(user): ...

        test = Test(target="http://127.0.0.1:8000", load=users(5).hold("1m"), slos=["p99 < 1s"])
        """,
        target=None,
    )
    assert [(spec.name, spec.weight) for spec in plan.scenarios] == [("buy", 3), ("look around", 1)]
    assert plan.setup and plan.teardown and plan.user_start
    assert plan.setup.__name__ == "prepare"
    assert plan.test.load == {"": users(5).hold(60)}
    assert [feeder.next() for feeder in plan.feeders] == [{"name": "ann"}] * 2
    assert plan.path == tmp_path / "shop.py"
    assert "look around" in plan.source
    assert len(plan.digest) == 16


def test_without_a_test_the_defaults_and_the_command_line_say_it_all(load: Load) -> None:
    plan = load(MINIMAL)
    assert plan.test.target == "http://localhost:1"
    assert plan.test.load == {"": users(10).hold(30)}


def test_the_file_runs_once_and_prints_to_stderr(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    load(MINIMAL + "print('here')")
    assert capsys.readouterr() == ("", "here\n")


def test_the_file_can_import_what_lies_beside_it(load: Load, tmp_path: Path) -> None:
    (tmp_path / "journeys_beside.py").write_text(MINIMAL)
    plan = load("from journeys_beside import visit")
    assert [spec.name for spec in plan.scenarios] == ["visit"]


def test_the_environment_is_set_before_the_file_runs(load: Load) -> None:
    plan = load(
        MINIMAL + "import os\ntest = Test(target=os.environ['SHOP'])",
        env={"SHOP": "http://localhost:9"},
        target=None,
    )
    assert plan.test.target == "http://localhost:9"


@pytest.mark.parametrize("name", ["json.py", "pytest.py", "my shop.py"])
def test_a_file_may_have_any_name(load: Load, name: str) -> None:
    import json

    assert load(MINIMAL, name=name).scenarios[0].name == "visit"
    assert sys.modules["json"] is json
    assert sys.modules["pytest"] is pytest


def test_the_same_file_can_be_loaded_again_after_a_change(load: Load) -> None:
    first = load(MINIMAL)
    again = load(MINIMAL.replace("visit", "look"))
    assert [plan.scenarios[0].name for plan in (first, again)] == ["visit", "look"]
    assert first.digest != again.digest


def test_a_file_that_failed_leaves_no_half_made_module(load: Load) -> None:
    with pytest.raises(PlanError):
        load("x = 1 / 0", name="half_made.py")
    assert "half_made" not in sys.modules


def test_a_load_by_name_runs_only_the_scenarios_it_names(load: Load) -> None:
    text = MINIMAL + "@scenario\nasync def look(user): ...\n"
    plan = load(text + "test = Test(load={'look': users(3)})")
    assert [spec.name for spec in plan.scenarios] == ["look"]
    plan = load(
        text + "test = Test(load={'look': users(3), 'visit': users(2)}, scenarios=['visit'])"
    )
    assert plan.test.load == {"visit": users(2).hold(30)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (", "shop.py:1: syntax error\n"),
        ("\nx = 3 3\n", "    x = 3 3\n          ^"),
        ("x = 1 / 0", "shop.py:1: the file fails when it is run\nTraceback"),
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("raise SystemExit(3)", "shop.py:1: the file calls sys.exit"),
        ("\x00", "null bytes"),
        (
            "x = 1",
            "shop.py: there is no scenario in it; write one like\n\n    from perfwright import",
        ),
        (MINIMAL + "users(-1)", "shop.py:7: users(-1): it must be a finite number"),
        (MINIMAL + "Test(slos=['p99 < 300'])", "shop.py:7: SLO: give a unit: ms or s"),
        (MINIMAL + "a = Test()\nb = Test()", "shop.py: one Test per file, but there are a, b"),
        (MINIMAL + "t = Test(load={'vist': users(1)})", "load: there is no scenario 'vist', only"),
        (MINIMAL + "t = Test(scenarios=['vist'])", "scenarios: there is no scenario 'vist', only"),
        (MINIMAL + "t = Test(warmup='1m')", "warmup: 1m leaves nothing to judge of a load of 30 s"),
        (
            MINIMAL + "@scenario(name='visit')\nasync def other(user): ...",
            "two scenarios are called 'visit': ",
        ),
        (
            MINIMAL + "from perfwright import setup\n@setup\nasync def a(u): ...\n"
            "@setup\nasync def b(u): ...\n",
            "one @setup per file, but there are two: ",
        ),
        (
            "from perfwright import scenario\n@scenario\ndef visit(user): ...",
            "shop.py:2: @scenario visit (",
        ),
        ("from perfwright import csv\ncsv('gone.csv')", "shop.py:2: there is no file 'gone.csv'"),
    ],
)
def test_a_bad_file_is_told_where_and_why(load: Load, text: str, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        load(text)
    assert message in str(caught.value)
    assert "loader.py" not in str(caught.value)


def test_an_error_deep_in_a_helper_shows_the_users_frames_only(load: Load, tmp_path: Path) -> None:
    (tmp_path / "helper_that_fails.py").write_text("def fail():\n    return {}['key']\n")
    with pytest.raises(PlanError) as caught:
        load("import helper_that_fails\n\nhelper_that_fails.fail()\n")
    lines = str(caught.value).splitlines()
    assert lines[0] == "shop.py:3: the file fails when it is run"
    assert lines[-1] == "KeyError: 'key'"
    assert sum(line.startswith("  File ") for line in lines) == 2


def test_a_missing_file_and_a_missing_target_are_named(load: Load, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"there is no test file '.*gone\.py'"):
        load_test(tmp_path / "gone.py")
    with pytest.raises(PlanError, match=r"shop\.py: no target; write Test\(target="):
        load(MINIMAL, target=None)
