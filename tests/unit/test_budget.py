"""Budgets as people write them: what each means, and where a wrong one is wrong."""

from __future__ import annotations

import pytest

from perfwright.model.errors import BudgetSyntaxError
from perfwright.plan.budget import parse_budget


@pytest.mark.parametrize(
    ("text", "metric", "step", "allowed", "is_relative"),
    [
        ("p95(login) +5%", "response", "login", 0.05, True),
        ("p99 +20ms", "response", None, 0.02, False),
        ("  p50 ( GET /items/{id} )  +  2.5 %  ", "response", "GET /items/{id}", 0.025, True),
        ("mean('a (b)') +0%", "response", "a (b)", 0.0, True),
        ("service.p99.9 +1s", "service", None, 1.0, False),
        ("errors +0.5%", "errors", None, 0.005, False),
        ("errors(order) +0%", "errors", "order", 0.0, False),
        ("throughput -5%", "throughput", None, 0.05, True),
        ("throughput(order) -2/s", "throughput", "order", 2.0, False),
    ],
)
def test_a_budget_means(
    text: str, metric: str, step: str | None, allowed: float, is_relative: bool
) -> None:
    budget = parse_budget(text)
    assert (budget.metric, budget.step, budget.is_relative) == (metric, step, is_relative)
    assert budget.allowed == pytest.approx(allowed)
    assert budget.expr == text.strip()
    assert budget.direction == (-1 if metric == "throughput" else 1)


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("p95(login)", 10, "expected + and how much; write p95(login) +5%"),
        ("p95(login) -5%", 11, "response may grow, not fall; write p95(login) +5%"),
        ("throughput +5%", 11, "throughput may fall, not grow; write throughput(login) -5%"),
        ("throughput -101%", 12, "it cannot fall by more than 100%"),
        ("p95 < 5%", 4, "a limit is an SLO's, a budget is a change"),
        ("p95 +5", 6, "give a share or a time, like +5% or +20ms"),
        ("p95 +5/s", 6, "unknown unit '/s'"),
        ("errors +5ms", 9, "unknown unit 'ms': give percentage points, like +0.5%"),
        ("errors +", 8, "expected a number: give percentage points"),
        ("p95() +5%", 4, "nothing is named between the parentheses; write p95(login) +5%"),
        ("p95(login +5%", 3, "this parenthesis is never closed; write p95(login) +5%"),
        ("p95 +5% every 10s", 8, "expected the end"),
        ("max +5%", 0, "a max is one request, of which nothing can be told"),
        ("checks +5%", 0, "'checks' has no budget; times, errors and throughput have"),
        ("cpu(port:8000) +5%", 0, "'cpu' has no budget"),
        ("p95x +5%", 0, "'p95x' is no percentile between p0 and p100"),
        ("", 0, "expected p99, mean, max"),
    ],
)
def test_a_wrong_budget_is_pointed_at(text: str, position: int, problem: str) -> None:
    with pytest.raises(BudgetSyntaxError) as caught:
        parse_budget(text)
    assert caught.value.problem.startswith(problem)
    assert caught.value.position == position
    first, shown, caret = str(caught.value).splitlines()
    assert first.startswith("budget: ")
    assert shown.removeprefix("  ") == text
    assert caret.index("^") == 2 + position
