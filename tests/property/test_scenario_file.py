"""Whatever a draft holds, its file parses, ruff has nothing to say, and it calls what it should."""

from __future__ import annotations

import ast
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.drafts import Maker

from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.export.scenario_file.helpers import _SOURCES
from perfwright.plan import feeders

_USERS = {
    "get", "post", "put", "patch", "delete", "head", "options", "request", "gather", "think",
    "check", "step",
}  # fmt: skip
_ALLOWED = {
    *(f"user.{method}" for method in _USERS),
    *("user.rng.randint", "user.rng.uniform", "user.rng.random", "user.rng.expovariate"),
    *("user.rng.lognormvariate", "user.rng.gammavariate", "user.rng.weibullvariate"),
    *("answer.json", "answer.headers.get", "user.cookies.get", "learnt.get", "seen.get"),
    *("csv", "shuffled", "random", "weighted", "unique", "arrivals", "users", "ramp", "hold"),
    *("Test", "scenario", "os.environ.get", "re.compile", "search", "time.time", "int", "range"),
    *("isinstance", "encode", "next", "str", "user.rng.choice"),
    *_SOURCES,
}
SEEDS = st.integers(0, 2**32)
_HELPERS = "\n".join(_SOURCES.values())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


_number = count()


@settings(max_examples=80)
@given(seed=SEEDS)
def test_any_draft_becomes_a_file_that_parses_and_calls_only_what_is_meant(
    seed: int, folder: Path
) -> None:
    text = write_scenario(Maker(seed).draft())
    tree = ast.parse(text)
    compile(tree, "scenario.py", "exec")
    assert calls_of(tree) <= _ALLOWED
    assert imports_of(tree) <= {
        "os", "re", "time", "uuid", "string", "datetime", "typing", "random", "collections.abc",
        "perfwright",
    }  # fmt: skip
    (folder / f"scenario_{next(_number)}.py").write_text(text, encoding="utf-8")


def test_ruff_has_nothing_to_say_about_those_files(folder: Path) -> None:
    if not any(folder.iterdir()):
        pytest.skip("runs after the test above, on the files that it wrote")
    for command in (("check",), ("format", "--check")):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]


@settings(max_examples=25)
@given(seed=SEEDS)
def test_data_files_stay_in_their_folder_and_can_be_read(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("data")
    for path in write_data(Maker(seed).draft(), folder):
        assert path.parent == folder / "data"
        assert path.name.removesuffix(".csv").isidentifier()
        feeders.csv(path).next()


def calls_of(tree: ast.Module) -> set[str]:
    """What is called, outside of the helpers that are not generated."""
    own = {ast.unparse(node) for node in ast.parse(_HELPERS).body}
    found = set()
    for statement in tree.body:
        if ast.unparse(statement) in own or getattr(statement, "name", "") == "walk":
            continue
        found |= {_called(node) for node in ast.walk(statement) if isinstance(node, ast.Call)}
    return found


def _called(node: ast.Call) -> str:
    """`user.get`, or the last name alone where what comes before is a feeder, pattern or shape."""
    name = ast.unparse(node.func) if not isinstance(node.func, ast.Attribute) else ""
    if isinstance(node.func, ast.Attribute):
        whole = ast.unparse(node.func)
        name = whole if whole in _ALLOWED else node.func.attr
    return name


def imports_of(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
    return names
