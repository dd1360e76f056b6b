"""What is said of a gate holds in every place: no overflow, no injection, no word too many."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.cells import cell_len
from support.gates import GATES, crowded, gated, hostile, passed, regression, step

from perfwright.model.comparison import Judged
from perfwright.report.annotations import SHOWN, annotation_lines
from perfwright.report.gate_chart import gate_spec, gate_svg
from perfwright.report.gate_junit import render_gate_junit
from perfwright.report.gate_markdown import (
    COMMENT_LIMIT_BYTES,
    SUMMARY_LIMIT_BYTES,
    render_gate_markdown,
)
from perfwright.report.gate_rows import bar
from perfwright.report.gate_text import render_gate
from perfwright.report.gitlab import render_load_performance, render_metrics
from perfwright.report.mermaid import change_chart

ROOT = Path("/build/shop")
COMMAND = re.compile(
    r"::(error|warning) (file=(?P<file>[^,]*),line=1,)?title=(?P<title>[^:,]*)::(?P<text>.*)"
)


@pytest.mark.parametrize("width", [60, 80, 132])
@pytest.mark.parametrize("name", GATES)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    text = render_gate(GATES[name](), width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_a_budget_s_change_is_shown_with_its_unit() -> None:
    (kept, *_) = passed().result.budgets
    small = dataclasses.replace(kept, change=-0.0514, ci=(-0.165, 0.064), unit="ms")
    gate = dataclasses.replace(
        passed(), result=dataclasses.replace(passed().result, budgets=(small,))
    )
    assert " -0.0514 ms kept; -0.165 ms to +0.064 ms" in render_gate(gate, width=60)


@pytest.mark.parametrize("name", GATES)
def test_the_verdict_is_the_last_thing_in_the_terminal(name: str) -> None:
    gate = GATES[name]()
    lines = render_gate(gate).splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith("━"))
    assert lines[at] == f" {gate.result.word} ".center(80, "━")
    assert f"exit code {gate.result.exit_code}." in lines[at + 1]
    assert all(line.startswith(("•", "  ")) for line in lines[at + 2 :])


@pytest.mark.parametrize("name", GATES)
def test_no_line_of_the_terminal_is_a_command_to_the_ci(name: str) -> None:
    for line in render_gate(GATES[name]()).splitlines():
        assert not line.lstrip().startswith(("::", "##["))


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("limit_bytes", [COMMENT_LIMIT_BYTES, SUMMARY_LIMIT_BYTES])
def test_markdown_stays_below_its_limit(name: str, limit_bytes: int) -> None:
    text = render_gate_markdown(GATES[name](), limit_bytes=limit_bytes)
    assert len(text.encode()) <= limit_bytes


def test_what_did_not_fit_is_counted() -> None:
    text = render_gate_markdown(crowded(), limit_bytes=COMMENT_LIMIT_BYTES)
    (more,) = re.findall(r"_([\d,]+) more steps are in the run's own report._", text)
    rows = text.count("| 🔴 slower |")
    assert rows + int(more.replace(",", "")) == 1_000


def test_markdown_shows_foreign_text_as_text() -> None:
    text = render_gate_markdown(hostile(), limit_bytes=COMMENT_LIMIT_BYTES)
    assert "<script" not in text.replace("\\<", "")
    assert "@everyone" not in text
    assert "\x1b" not in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} <= {9, 5, 4}


def test_a_chart_of_hostile_names_is_still_mermaid() -> None:
    chart = change_chart([])
    assert chart == ""
    text = render_gate_markdown(hostile(), limit_bytes=COMMENT_LIMIT_BYTES)
    (body,) = re.findall(r"```mermaid\n(.*?)\n```", text, re.DOTALL)
    head, title, x, y, bars, line = (part.strip() for part in body.splitlines())
    assert (head, title[:6], y[:15]) == ("xychart-beta", "title ", 'y-axis "percent')
    names = re.fullmatch(r'x-axis \[("[A-Za-z0-9 /._:-]+"(?:, "[A-Za-z0-9 /._:-]+")*)\]', x)
    assert names
    count = len(names[1].split(", "))
    for numbers in (bars.removeprefix("bar "), line.removeprefix("line ")):
        assert len(json.loads(numbers)) == count


@pytest.mark.parametrize("name", GATES)
def test_junit_counts_its_cases(name: str) -> None:
    root = ET.fromstring(render_gate_junit(GATES[name]()))
    (suite,) = root
    cases = suite.findall("testcase")
    assert suite.get("tests") == root.get("tests") == str(len(cases))
    assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
    shut = GATES[name]().result.exit_code in (98, 99)
    assert (suite.get("failures") != "0") == shut


@pytest.mark.parametrize("name", GATES)
def test_an_annotation_is_one_command_whatever_its_text(name: str) -> None:
    lines = annotation_lines(GATES[name](), root=ROOT)
    for line in lines:
        assert COMMAND.fullmatch(line), line
        assert "\n" not in line
    for level in ("error", "warning"):
        assert sum(line.startswith(f"::{level} ") for line in lines) <= SHOWN


def test_annotations_are_escaped_as_github_reads_them() -> None:
    odd = step("a:b,c%\n", Judged.SLOWER, reason="100% worse\n::error::x")
    (line,) = annotation_lines(gated(odd), root=ROOT)
    match = COMMAND.fullmatch(line)
    assert match
    assert match["title"] == "Slower%3A a%3Ab%2Cc%25�"
    assert match["text"] == "100%25 worse%0A::error::x"
    assert match["file"] == "shop.py"


@pytest.mark.parametrize(
    ("test_file", "shown"),
    [("/build/shop/load/shop.py", "load/shop.py"), ("/elsewhere/shop.py", None)],
)
def test_an_annotation_names_the_file_as_the_repository_does(
    test_file: str, shown: str | None
) -> None:
    gate = regression()
    manifest = dataclasses.replace(gate.manifest, test_file=test_file)
    for line in annotation_lines(dataclasses.replace(gate, manifest=manifest), root=ROOT):
        match = COMMAND.fullmatch(line)
        assert match
        assert match["file"] == shown


def test_an_open_gate_has_nothing_to_annotate() -> None:
    assert annotation_lines(passed(), root=ROOT) == []


def test_more_errors_than_github_shows_are_counted() -> None:
    lines = annotation_lines(crowded(), root=ROOT)
    assert len(lines) == SHOWN
    assert "title=991 more::" in lines[-1]


def test_gitlab_reads_what_its_widget_shows() -> None:
    metrics = json.loads(render_load_performance(regression()))["metrics"]
    assert metrics["http_reqs"]["rate"] > 0
    assert 0 < metrics["http_req_waiting"]["p(90)"] <= metrics["http_req_waiting"]["p(95)"]
    passes, fails = metrics["checks"]["passes"], metrics["checks"]["fails"]
    assert 0 < passes / (passes + fails) <= 1


@pytest.mark.parametrize("name", GATES)
def test_metrics_are_openmetrics(name: str) -> None:
    text = render_metrics(GATES[name]())
    assert text.endswith("# EOF\n")
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (TYPE|UNIT) \w+ \w+|# EOF", line)
            continue
        # GitLab drops what follows a # and splits the rest as a shell does.
        assert "#" not in line
        key, value = shlex.split(line)
        assert re.match(r"perfwright_\w+", key)
        float(value)


def test_prometheus_reads_the_metrics() -> None:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    families = {family.name: family for family in text_string_to_metric_families(
        render_metrics(hostile()))}  # fmt: skip
    assert families["perfwright_gate_exit_code"].samples[0].value == 99


def test_the_picture_shows_every_step_with_an_interval() -> None:
    comparison = regression().result.comparison
    assert comparison is not None
    svg = gate_svg(comparison)
    assert svg.startswith("<svg")
    for name in ("login · p95", "pay · errors", "GET /items/{id} · p95"):
        assert name in svg
    ET.fromstring(svg)


def test_without_intervals_there_is_no_picture() -> None:
    comparison = gated(step("rare", Judged.UNKNOWN)).result.comparison
    assert comparison is not None
    assert (gate_spec(comparison), gate_svg(comparison)) == ({}, "")


@pytest.mark.parametrize(
    ("change", "drawn"),
    [
        (0.1, "··········│██████████"),
        (0.05, "··········│█████·····"),
        (0.0013, "··········│▏·········"),
        (0.0, "··········│··········"),
        (-0.05, "·····█████│··········"),
        (9.0, "··········│██████████"),
    ],
)
def test_a_change_is_drawn_as_a_bar(change: float, drawn: str) -> None:
    assert bar(change, full=0.1) == drawn
