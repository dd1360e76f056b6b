"""Readers of micro-benchmarks: hyperfine, pytest-benchmark, Google Benchmark."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.results import RESULTS, read_into

from perfwright.model.errors import DataError
from perfwright.model.imported import Imported
from perfwright.sources.results.calls import SECONDS_MAX

Row = tuple[Any, ...]


def rows_of(folder: Path, file: Path) -> tuple[Imported, Sequence[Row]]:
    """Name, time in ns, error and start in µs of every call."""
    with read_into(folder, file) as (imported, samples):
        rows = samples.execute(
            "SELECT step, service_ns, error, started_us FROM samples ORDER BY rowid"
        ).fetchall()
        kinds = samples.execute("SELECT DISTINCT kind FROM samples").fetchall()
    assert kinds in ([("call",)], [])
    return imported, rows


def changed(folder: Path, name: str, **parts: object) -> Path:
    """The file with some of its document's parts replaced."""
    document = json.loads((RESULTS / name).read_text())
    file = folder / name
    file.write_text(json.dumps({**document, **parts}))
    return file


def told(name: str) -> Any:
    return json.loads((RESULTS / name).read_text())


class TestHyperfine:
    def test_every_run_is_a_call_of_its_command(self, tmp_path: Path) -> None:
        imported, rows = rows_of(tmp_path, RESULTS / "hyperfine.json")
        first, second = told("hyperfine.json")["results"]
        assert [row[0] for row in rows] == ["sleep 0.01"] * 6 + ["ls /nonexistent"] * 6
        assert [row[1] for row in rows[:6]] == [round(1e9 * time) for time in first["times"]]
        assert [row[2] for row in rows] == [None] * 6 + ["exception"] * 6
        assert second["exit_codes"] == [2] * 6
        assert imported.knows_intended_start
        assert "when the file was written" in imported.notes[0]

    def test_each_run_ends_in_a_second_of_its_own(self, tmp_path: Path) -> None:
        _, rows = rows_of(tmp_path, RESULTS / "hyperfine.json")
        for step in {row[0] for row in rows}:
            ends = [row[3] + row[1] // 1000 for row in rows if row[0] == step]
            seconds = [end // 1_000_000 for end in ends]
            assert seconds == list(range(seconds[0], seconds[0] + 6))

    def test_one_command_twice_is_two_steps(self, tmp_path: Path) -> None:
        first, _ = told("hyperfine.json")["results"]
        _, rows = rows_of(tmp_path, changed(tmp_path, "hyperfine.json", results=[first, first]))
        assert {row[0] for row in rows} == {"sleep 0.01", "sleep 0.01 (2)"}

    def test_a_file_without_times_is_refused(self, tmp_path: Path) -> None:
        first, _ = told("hyperfine.json")["results"]
        file = changed(tmp_path, "hyperfine.json", results=[{**first, "times": None}])
        with pytest.raises(DataError, match="no measured time"):
            rows_of(tmp_path, file)


class TestPytestBenchmark:
    NAMES = ("test_join", "test_sorted[10]", "test_sorted[1000]")

    def test_every_round_is_a_call_of_its_test(self, tmp_path: Path) -> None:
        imported, rows = rows_of(tmp_path, RESULTS / "pytest_benchmark.json")
        assert list(dict.fromkeys(row[0] for row in rows)) == list(self.NAMES)
        stats = told("pytest_benchmark.json")["benchmarks"][0]["stats"]
        times = [row[1] for row in rows if row[0] == "test_join"]
        assert times == [round(1e9 * time) for time in stats["data"]]
        assert "the one time in the file" in imported.notes[0]

    def test_many_rounds_share_seconds_evenly(self, tmp_path: Path) -> None:
        one = told("pytest_benchmark.json")["benchmarks"][0]
        one["stats"]["data"] = [1e-5] * (3 * SECONDS_MAX)
        imported, rows = rows_of(
            tmp_path, changed(tmp_path, "pytest_benchmark.json", benchmarks=[one])
        )
        often = Counter((row[3] + row[1] // 1000) // 1_000_000 for row in rows)
        assert list(often.values()) == [3] * SECONDS_MAX
        assert "several together" in imported.notes[0]

    def test_without_single_times_there_are_quartiles(self, tmp_path: Path) -> None:
        imported, rows = rows_of(tmp_path, RESULTS / "pytest_benchmark_quartiles.json")
        assert not rows
        assert imported.summary is not None
        step = imported.summary.tally.steps["test_join"]
        stats = told("pytest_benchmark_quartiles.json")["benchmarks"][0]["stats"]
        times = step.measures["service"]
        assert (step.kind, step.requests) == ("call", stats["rounds"])
        assert times.quantile(0.75) == pytest.approx(1e9 * stats["q3"], rel=0.004)
        assert times.mean() == pytest.approx(1e9 * stats["mean"], abs=1)
        assert imported.summary.quantiles == (0.25, 0.5, 0.75, 1.0)
        assert any("--benchmark-save-data" in note for note in imported.notes)

    def test_tests_of_one_name_are_told_apart_by_their_file(self, tmp_path: Path) -> None:
        one = told("pytest_benchmark.json")["benchmarks"][0]
        other = {**one, "fullname": "tests/other.py::test_join"}
        _, rows = rows_of(
            tmp_path, changed(tmp_path, "pytest_benchmark.json", benchmarks=[one, other])
        )
        assert {row[0] for row in rows} == {one["fullname"], "tests/other.py::test_join"}

    def test_an_empty_report_is_refused(self, tmp_path: Path) -> None:
        file = changed(tmp_path, "pytest_benchmark.json", benchmarks=[])
        with pytest.raises(DataError, match="holds no benchmark"):
            rows_of(tmp_path, file)


class TestGoogleBenchmark:
    def test_every_repetition_is_a_call_and_aggregates_are_not(self, tmp_path: Path) -> None:
        _, rows = rows_of(tmp_path, RESULTS / "google_benchmark.json")
        benchmarks = told("google_benchmark.json")["benchmarks"]
        repetitions = [one for one in benchmarks if one["run_type"] == "iteration"]
        assert len(benchmarks) > len(repetitions) > 1
        assert [row[0] for row in rows] == [one["run_name"] for one in repetitions]
        units = {"ns": 1, "us": 1e3, "ms": 1e6}
        assert [row[1] for row in rows] == [
            round(one["real_time"] * units[one["time_unit"]]) for one in repetitions
        ]

    def test_aggregates_alone_give_mean_and_median(self, tmp_path: Path) -> None:
        imported, rows = rows_of(tmp_path, RESULTS / "google_benchmark_aggregates.json")
        assert not rows
        assert imported.summary is not None
        assert imported.summary.quantiles == (0.5,)
        rows_told = told("google_benchmark_aggregates.json")["benchmarks"]
        (median,) = [one for one in rows_told if one["name"].endswith("_median")][:1]
        step = imported.summary.tally.steps[median["run_name"]]
        assert step.requests == median["repetitions"]
        scale = {"ns": 1, "us": 1e3, "ms": 1e6}[median["time_unit"]]
        value = step.measures["service"].quantile(0.5)
        assert value == pytest.approx(scale * median["real_time"], rel=0.01)

    def test_files_from_before_run_types_are_told_by_names(self, tmp_path: Path) -> None:
        rows = [
            {"name": name, "iterations": 10, "real_time": 2000, "cpu_time": 2000, "time_unit": "ns"}
            for name in ("BM_copy", "BM_copy", "BM_copy_mean", "BM_copy_stddev")
        ]
        _, calls = rows_of(tmp_path, changed(tmp_path, "google_benchmark.json", benchmarks=rows))
        assert [row[:2] for row in calls] == [("BM_copy", 2000)] * 2

    def test_what_failed_is_an_error_of_its_step(self, tmp_path: Path) -> None:
        row = {
            "name": "BM_file", "run_name": "BM_file", "run_type": "iteration",
            "error_occurred": True, "error_message": "no such file", "iterations": 0,
            "real_time": 0.0, "time_unit": "ns",
        }  # fmt: skip
        _, calls = rows_of(tmp_path, changed(tmp_path, "google_benchmark.json", benchmarks=[row]))
        assert [call[:3] for call in calls] == [("BM_file", 0, "exception")]

    def test_times_of_a_few_nanoseconds_are_called_coarse(self, tmp_path: Path) -> None:
        rows = [
            {"name": name, "run_type": "iteration", "iterations": 9, "real_time": 4.2,
             "time_unit": "ns"}
            for name in ("BM_a", "BM_b", "BM_c", "BM_d")
        ]  # fmt: skip
        imported, _ = rows_of(tmp_path, changed(tmp_path, "google_benchmark.json", benchmarks=rows))
        assert "coarse for these: BM_a, BM_b, BM_c and 1 more" in imported.notes[1]
