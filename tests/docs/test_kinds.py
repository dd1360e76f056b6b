"""docs/kinds.md shows each preset as its docstring draws it, and the length it really has."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from perfwright.plan.presets import PRESETS

PAGE = (Path(__file__).parents[2] / "docs" / "kinds.md").read_text()


@pytest.mark.parametrize("kind", PRESETS)
def test_a_kind_is_introduced_and_drawn_as_in_its_docstring(kind: str) -> None:
    introduction, picture = (inspect.getdoc(PRESETS[kind][0]) or "").split("\n\n", 1)
    shown = PAGE.partition(f"\n## {kind}\n\n")[2]
    prose, fence, drawn = shown.partition("\n\n```text\n")
    assert fence, f"docs/kinds.md has no section {kind} with a picture"
    assert prose.split() == introduction.split()
    assert drawn.partition("```")[0].strip("\n") == inspect.cleandoc(f"\n{picture}")


@pytest.mark.parametrize("kind", PRESETS)
def test_a_kind_has_the_length_that_the_table_says(kind: str) -> None:
    seconds = {"s": 1, "min": 60, "h": 3600}
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
    number, unit = row.split("|")[3].split()
    assert float(number) * seconds[unit] == PRESETS[kind][1]
