"""The load of tomorrow, as people say it."""

from __future__ import annotations

import pytest

from perfwright.model.errors import UsageError
from perfwright.workflow.plan_words import compression_of, growth_of, scale_of, years_of


@pytest.mark.parametrize(
    ("text", "value"), [("2x", 2), ("1.5", 1.5), ("150%", 1.5), (" 3 × ", 3), ("0.1x", 0.1)]
)
def test_a_scale_is_times_or_percent(text: str, value: float) -> None:
    assert scale_of(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "0", "-2x", "twice", "x2", "1e9x", "nan", "2x3"])
def test_what_is_no_scale_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--scale"):
        scale_of(text)


def test_a_compression_is_from_long_to_short() -> None:
    assert compression_of("24h:10m") == 144
    for text in ("24h", "10m:24h", "24h:0s", "a:b", "24h:10m:1m"):
        with pytest.raises(UsageError, match="--compress"):
            compression_of(text)


def test_growth_compounds_to_a_year() -> None:
    assert growth_of("30%/year") == pytest.approx(0.3)
    assert growth_of("30 %") == pytest.approx(0.3)
    assert growth_of("2% per month") == pytest.approx(1.02**12 - 1)
    assert growth_of("-10%/year") == pytest.approx(-0.1)
    for text in ("30", "30%/decade", "-100%", "9000%/week", "much"):
        with pytest.raises(UsageError, match="--growth"):
            growth_of(text)


def test_a_horizon_is_years() -> None:
    assert years_of("1y") == 1
    assert years_of("18 months") == 1.5
    assert years_of("26w") == pytest.approx(0.5, rel=0.01)
    for text in ("", "1", "0y", "200y", "soon"):
        with pytest.raises(UsageError, match="--horizon"):
            years_of(text)
