"""Durations and sizes, read and spelled."""

from __future__ import annotations

import pytest

from perfwright.model.units import format_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (42e-9, "42 ns"),
        (0.00042, "420 µs"),
        (0.0123, "12.3 ms"),
        (0.9994, "999 ms"),
        (0.99961, "1 s"),
        (0.00099961, "1 ms"),
        (12.34, "12.3 s"),
        (95, "1m35s"),
        (3600, "1h"),
    ],
)
def test_durations_have_three_digits_and_the_unit_that_fits(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
