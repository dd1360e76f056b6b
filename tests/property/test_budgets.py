"""Any text is a budget or is told why it is none; a budget is kept, broken or unknown."""

from __future__ import annotations

from hypothesis import assume, example, given
from hypothesis import strategies as st

from perfwright.analyze.budgets import judge_budget
from perfwright.model.comparison import MetricChange
from perfwright.model.errors import BudgetSyntaxError
from perfwright.model.gate import Kept
from perfwright.plan.budget import parse_budget

METRICS = st.sampled_from(["p50", "p95", "p99.9", "mean", "service.p95"])
STEPS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1) | st.just("a (b)")
CHANGES = st.floats(-0.9, 10, allow_nan=False)
PIECES = st.sampled_from(
    ["p95", "errors", "throughput", "(", ")", "login", "+", "-", "5", ".", "%", "ms", "/s", " "]
)  # fmt: skip


@given(METRICS, STEPS, st.integers(0, 10**6), st.sampled_from(["%", "ms", "s"]))
def test_what_is_written_is_what_is_read(metric: str, step: str, number: int, unit: str) -> None:
    budget = parse_budget(f"{metric}({step}) +{number}{unit}")
    assert (budget.name, budget.step) == (metric, step)
    assert budget.allowed == number / {"%": 100, "ms": 1000, "s": 1}[unit]


@given(st.text() | st.lists(PIECES).map("".join))
@example("p95 +")
@example("p95(\n) +5%")
def test_any_text_is_a_budget_or_an_error_inside_it(text: str) -> None:
    try:
        budget = parse_budget(text)
    except BudgetSyntaxError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert budget.allowed >= 0


@given(CHANGES, CHANGES, st.integers(0, 100), st.sampled_from(["p95 +", "throughput -"]))
def test_an_interval_lies_within_beyond_or_across(
    one: float, other: float, percent: int, start: str
) -> None:
    budget = parse_budget(f"{start}{percent}%")
    low, high = sorted((one, other))
    change = MetricChange(
        name="p95", unit="ms", base=10.0, candidate=10.0, change=(low + high) / 2, ci=(low, high)
    )
    worse = [budget.direction * end for end in (low, high)]
    expected = (
        Kept.BROKEN
        if all(end > budget.allowed for end in worse)
        else Kept.KEPT
        if all(end <= budget.allowed for end in worse)
        else Kept.UNKNOWN
    )
    assert judge_budget(budget, change).verdict is expected


@given(CHANGES, st.integers(0, 50), st.integers(0, 50))
def test_a_wider_budget_is_never_the_one_that_breaks(
    change: float, narrow: int, wider: int
) -> None:
    assume(narrow <= wider)
    told = MetricChange(
        name="p95", unit="ms", base=10.0, candidate=10.0, change=change, ci=(change, change)
    )
    verdicts = [judge_budget(parse_budget(f"p95 +{n}%"), told).verdict for n in (narrow, wider)]
    assert verdicts != [Kept.KEPT, Kept.BROKEN]
