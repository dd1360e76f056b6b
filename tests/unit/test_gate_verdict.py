"""What shuts a gate, with which exit code, and what it says first."""

from __future__ import annotations

import dataclasses

import pytest
from support.gates import (
    BROKEN,
    FASTER,
    KEPT,
    PASSED,
    SAME,
    SLOWER,
    UNKNOWN,
    UNTOLD,
    gated,
)

from perfwright.analyze.gate_verdict import give_gate_verdict
from perfwright.model.comparison import Comparison, Judged, StepComparison
from perfwright.model.gate import BudgetResult, Cause
from perfwright.model.verdict import Status, Verdict

FAILED = Verdict(status=Status.FAIL, reasons=("p99 < 300ms is broken.",))
UNSURE = Verdict(status=Status.INCONCLUSIVE, reasons=("The generator was late.",))


@pytest.mark.parametrize(
    ("own", "steps", "budgets", "exit_code", "first"),
    [
        (PASSED, [], [], 0, "All 2 SLOs hold."),
        (PASSED, [SAME, FASTER], [KEPT], 0, "All 2 SLOs hold."),
        (PASSED, [SAME, SLOWER], [], 98, "login is slower: p95 rose by 15.3%"),
        (PASSED, [SAME], [BROKEN], 98, "The budget p95(login) +5% is broken: it changed by +15.3%"),
        (PASSED, [SAME, UNKNOWN], [], 97, "order: p95 may have changed"),
        (PASSED, [SAME], [UNTOLD], 97, "The budget p99(order) +20ms could not be judged"),
        (UNSURE, [SAME], [KEPT], 97, "The generator was late."),
        (UNSURE, [SLOWER, UNKNOWN], [], 98, "login is slower"),
        (PASSED, [SLOWER, UNKNOWN], [UNTOLD], 98, "login is slower"),
        (FAILED, [SAME], [], 99, "p99 < 300ms is broken."),
        (FAILED, [SLOWER, UNKNOWN], [BROKEN, UNTOLD], 99, "p99 < 300ms is broken."),
    ],
)
def test_a_gate_is_shut_by_the_gravest(
    own: Verdict,
    steps: list[StepComparison],
    budgets: list[BudgetResult],
    exit_code: int,
    first: str,
) -> None:
    result = gated(*steps, budgets=tuple(budgets), own=own).result
    assert result.exit_code == exit_code
    assert result.verdict.reasons[0].startswith(first)
    assert (result.verdict.status is Status.PASS) == (exit_code == 0)


@pytest.mark.parametrize(
    ("steps", "own", "word"),
    [
        ([SLOWER], PASSED, "REGRESSION"),
        ([SAME], FAILED, "FAIL"),
        ([SAME], PASSED, "PASS"),
        ([UNKNOWN], PASSED, "INCONCLUSIVE"),
    ],
)
def test_the_word_on_the_bar(steps: list[StepComparison], own: Verdict, word: str) -> None:
    assert gated(*steps, own=own).result.word == word


def test_a_run_without_a_step_of_the_baselines_is_not_let_through() -> None:
    nothing = Comparison(steps=(), verdict=Judged.UNKNOWN, margin=0.03)
    verdict, cause = give_gate_verdict(PASSED, nothing, ())
    assert (verdict.status, cause) == (Status.INCONCLUSIVE, Cause.UNKNOWN)
    assert "no step in common" in verdict.reasons[0]


def test_a_missing_baseline_is_not_let_through() -> None:
    verdict, cause = give_gate_verdict(PASSED, None, (), missing="Nothing to compare with.")
    assert (verdict.reasons[0], cause) == ("Nothing to compare with.", Cause.UNKNOWN)


def test_many_regressions_are_counted() -> None:
    steps = [dataclasses.replace(SLOWER, name=f"step {number}") for number in range(20)]
    reasons = gated(*steps).result.verdict.reasons
    assert len(reasons) == 7
    assert "… and 15 more like these." in reasons


def test_what_is_faster_is_praised() -> None:
    reasons = gated(SAME, FASTER, budgets=(KEPT,)).result.verdict.reasons
    assert reasons[1:] == (
        "Faster: GET /items/{id}; no step is slower.", "Kept: p95(GET /items/{id}) +5%.",
    )  # fmt: skip
