"""docs/ci: what `gate --init` writes; its YAML parses, its commands are ours, its braces close."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from support.command_lines import COMMAND, parse_command_line, words
from support.docs_pages import ROOT

from perfwright.workflow.ci_starters import STARTERS, starter_text

SOURCES = [source for source, _ in STARTERS.values()]
LINES = [
    (source, found[1].rstrip("'"))
    for source in SOURCES
    for line in starter_text(source).replace("\\\n", " ").splitlines()
    if (found := COMMAND.search(line))
]


@pytest.mark.parametrize("source", SOURCES)
def test_the_example_is_what_init_writes(source: str) -> None:
    assert (ROOT / "docs" / "ci" / source).read_text() == starter_text(source)


@pytest.mark.parametrize(("source", "line"), LINES)
def test_a_command_of_an_example_parses(source: str, line: str) -> None:
    parse_command_line(f"docs/ci/{source}", line)


@pytest.mark.parametrize("source", SOURCES)
def test_an_example_runs_a_test_gates_it_and_keeps_what_it_wrote(source: str) -> None:
    commands = [words(line) for where, line in LINES if where == source]
    assert {"run", "gate", "report"} <= {command[0] for command in commands}
    (gate,) = (command for command in commands if command[0] == "gate")
    assert "--baseline" in gate
    text = starter_text(source)
    for option in ("--junit", "--comment", "--summary", "--metrics", "--load-performance"):
        if option in gate:
            file = gate[gate.index(option) + 1]
            assert text.count(file) > 1 or "gate.*" in text, f"{source}: {file} is not kept"


@pytest.mark.parametrize("source", [source for source in SOURCES if source.endswith(".yml")])
def test_the_yaml_of_an_example_parses(source: str) -> None:
    document: dict[Any, Any] = yaml.safe_load(starter_text(source))
    if source == "github-actions.yml":
        (job,) = document["jobs"].values()
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])
    else:
        (job,) = document.values()
        assert all(isinstance(line, str) for line in job["before_script"] + job["script"])


def test_the_braces_of_the_jenkinsfile_close() -> None:
    text = re.sub(
        r"'''.*?'''|'[^'\n]*'|\"[^\"\n]*\"|//[^\n]*", "", starter_text("Jenkinsfile"), flags=re.S
    )
    depth = 0
    for char in text:
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(char, 0)
        assert depth >= 0
    assert depth == 0
