"""The queries that docs/store.md shows say what Perfwright itself says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from support.runs import JUDGED_S, demo_frames, demo_manifest
from support.stores import open_run

from perfwright.model.frame import in_windows, merged

FRAMES = demo_frames()
PAGE = Path(__file__).parents[2] / "docs" / "store.md"
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def inside_a_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    writer = open_run(tmp_path_factory.mktemp("store"), FRAMES)
    writer.stop(demo_manifest(state="finished"))
    before = Path.cwd()
    os.chdir(writer.path)
    yield
    os.chdir(before)


@pytest.mark.usefixtures("inside_a_run")
def test_p99_of_each_step_over_the_judged_seconds() -> None:
    judged = merged(f.total for f in FRAMES if in_windows(f.second, JUDGED_S))
    for name, p99_ms in duckdb.sql(QUERIES[0]).fetchall():
        expected_ns = judged.steps[name].measures["response"].quantile(0.99)
        assert p99_ms == pytest.approx((expected_ns or 0) / 1e6, abs=0.001)


@pytest.mark.usefixtures("inside_a_run")
def test_p99_and_throughput_second_by_second() -> None:
    rows = duckdb.sql(QUERIES[1]).fetchall()
    assert len(rows) == len(FRAMES)
    for frame, (second, throughput_per_s, p99_ms) in zip(FRAMES, rows, strict=True):
        histogram = frame.total.measure("response")
        assert (second, throughput_per_s) == (frame.second, frame.total.requests())
        # The bucket's midpoint, which Perfwright never lets exceed the exact maximum.
        assert p99_ms == pytest.approx((histogram.quantile(0.99) or 0) / 1e6, rel=0.004)
