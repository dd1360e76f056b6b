"""When a `stop_if` rule ends a run."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.tallies import second

from perfwright.analyze.stop_rules import StopRules
from perfwright.plan.slo import parse_stop_rule


def stopped_at(rule: str, error_ratios: Sequence[float | None]) -> int | None:
    """The second in which the rule fires, given each second's share of failed requests."""
    rules = StopRules([parse_stop_rule(rule)])
    for number, ratio in enumerate(error_ratios):
        times = [] if ratio is None else [5.0] * 10
        if rules.feed(second(number, times, errors=round(10 * (ratio or 0)))):
            return number
    return None


@pytest.mark.parametrize(
    ("rule", "error_ratios", "stop"),
    [
        ("errors > 50%", [0, 0.6], 1),
        ("errors > 50%", [0.5] * 9, None),
        ("errors > 50% for 3s", [1, 1, 1], 2),
        ("errors > 50% for 3s", [1, 1, 0, 1, 1], None),
        ("errors > 50% for 3s", [0, 1, 1, 0, 1, 1, 1], 6),
        ("errors > 50% for 3s", [1, None, None, None], None),
        ("errors > 50% for 3s", [1, None, None, 1], 3),
        ("errors > 50% every 3s", [1, 1], None),
        ("errors > 50% every 3s", [0, 0, 0, 1, 1], 4),
        ("throughput < 5/s for 2s", [0, None, None], 2),
    ],
)
def test_fires(rule: str, error_ratios: list[float | None], stop: int | None) -> None:
    assert stopped_at(rule, error_ratios) == stop


def test_the_reason_is_a_sentence_with_the_value() -> None:
    rules = StopRules([parse_stop_rule("p99 > 9s"), parse_stop_rule("errors > 50%")])
    assert rules.feed(second(4, [5.0] * 4, errors=3)) == (
        "errors > 50% came true 5 s into the run (it was 75%)."
    )
