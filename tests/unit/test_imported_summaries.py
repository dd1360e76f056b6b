"""A run of another tool's sums: what is known is shown and judged, the rest is told as missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.results import RESULTS

from perfwright.model.comparison import Judged
from perfwright.model.verdict import Status
from perfwright.report.document import KeyFigures, Section, Table
from perfwright.report.run_document import run_document
from perfwright.report.terminal import render_terminal
from perfwright.workflow.compare import compare
from perfwright.workflow.imports import ImportOptions, import_results
from perfwright.workflow.read_run import ReadRun, read_stored


def imported(store: Path, *names: str, slos: tuple[str, ...] = ()) -> ReadRun:
    """The run as every command reads it back from the store."""
    files = [RESULTS / name for name in names]
    return read_stored(import_results(files, ImportOptions(store=store, slos=slos)))


def sections(read: ReadRun) -> dict[str, Section]:
    document = run_document(read.manifest, read.result, read.series)
    return {section.key: section for section in document.sections}


def labels(read: ReadRun) -> list[str]:
    (figures,) = sections(read)["figures"].blocks
    assert isinstance(figures, KeyFigures)
    return [figure.label for figure in figures.figures]


def test_length_and_throughput_are_those_of_the_file(tmp_path: Path) -> None:
    totals = imported(tmp_path, "oha.json").result.totals
    assert totals.duration_s == 3.003860875
    assert totals.throughput_per_s == pytest.approx(21636 / 3.003860875)


def test_percentiles_that_were_not_told_are_neither_shown_nor_judged(tmp_path: Path) -> None:
    slos = ("p95 < 500ms", "p99 < 500ms", "apdex(500ms) > 0.9", "mean < 200ms", "max < 1s")
    result = imported(tmp_path, "k6_handle_summary.json", slos=slos).result
    assert result.overall.response_ms["p95"] == pytest.approx(476.335, rel=0.004)
    assert result.overall.response_ms["max"] == pytest.approx(923.617, abs=0.001)
    assert result.overall.response_ms["p99"] is None
    assert [slo.ok for slo in result.slos] == [True, None, None, True, True]
    assert result.verdict.status is Status.INCONCLUSIVE
    assert "Not in the file, so neither shown nor judged: p99, p99.9." in result.notes


def test_groups_of_a_summary_are_not_counted_twice(tmp_path: Path) -> None:
    result = imported(tmp_path, "k6_handle_summary.json").result
    assert {step.name for step in result.steps} == {"HTTP requests", "expected_response:true"}
    assert result.totals.requests == 2507
    assert (result.totals.iterations, result.totals.users_max) == (2507, 29)


def test_a_sum_has_no_course_over_time(tmp_path: Path) -> None:
    assert "timeline" not in sections(imported(tmp_path, "oha.json"))


def test_what_was_not_measured_has_no_figure(tmp_path: Path) -> None:
    assert labels(imported(tmp_path, "wrk_overloaded.txt")) == [
        "Throughput", "Response p50", "Response p95", "Response p99", "Errors", "Received",
    ]  # fmt: skip


def test_a_report_says_who_measured(tmp_path: Path) -> None:
    read = imported(tmp_path, "wrk2.txt")
    document = run_document(read.manifest, read.result, read.series)
    assert document.subtitle == "Results of wrk2"
    assert document.footer == f"Run {read.manifest.run_id}, measured by wrk2."
    text = render_terminal(read.manifest, read.result)
    assert "measured by wrk2" in text
    assert "iteration" not in text
    assert "generator" not in text


def test_omission_is_told_where_it_may_be_and_nowhere_else(tmp_path: Path) -> None:
    def is_doubted(name: str) -> bool:
        reasons = imported(tmp_path, name).result.verdict.reasons
        return any("coordinated omission" in reason for reason in reasons)

    assert is_doubted("wrk_overloaded.txt")
    assert not is_doubted("wrk2.txt")
    assert not is_doubted("hyperfine.json")


def test_without_a_time_of_its_own_the_files_stands_for_it(tmp_path: Path) -> None:
    file = tmp_path / "oha.json"
    file.write_text((RESULTS / "oha.json").read_text())
    os.utime(file, (1_700_000_000, 1_700_000_000))
    read = read_stored(import_results([file], ImportOptions(store=tmp_path / "store")))
    assert read.manifest.started_at == "2023-11-14T22:13:20Z"
    assert any("time of its writing" in note for note in read.result.notes)


def test_failures_of_which_only_messages_are_known_have_no_times(tmp_path: Path) -> None:
    file = tmp_path / "oha.json"
    text = (RESULTS / "oha.json").read_text()
    file.write_text(text.replace('"aborted due to deadline":9', '"connection closed":9'))
    read = read_stored(import_results([file], ImportOptions(store=tmp_path / "store")))
    (table,) = sections(read)["exemplars"].blocks
    assert isinstance(table, Table)
    (row,) = table.rows
    assert [cell.text for cell in row[1:4]] == ["–", "–", "–"]
    assert row[5].text == "closed_early connection closed"


def test_micro_benchmarks_are_calls(tmp_path: Path) -> None:
    result = imported(tmp_path, "hyperfine.json").result
    assert {(step.name, step.kind, step.requests) for step in result.steps} == {
        ("sleep 0.01", "call", 6),
        ("ls /nonexistent", "call", 6),
    }
    assert (result.totals.requests, result.totals.errors) == (12, 6)


def test_sums_are_compared_over_their_own_length(tmp_path: Path) -> None:
    store = tmp_path / "store"
    slower = tmp_path / "slower.json"
    text = (RESULTS / "k6_handle_summary.json").read_text()
    slower.write_text(text.replace("476.3350163", "576.3350163"))
    compared = compare(store, str(RESULTS / "k6_handle_summary.json"), str(slower))
    (step,) = [one for one in compared.comparison.steps if one.name == "HTTP requests"]
    assert step.verdict is Judged.UNKNOWN
    (throughput,) = [metric for metric in step.metrics if metric.name == "throughput"]
    assert throughput.base == pytest.approx(125.03, abs=0.01)
    assert any("Of the base only sums are known" in note for note in compared.comparison.notes)
