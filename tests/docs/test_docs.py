"""What the documentation shows is true: its Python compiles, and what is marked as running runs.

A fence ```python is compiled. One that comes after a line `<!-- runs -->` is a whole test file and
is run for a second against the calibration server. Links to files of the repository must lead
somewhere.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.calibration import PERFWRIGHT, calibration_server

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
FENCE = re.compile(
    r"^(?P<runs><!-- runs -->\n+)?```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A fenced piece of Python; `place` is page:line."""

    place: str
    code: str
    runs: bool


def examples_of(page: Path) -> Iterator[Example]:
    text = page.read_text()
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start("code")) + 1
        yield Example(
            place=f"{page.relative_to(ROOT)}:{line}",
            code=fence["code"],
            runs=fence["runs"] is not None,
        )


EXAMPLES = [example for page in PAGES for example in examples_of(page)]
RUNNING = [example for example in EXAMPLES if example.runs]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.place)
def test_python_in_the_docs_compiles(example: Example) -> None:
    compile(example.code, example.place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.fixture(scope="module")
def calibration() -> Iterator[str]:
    with calibration_server() as address:
        yield address


@pytest.mark.parametrize("example", RUNNING, ids=lambda example: example.place)
def test_a_test_file_in_the_docs_runs(example: Example, calibration: str, tmp_path: Path) -> None:
    test_file = tmp_path / "example.py"
    test_file.write_text(example.code)
    load = ["--users", "2", "--for", "1s", "--target", calibration, "--json"]
    finished = subprocess.run(
        [PERFWRIGHT, "run", test_file, *load],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.stdout, finished.stderr
    document = json.loads(finished.stdout)
    assert document["totals"]["requests"] > 0
    assert document["totals"]["errors"] == 0, document["steps"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
