"""Properties of any load shape: its integral, its stretching, its judged windows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfwright.plan.shapes import Shape, arrivals

levels = st.floats(0, 1000, allow_subnormal=False)
lengths = st.floats(0.01, 1000)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    shape = arrivals(draw(levels))
    for _ in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            shape = shape.ramp(draw(levels), over=draw(lengths))
        else:
            shape = shape.hold(draw(lengths))
    return shape


def _numeric_integral(shape: Shape, from_s: float, to_s: float) -> float:
    """Means between all corners: exact for straight pieces, by another road than the code's."""
    corners = [part.start_s for part in shape.segments] + [shape.segments[-1].end_s]
    times = np.unique(np.clip([*corners, from_s, to_s], from_s, to_s))
    total = 0.0
    for low, high in pairwise(times):
        inside = np.linspace(low, high, 9)[1:-1]  # off the corners, where the level may jump
        total += float(np.mean([shape.target(float(t)) for t in inside])) * float(high - low)
    return total


@given(shapes(), st.floats(0, 1), st.floats(0, 1))
def test_expected_arrivals_equal_the_numeric_integral(shape: Shape, a: float, b: float) -> None:
    end_s = shape.duration_s or 0
    from_s, to_s = sorted((a * end_s, b * end_s))
    expected = _numeric_integral(shape, from_s, to_s)
    assert shape.expected_arrivals(from_s, to_s) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(shapes(), st.floats(0, 1))
def test_arrivals_before_and_after_any_moment_add_up(shape: Shape, part: float) -> None:
    end_s = shape.duration_s or 0
    middle_s = part * end_s
    whole = shape.expected_arrivals(0, end_s)
    halves = shape.expected_arrivals(0, middle_s) + shape.expected_arrivals(middle_s, end_s)
    assert halves == pytest.approx(whole, rel=1e-9, abs=1e-9)


@given(shapes(), lengths)
def test_stretching_keeps_levels_and_scales_time(shape: Shape, duration_s: float) -> None:
    stretched = shape.stretched(duration_s)
    assert stretched.duration_s == duration_s
    assert [(p.start, p.end) for p in stretched.segments] == [
        (p.start, p.end) for p in shape.segments
    ]
    assert all(a.end_s == b.start_s for a, b in pairwise(stretched.segments))


@given(shapes(), st.floats(0, 3000))
def test_judged_windows_are_disjoint_and_inside_the_run(shape: Shape, warmup_s: float) -> None:
    windows = shape.steady_windows(warmup_s)
    edges = [edge for window in windows for edge in window]
    assert edges == sorted(edges)
    assert all(warmup_s <= edge <= (shape.duration_s or 0) for edge in edges)
