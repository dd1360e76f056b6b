"""Charts draw what was measured: the right series, shade, scales and nothing from a network."""

from __future__ import annotations

import dataclasses
import functools
import json

import pytest
from support.odd_runs import EVERY, run_named

from perfwright.report import palette
from perfwright.report.charts import run_charts
from perfwright.report.document import Chart
from perfwright.report.thinning import POINTS_MAX, seconds_per_point, thinned

SERIES = run_named("demo")[2]


@functools.cache
def charts(name: str) -> dict[str, Chart]:
    return {chart.key: chart for chart in run_charts(run_named(name)[2])}


def test_a_full_run_has_every_chart() -> None:
    assert list(charts("demo")) == [
        "throughput", "response", "errors", "users", "phases", "lateness", "cpu",
    ]  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_specs_are_plain_json_without_addresses_of_schemas(name: str) -> None:
    for chart in charts(name).values():
        text = json.dumps(chart.spec, allow_nan=False)
        assert "http" not in text.replace("http_5xx", "")
        assert chart.spec["width"] == "container"


def test_the_same_series_gives_the_same_specs() -> None:
    assert run_charts(run_named("demo")[2]) == tuple(charts("demo").values())


def test_unjudged_seconds_are_shaded() -> None:
    shade = charts("demo")["throughput"].spec["layer"][0]
    assert shade["mark"]["type"] == "rect"
    assert shade["data"]["values"] == [{"from": 0, "to": 10}]


def test_a_run_judged_from_its_first_second_has_no_shade() -> None:
    marks = [layer["mark"]["type"] for layer in charts("closed")["throughput"].spec["layer"]]
    assert "rect" not in marks


def test_response_times_that_span_decades_start_on_a_log_axis() -> None:
    def scales(name: str) -> set[str]:
        layers = charts(name)["response"].spec["layer"]
        return {
            layer["encoding"]["y"]["scale"]["type"] for layer in layers if "y" in layer["encoding"]
        }

    assert scales("demo") == {"log"}
    assert scales("closed") == {"linear"}


def test_a_closed_model_shows_users_asked_for_and_no_arrivals() -> None:
    drawn = charts("closed")
    assert "users asked for" in json.dumps(drawn["users"].spec)
    assert "arrivals due" not in json.dumps(drawn["throughput"].spec["layer"])


def test_a_run_of_one_second_can_be_drawn() -> None:
    assert "response" in charts("one request")
    assert "errors" not in charts("one request")


def test_long_runs_keep_their_worst_second_and_their_only_error() -> None:
    calm = dataclasses.replace(SERIES.points[-1], errors=0, error_kinds={})
    points = [dataclasses.replace(calm, second=second) for second in range(10 * POINTS_MAX)]
    slow = {**calm.response_ms, "p99": 9999.0}
    points[77] = dataclasses.replace(
        points[77], response_ms=slow, errors=1, error_kinds={"reset": 1}, judged=False
    )
    drawn = thinned(points)
    assert len(drawn) == POINTS_MAX
    assert drawn[7].response_ms["p99"] == 9999.0
    assert drawn[7].error_kinds == {"reset": 1}
    assert not drawn[7].judged
    assert drawn[7].requests == calm.requests


def test_short_runs_are_drawn_as_they_are() -> None:
    assert thinned(SERIES.points) == SERIES.points
    assert [seconds_per_point(n) for n in (1, POINTS_MAX, POINTS_MAX + 1)] == [1, 1, 2]


@pytest.mark.parametrize("background", ["#ffffff", "#191d24"])
def test_every_color_stands_out_on_light_and_on_dark(background: str) -> None:
    for color in {*palette.KINDS, *palette.PHASE_COLOURS.values()}:
        assert contrast(color, background) >= 3.0, color


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
