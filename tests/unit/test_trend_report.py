"""A trend drawn and printed: sparkline, chart, pictures, page; and the command that does it."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.series import stepped, trend_of

from perfwright.cli import main
from perfwright.model.trend import TrendPoint
from perfwright.model.verdict import Status
from perfwright.report.html import page
from perfwright.report.sparkline import column_of, sparkline
from perfwright.report.trend_charts import thinned_points, trend_chart
from perfwright.report.trend_document import trend_document
from perfwright.workflow.trend import Trended


@functools.cache
def plain() -> Trended:
    return Trended(subject="s.csv", key="", trend=trend_of(stepped(80, 50, 8.0, seed=1)))


def trended(**changed: object) -> Trended:
    return dataclasses.replace(plain(), **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8], 8, "▁▂▃▄▅▆▇█"),
        ([1, None, 8], 8, "▁ █"),
        ([3, 3, 3], 8, "▄▄▄"),
        ([1, 1, 8, 8], 2, "▁█"),
        ([None, None], 8, "  "),
        ([], 8, ""),
    ],
)
def test_a_sparkline_has_a_column_for_each_stretch(
    values: list[float | None], width: int, line: str
) -> None:
    assert sparkline(values, width) == line


def test_a_row_is_found_in_its_column() -> None:
    assert [column_of(row, 100, 10) for row in (0, 9, 10, 99)] == [0, 0, 1, 9]


def test_the_chart_shows_values_level_and_change() -> None:
    chart = trend_chart(trended())
    assert chart is not None
    text = json.dumps(chart.spec, allow_nan=False)
    assert "http" not in text
    marks = [layer["mark"]["type"] for layer in chart.spec["layer"]]
    assert {"line", "rule", "text"} <= set(marks)


def test_the_page_holds_the_chart_and_each_change() -> None:
    text = page(trend_document(trended(), trend_chart(trended())), bundle="")
    assert 'id="chart-trend"' in text
    assert 'id="change-1"' in text


def test_a_series_without_values_has_no_chart() -> None:
    empty = dataclasses.replace(trended(), trend=trend_of([float("nan")] * 3))
    assert trend_chart(empty) is None
    assert "values" in page(trend_document(empty, None), bundle="")


def test_long_series_keep_their_extremes() -> None:
    points = [TrendPoint(index=i, time=i, value=float(i % 7)) for i in range(10_000)]
    points[7777] = TrendPoint(index=7777, time=7777, value=99.0)
    kept = thinned_points(points, most=500)
    assert len(kept) <= 502
    assert any(point.value == 99.0 for point in kept)
    assert [point.index for point in kept] == sorted(point.index for point in kept)


@pytest.mark.parametrize(
    ("higher_is_better", "status"),
    [(False, Status.FAIL), (True, Status.PASS), (None, Status.INCONCLUSIVE)],
)
def test_the_verdict_depends_on_what_is_better(
    higher_is_better: bool | None, status: Status
) -> None:
    document = trend_document(trended(higher_is_better=higher_is_better), None)
    assert document.verdict.status is status


def csv_file(folder: Path) -> Path:
    path = folder / "s.csv"
    rows = (f"{row},{value}" for row, value in enumerate(stepped(80, 50, 8.0, seed=1)))
    path.write_text("\n".join(("time,value", *rows)))
    return path


def trend(*words: object) -> Result:
    return CliRunner().invoke(main, ["trend", *map(str, words)])


def test_json_of_a_file_has_changes_and_anomalies(tmp_path: Path) -> None:
    document = json.loads(trend("--csv", csv_file(tmp_path), "--json").stdout)
    (change,) = document["change_points"]
    assert (change["index"], change["time"]) == (50, 50)
    assert {"magnitude", "ci", "p", "methods", "location", "went_away"} <= set(change)
    assert document["anomalies"] == []


@pytest.mark.parametrize(
    ("kind", "start"),
    [("md", b"# "), ("svg", b"<svg"), ("png", b"\x89PNG")],
)
def test_a_report_is_written_in_each_format(tmp_path: Path, kind: str, start: bytes) -> None:
    out = tmp_path / f"out.{kind}"
    result = trend("--csv", csv_file(tmp_path), "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(out)
    assert out.read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "x.doc"], "x.doc has no suffix of html, md, svg, png"),
        (["login"], "choose runs; a file has none of them"),
        (["--column", "p99"], "no column 'p99'"),
        (["--out", "/dev/null/x.md"], "cannot write"),
    ],
)
def test_wrong_usage_is_told(tmp_path: Path, words: list[str], message: str) -> None:
    result = trend("--csv", csv_file(tmp_path), *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_column_without_a_file_is_told(tmp_path: Path) -> None:
    result = trend("--column", "x", "--store", tmp_path)
    assert result.exit_code == 2
    assert "--column: it names a column of a file" in result.stderr
