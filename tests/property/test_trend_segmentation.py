"""PELT is exact, and neither units nor offsets nor direction change what is found."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.series import Floats, indices, noise, stepped, trend_of

from perfwright.analyze.trend.pelt import pelt

VALUES = st.lists(st.integers(-20, 20).map(float), min_size=2, max_size=22)


def least_cost(values: Floats, weights: Floats, min_segment: int, penalty: float) -> float:
    """Of every segmentation there is."""

    def segment(start: int, end: int) -> float:
        part, w = values[start:end], weights[start:end]
        return float((w * (part - np.average(part, weights=w)) ** 2).sum())

    @functools.cache
    def best(end: int) -> float:
        if end == 0:
            return -penalty
        return min(
            (best(start) + segment(start, end) + penalty
             for start in range(end - min_segment + 1) if best(start) < math.inf),
            default=math.inf,
        )  # fmt: skip

    return best(values.size)


def cost_of(values: Floats, weights: Floats, changes: tuple[int, ...], penalty: float) -> float:
    total = penalty * len(changes)
    for part, w in zip(np.split(values, changes), np.split(weights, changes), strict=True):
        total += float((w * (part - np.average(part, weights=w)) ** 2).sum())
    return total


@given(VALUES, st.floats(0.5, 60), st.integers(1, 4), st.booleans())
@settings(max_examples=150, deadline=None)
def test_pelt_finds_the_cheapest_of_all_segmentations(
    listed: list[float], penalty: float, min_segment: int, heavy: bool
) -> None:
    values = np.array(listed)
    weights = np.linspace(0.5, 2, values.size) if heavy else np.ones(values.size)
    changes = pelt(values, weights, min_segment=min_segment, penalty=penalty)
    edges = [0, *changes, values.size]
    if changes:
        assert min(b - a for a, b in itertools.pairwise(edges)) >= min_segment
    if values.size >= 2 * min_segment:
        least = least_cost(values, weights, min_segment, penalty)
        assert cost_of(values, weights, changes, penalty) == pytest.approx(least, abs=1e-6)


SERIES = stepped(90, 55, 4.0, seed=11)


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e3))
@settings(max_examples=8, deadline=None)
def test_shifting_and_scaling_a_series_moves_no_change(shift: float, scale: float) -> None:
    plain, moved = trend_of(SERIES), trend_of(SERIES * scale + shift)
    assert indices(moved) == indices(plain) == [55]
    (before,), (after,) = plain.change_points, moved.change_points
    assert after.magnitude == pytest.approx(before.magnitude * scale, rel=1e-6, abs=1e-6)


@given(st.integers(0, 2**31))
@settings(max_examples=8, deadline=None)
def test_a_mirrored_series_has_mirrored_changes(seed: int) -> None:
    values = 100 + noise(80, seed=seed)
    values[40:] += 6
    up, down = trend_of(values), trend_of(200 - values)
    assert indices(up) == indices(down)
    assert up.change_points[0].magnitude == pytest.approx(-down.change_points[0].magnitude)
