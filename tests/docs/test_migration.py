"""The guides for who comes from another tool: ours runs as it stands, theirs is well-formed.

A fence ```python after a line `<!-- runs on the shop -->` is a whole test file; it is run against
the sample shop, shortened. Steps have the same names in both.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.calibration import PERFWRIGHT
from support.docs_pages import ROOT

from perfwright.lab.launch import start_shop

GUIDES = sorted((ROOT / "docs" / "migrate").glob("*.md"))
OURS = re.compile(r"^<!-- runs on the shop -->\n+```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEPS = ("login", "items", "add to cart", "order")


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with start_shop(orders=500) as process:
        yield process.url


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_our_side_of_a_guide_runs(guide: Path, shop: str, tmp_path: Path) -> None:
    (code,) = OURS.findall(guide.read_text())
    (tmp_path / "shop.py").write_text(code.replace("think(1, 3)", "think(0.1, 0.3)"))
    shutil.copy(ROOT / "examples" / "people.csv", tmp_path)
    words = ["run", "shop.py", "--target", shop, "--users", "2", "--for", "2s", "--json"]
    done = subprocess.run(
        [PERFWRIGHT, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    assert document["totals"]["errors"] == 0, document["steps"]
    assert {step["name"] for step in document["steps"]} >= set(STEPS)
    assert all(check["failed"] == 0 and check["passed"] for check in document["checks"])


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_their_side_has_the_same_steps(guide: Path) -> None:
    text = guide.read_text()
    (ours,) = OURS.findall(text)
    theirs = text.replace(ours, "")
    for step in STEPS:
        assert re.search(f"[\"']{step}[\"']", theirs), step


def test_what_can_be_parsed_of_the_others_is_well_formed() -> None:
    jmeter = (ROOT / "docs/migrate/jmeter.md").read_text()
    for fence in re.findall(r"^```xml\n(.*?)^```$", jmeter, re.MULTILINE | re.DOTALL):
        ElementTree.fromstring(fence)
    locust = (ROOT / "docs/migrate/locust.md").read_text()
    for fence in re.findall(r"^```python\n(.*?)^```$", locust, re.MULTILINE | re.DOTALL):
        ast.parse(fence)
