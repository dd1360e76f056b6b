"""Locust's CSV files, together and alone."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from support.results import RESULTS, read_into, summary_of

from perfwright.model.errors import DataError

ALL = ("stats", "failures", "stats_history", "exceptions")
FILES = tuple(f"locust_{kind}.csv" for kind in ALL)


def table(kind: str) -> list[dict[str, str]]:
    with (RESULTS / f"locust_{kind}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def named(rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {f"{row['Type']} {row['Name']}": row for row in rows if row["Name"] != "Aggregated"}


def test_steps_are_methods_and_names_and_not_their_sum(tmp_path: Path) -> None:
    steps = summary_of(tmp_path, *FILES).tally.steps
    rows = named(table("stats"))
    assert list(steps) == list(rows)
    for name, row in rows.items():
        assert steps[name].requests == int(row["Request Count"])
        assert steps[name].errors == int(row["Failure Count"])


def test_times_are_those_of_the_file(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, *FILES)
    for name, row in named(table("stats")).items():
        times = summary.tally.steps[name].measures["service"]
        maximum = 1e6 * float(row["Max Response Time"])
        assert times.maximum == pytest.approx(maximum, abs=1)
        assert times.mean() == pytest.approx(1e6 * float(row["Average Response Time"]), abs=1)
        assert times.quantile(0.5) == pytest.approx(
            min(maximum, 1e6 * float(row["50%"])), rel=0.004
        )
    assert {0.5, 0.95, 0.99, 0.999, 1.0} <= set(summary.quantiles)


def test_failures_give_kinds_and_messages(tmp_path: Path) -> None:
    tally = summary_of(tmp_path, *FILES).tally
    rows = table("failures")
    assert rows
    for step in tally.steps.values():
        assert sum(step.error_kinds.values()) == step.errors
    assert {one.message for one in tally.exemplars} == {row["Error"] for row in rows}
    assert any("http_5xx" in step.error_kinds for step in tally.steps.values())
    assert any("check" in step.error_kinds for step in tally.steps.values())


def test_the_history_tells_start_and_users(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, *FILES)
    history = table("stats_history")
    assert summary.tally.users_active == max(int(row["User Count"]) for row in history) > 0
    assert summary.started_at.startswith("20")
    assert summary_of(tmp_path, FILES[0]).started_at == ""


def test_length_is_requests_over_rate(tmp_path: Path) -> None:
    total = table("stats")[-1]
    assert total["Name"] == "Aggregated"
    length_s = int(total["Request Count"]) / float(total["Requests/s"])
    assert summary_of(tmp_path, *FILES).duration_s == pytest.approx(length_s)


def test_exceptions_of_user_code_are_kept(tmp_path: Path) -> None:
    errors = summary_of(tmp_path, *FILES).tally.scenario_errors
    assert [error.message for error in errors] == [row["Message"] for row in table("exceptions")]
    assert [error.where for error in errors] == ["bug", "odd"]


def test_the_history_alone_gives_the_totals(tmp_path: Path) -> None:
    with read_into(tmp_path, RESULTS / "locust_stats_history.csv") as (imported, _):
        assert imported.summary is not None
        step = imported.summary.tally.steps["Aggregated"]
        stamps = [int(row["Timestamp"]) for row in table("stats_history")]
        assert imported.summary.duration_s == max(stamps) - min(stamps) > 0
    assert step.requests == int(table("stats_history")[-1]["Total Request Count"])
    assert any("history alone" in note for note in imported.notes)


def test_failures_alone_say_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"PREFIX_stats\.csv"):
        summary_of(tmp_path, "locust_failures.csv")


def test_lines_of_another_width_are_counted_with_their_number(tmp_path: Path) -> None:
    file = tmp_path / "stats.csv"
    file.write_text((RESULTS / "locust_stats.csv").read_text() + "GET,/half,3\n")
    with read_into(tmp_path, file) as (imported, _):
        (bad,) = imported.examples
    assert (imported.bad_lines, bad.line) == (1, len(file.read_text().splitlines()))
    assert "3 columns" in bad.why
