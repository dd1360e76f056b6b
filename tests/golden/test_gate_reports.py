"""What is said of gates, whole, in every place; UPDATE_GOLDEN=1 accepts a change."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.gates import alone, broken, passed, regression, undecided

from perfwright.report.annotations import annotation_lines
from perfwright.report.gate_junit import render_gate_junit
from perfwright.report.gate_markdown import SUMMARY_LIMIT_BYTES, render_gate_markdown
from perfwright.report.gate_text import render_gate
from perfwright.report.gitlab import render_load_performance, render_metrics
from perfwright.workflow.gate import Gated

ROOT = Path("/build/shop")
DATA = Path(__file__).parent / "data"


def markdown(gated: Gated) -> str:
    return render_gate_markdown(gated, limit_bytes=SUMMARY_LIMIT_BYTES, picture="gate.svg")


RENDERED = {
    "gate.txt": lambda: render_gate(regression()),
    "gate-color.txt": lambda: render_gate(regression(), color=True),
    "gate-pass.txt": lambda: render_gate(passed()),
    "gate-unknown.txt": lambda: render_gate(undecided()),
    "gate-slo.txt": lambda: render_gate(broken()),
    "gate-alone.txt": lambda: render_gate(alone()),
    "gate.md": lambda: markdown(regression()),
    "gate-pass.md": lambda: markdown(passed()),
    "gate.junit.xml": lambda: render_gate_junit(regression()),
    "gate.annotations.txt": lambda: "\n".join(annotation_lines(regression(), root=ROOT)) + "\n",
    "gate.load-performance.json": lambda: render_load_performance(regression()),
    "gate.metrics.txt": lambda: render_metrics(regression()),
    "gate.json": lambda: json.dumps(regression().result.as_json(), indent=1) + "\n",
}


@pytest.mark.parametrize("name", RENDERED)
def test_what_is_said_of_a_gate_is_as_it_was(name: str) -> None:
    text = RENDERED[name]()
    golden = DATA / name
    if "UPDATE_GOLDEN" in os.environ:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
