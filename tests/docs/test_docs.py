"""What the documentation shows is true: its Python compiles, and what is marked as running runs.

A fence ```python is compiled. One that comes after a line `<!-- runs -->` is a whole test file and
is run for a second against the calibration server, with `examples/people.csv` beside it. Links to
files of the repository, and to headings in them, must lead somewhere. The README's scenario is
`examples/minimal.py`.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.calibration import PERFWRIGHT, calibration_server
from support.docs_pages import PAGES, ROOT

FENCE = re.compile(
    r"^(?P<runs><!-- runs -->\n+)?```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


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
    shutil.copy(ROOT / "examples" / "people.csv", tmp_path)
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


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have in links, as GitHub makes them."""
    headings = (heading.lower() for heading in HEADING.findall(page.read_text()))
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(page: Path) -> None:
    for link, anchor in LINK.findall(page.read_text()):
        linked = page.parent / link if link else page
        assert linked.exists(), link
        assert not anchor or anchor in anchors(linked), f"{link}#{anchor}"


def test_the_scenario_of_the_readme_is_the_minimal_example() -> None:
    (shown,) = (example.code for example in EXAMPLES if example.place.startswith("README.md:"))
    example = (ROOT / "examples" / "minimal.py").read_text()
    assert example.endswith(f"\n\n{shown}")


def test_the_table_of_step_names_is_what_the_kernel_does(calibration: str, tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| `GET (/\S*)` \| `(GET /\S*)`",
        (ROOT / "docs" / "scenarios.md").read_text(),
        re.MULTILINE,
    )
    assert rows
    asked = "".join(f"    await user.get({path!r}, expect={{404}})\n" for path, _ in rows)
    test_file = tmp_path / "names.py"
    test_file.write_text(
        f"from perfwright import scenario\n@scenario\nasync def ask(user):\n{asked}"
    )
    once = subprocess.run(
        [PERFWRIGHT, "run", test_file, "--target", calibration, "--once", "--json"],
        capture_output=True,
        check=True,
    )
    (result,) = json.loads(once.stdout)
    assert [exchange["step"] for exchange in result["exchanges"]] == [name for _, name in rows]
