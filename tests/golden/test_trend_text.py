"""What people read of a trend stays as it was: the terminal's text and the Markdown.

`UPDATE_GOLDEN=1 pytest tests/golden` writes the texts anew.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
from pathlib import Path

import numpy as np
import pytest
from support.series import noise, trend_of

from perfwright.report.markdown import render_markdown
from perfwright.report.trend_document import trend_document
from perfwright.report.trend_text import render_trend
from perfwright.workflow.trend import Origin, Trended

DATA = Path(__file__).parent / "data"


@functools.cache
def of_runs() -> Trended:
    """Sixty runs: worse at run 20, back again at 35, worse for good from 50 on."""
    values = 20 + 0.4 * noise(60, seed=5)
    values[20:35] += 6
    values[50:] += 3
    origin = Origin(
        run_before="20261120-030000-aaaa",
        run="20261121-030000-bbbb",
        commit_before="1111111111111111111111111111111111111111",
        commit="2222222222222222222222222222222222222222",
        commits=("2222222 Cache the price list", "1111112 Ask for prices one by one"),
        also=("host",),
    )
    trend = dataclasses.replace(trend_of(values), name="p95 of all requests")
    origins = (origin,) * len(trend.change_points)
    return Trended(
        subject="shop", key="", trend=trend, rows="run", origins=origins, higher_is_better=False
    )


@functools.cache
def of_file() -> Trended:
    """Two weeks of hours with a day's pattern, a step and an anomaly."""
    hours = np.arange(24 * 14)
    values = 100 + 10 * np.sin(2 * np.pi * hours / 24) + noise(hours.size, seed=10)
    values[200:] += 8
    values[100] += 15
    trend = trend_of(values, seconds=[hour * 3600.0 for hour in hours])
    return Trended(
        subject="series.csv", key="",
        trend=dataclasses.replace(trend, unit="", notes=("2 values are missing (lines 3, 4)",)),
    )  # fmt: skip


def markdown() -> str:
    text = render_markdown(trend_document(of_runs(), None))
    return re.sub(r"Made by perfwright [\w.]+", "Made by perfwright VERSION", text)


TEXTS = {
    "trend-runs.txt": lambda: render_trend(of_runs()),
    "trend-file.txt": lambda: render_trend(of_file()),
    "trend-color.txt": lambda: render_trend(of_runs(), color=True),
    "trend.md": markdown,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_a_trend_is_as_it_was(name: str) -> None:
    text = TEXTS[name]()
    golden = DATA / name
    if "UPDATE_GOLDEN" in os.environ:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_line_is_longer_than_the_terminal() -> None:
    for width in (60, 80, 120):
        for trended in (of_runs(), of_file()):
            lines = render_trend(trended, width=width).splitlines()
            assert max(map(len, lines)) <= width
