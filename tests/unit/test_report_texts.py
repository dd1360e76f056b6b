"""Markdown, JUnit and the final terminal text, for ordinary runs and for odd ones."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
from xml.etree import ElementTree as ET

import pytest
from rich.cells import cell_len
from support.odd_runs import EVERY, HOSTILE, document_of, run_named

from perfwright.model.result import RunResult
from perfwright.model.verdict import Status, Verdict
from perfwright.report.console import wants_color
from perfwright.report.document import Cell, Column, Section, Table
from perfwright.report.junit import render_junit
from perfwright.report.markdown import LIMIT_BYTES, ROWS_MAX, escape, render_markdown
from perfwright.report.terminal import render_terminal


def with_status(result: RunResult, status: Status) -> RunResult:
    return dataclasses.replace(result, verdict=Verdict(status=status, reasons=("because",)))


@pytest.mark.parametrize("width", [60, 80, 132])
@pytest.mark.parametrize("name", EVERY)
def test_no_line_of_the_final_text_is_wider_than_the_terminal(name: str, width: int) -> None:
    manifest, result, _ = run_named(name)
    text = render_terminal(manifest, result, width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("status", Status)
def test_the_verdict_is_the_last_thing_in_the_terminal(status: Status) -> None:
    manifest, result, _ = run_named("demo")
    lines = render_terminal(manifest, with_status(result, status)).splitlines()
    (bar,) = (number for number, line in enumerate(lines) if f"━ {status.upper()} ━" in line)
    assert cell_len(lines[bar]) == 80
    assert lines[-1].removeprefix("• ") == "because"
    assert len(lines) - bar <= 3


@pytest.mark.parametrize("name", EVERY)
def test_without_color_the_text_holds_no_control_character(name: str) -> None:
    manifest, result, _ = run_named(name)
    text = render_terminal(manifest, result)
    assert all(char == "\n" or char.isprintable() or char == "\u200d" for char in text)


def test_with_color_no_foreign_escape_sequence_gets_through() -> None:
    manifest, result, _ = run_named("hostile")
    text = render_terminal(manifest, result, color=True)
    assert "\x1b[2J" not in text
    assert "[red]markup" in text


def test_a_pipe_gets_no_color() -> None:
    assert not wants_color(io.StringIO())


@pytest.mark.parametrize("name", EVERY)
def test_markdown_fits_a_comment_and_starts_with_the_verdict(name: str) -> None:
    text = render_markdown(document_of(name))
    assert len(text.encode()) < LIMIT_BYTES
    assert text.splitlines()[0].split(" · ")[0][2:] in ("✅ PASS", "❌ FAIL", "⚠️ INCONCLUSIVE")


def test_hostile_names_neither_break_a_markdown_table_nor_form_markup() -> None:
    text = render_markdown(document_of("hostile"))
    bars = [line.replace("\\|", "").count("|") for line in text.splitlines() if line[:2] == "| "]
    widths = {len(list(group)) for _, group in itertools.groupby(bars)}
    assert 0 not in bars
    assert min(widths) >= 3, "a heading, its rule and at least one row of the same width"
    assert not re.search(r"(?<!\\)<script|(?<!\\)\]\(http", _outside_html_and_fences(text))


def _outside_html_and_fences(text: str) -> str:
    text = re.sub(r"^(`{3,})$.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"<details><summary>[^<>]*</summary>", "", text)


@pytest.mark.parametrize("name", HOSTILE)
def test_escaped_text_is_one_line_without_markup(name: str) -> None:
    text = escape(name)
    assert "\n" not in text
    assert not re.search(r"(?<!\\)[<|`*]", text)
    assert "@everyone" not in text


def test_a_long_table_is_cut_in_the_middle_and_says_so() -> None:
    document = document_of("demo")
    rows = tuple((Cell(text=f"step {number}"),) for number in range(1000))
    table = Table(caption="steps", columns=(Column(title="Step"),), rows=rows)
    section = Section(key="steps", title="Steps", blocks=(table,))
    text = render_markdown(dataclasses.replace(document, sections=(section,)))
    assert f"{1000 - ROWS_MAX} more rows" in text
    assert "step 999" in text


def test_a_document_that_cannot_fit_loses_its_last_sections() -> None:
    document = document_of("demo")
    cell = Cell(text="x" * 200)
    table = Table(caption="c", columns=(Column(title="t"),), rows=((cell,),) * 9)
    sections = tuple(
        Section(key=f"s{number}", title=f"Section {number}", blocks=(table,))
        for number in range(60)
    )
    text = render_markdown(dataclasses.replace(document, sections=sections))
    assert len(text.encode()) <= LIMIT_BYTES
    assert "## Section 0" in text
    assert "more sections did not fit" in text


@pytest.mark.parametrize("name", EVERY)
def test_junit_parses_and_its_counts_add_up(name: str) -> None:
    manifest, result, _ = run_named(name)
    root = ET.fromstring(render_junit(manifest, result))
    (suite,) = root
    cases = suite.findall("testcase")
    assert len(cases) == 1 + len(result.slos) == int(suite.attrib["tests"])
    assert len(suite.findall("testcase/failure")) == int(suite.attrib["failures"])
    assert len(suite.findall("testcase/skipped")) == int(suite.attrib["skipped"])
    assert next(child.tag for child in suite) == "properties"
    assert float(suite.attrib["time"]) >= 0


def test_junit_fails_a_failed_run_and_skips_an_inconclusive_one() -> None:
    manifest, result, _ = run_named("failing")
    for status, tag in ((Status.FAIL, "failure"), (Status.INCONCLUSIVE, "skipped")):
        root = ET.fromstring(render_junit(manifest, with_status(result, status)))
        assert root.find("testsuite/testcase[@name='verdict']/" + tag) is not None
    passed = ET.fromstring(render_junit(manifest, with_status(result, Status.PASS)))
    assert [child.tag for child in passed[0][1]] == ["system-out"]
