"""docs/scenarios.md: every measure and limit of the table of objectives parses, together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perfwright.plan.slo import parse_slo

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
OBJECTIVES = PAGE.partition("\n## Objectives\n")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (`.*) \| .* \| (.*) \|$", OBJECTIVES, re.MULTILINE)


def objectives() -> list[str]:
    found, limits = [], ["10"]
    for measures, written in ROWS:
        limits = re.findall(r"`([^`]+)`", written) or limits
        written_measures = re.findall(r"`([^`]+)`", measures)
        pairs = zip(written_measures, limits, strict=False)
        matching = pairs if "memory" in measures else ((m, limits[0]) for m in written_measures)
        found += [f"{measure} < {limit}" for measure, limit in matching]
    return found


@pytest.mark.parametrize("objective", objectives())
def test_an_objective_of_the_table_parses(objective: str) -> None:
    assert parse_slo(objective).expr == objective


def test_the_table_has_its_rows() -> None:
    assert len(ROWS) >= 10
