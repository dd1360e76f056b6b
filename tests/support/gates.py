"""Gates made by hand, one of every kind, for tests of what is said of them."""

from __future__ import annotations

import dataclasses
import functools

from support.odd_runs import HOSTILE, run_named
from support.runs import demo_frames

from perfwright.analyze.digest import Digest
from perfwright.analyze.gate_verdict import give_gate_verdict
from perfwright.model.comparison import Comparison, Judged, MetricChange, StepComparison
from perfwright.model.frame import Tally
from perfwright.model.gate import BudgetResult, GateResult, Kept
from perfwright.model.verdict import Status, Verdict
from perfwright.workflow.gate import Gated

Ends = tuple[float, float]
PASSED = Verdict(status=Status.PASS, reasons=("All 2 SLOs hold.",))


def metric(
    name: str, base: float, change: float, ci: Ends | None, *, unit: str = "ms"
) -> MetricChange:
    """One that decides."""
    candidate = base + 100 * change if unit == "%" else base * (1 + change)
    return MetricChange(
        name=name, unit=unit, base=base, candidate=candidate, change=change, ci=ci, decides=True
    )


def step(name: str, verdict: Judged, *metrics: MetricChange, reason: str = "") -> StepComparison:
    return StepComparison(name=name, verdict=verdict, metrics=metrics, reason=reason)


SLOWER = step(
    "login",
    Judged.SLOWER,
    metric("median", 8.1, 0.04, (0.01, 0.07)),
    metric("p95", 14.2, 0.153, (0.112, 0.194)),
    reason="p95 rose by 15.3% (+11.2% to +19.4%), 14.2 → 16.4 ms",
)
UNKNOWN = step(
    "order",
    Judged.UNKNOWN,
    metric("median", 20.0, 0.01, (-0.04, 0.06)),
    metric("p95", 41.0, 0.02, (-0.06, 0.10)),
    reason="p95 may have changed by -6.0% to +10.0%: measure about 120 s in each run to tell",
)
FASTER = step("GET /items/{id}", Judged.FASTER, metric("p95", 6.0, -0.21, (-0.25, -0.17)))
SAME = step("checkout", Judged.SAME, metric("p95", 41.2, 0.004, (-0.01, 0.018)))
FAILING = step(
    "pay",
    Judged.SLOWER,
    metric("errors", 0.1, 0.0131, (0.008, 0.018), unit="%"),
    reason="errors rose from 0.1% to 1.41%",
)
NOT_TOLD = step("rare", Judged.UNKNOWN, reason="the base has 3 requests: too few")

KEPT = BudgetResult(
    expr="p95(GET /items/{id}) +5%", verdict=Kept.KEPT, unit="%", allowed=5.0, change=-21.0,
    ci=(-25.0, -17.0),
)  # fmt: skip
BROKEN = BudgetResult(
    expr="p95(login) +5%", verdict=Kept.BROKEN, unit="%", allowed=5.0, change=15.3, ci=(11.2, 19.4)
)
UNTOLD = BudgetResult(
    expr="p99(order) +20ms", verdict=Kept.UNKNOWN, unit="ms", allowed=20.0, change=14.0,
    ci=(-8.0, 36.0), detail="the interval spans what is allowed: run longer (--for) to tell",
)  # fmt: skip


@functools.cache
def _judged() -> Tally:
    return Digest.of(demo_frames()).judged.tally


def gated(
    *steps: StepComparison,
    budgets: tuple[BudgetResult, ...] = (),
    own: Verdict = PASSED,
    run: str = "demo",
    attribution: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Gated:
    """The gate of a run of `odd_runs` that compares so; without steps there is no baseline."""
    manifest, result, _ = run_named(run)
    comparison = None
    if steps:
        comparison = Comparison(
            steps=steps, verdict=Judged.SLOWER, margin=0.03, attribution=attribution
        )
    verdict, cause = give_gate_verdict(own, comparison, budgets)
    slos = result.slos if own.status is Status.FAIL else result.slos[:1]
    return Gated(
        manifest=manifest,
        run=result,
        judged=_judged(),
        result=GateResult(
            run_id=manifest.run_id,
            baseline="main (20261121-080000-aaaa)" if steps else "",
            verdict=verdict,
            cause=cause,
            slos=slos,
            comparison=comparison,
            budgets=budgets,
            notes=notes,
        ),
    )


def regression() -> Gated:
    """A bit of everything, and so a regression."""
    return gated(
        SAME, SLOWER, FASTER, UNKNOWN, FAILING, NOT_TOLD,
        budgets=(KEPT, BROKEN, UNTOLD),
        attribution=("login: waiting for the first byte grew by 2.1 ms of 2.2 ms.",),
        notes=("The load came from different machines: name bench-1 → bench-2.",),
    )  # fmt: skip


def passed() -> Gated:
    return gated(SAME, FASTER, budgets=(KEPT,))


def undecided() -> Gated:
    return gated(SAME, UNKNOWN)


def broken() -> Gated:
    verdict = run_named("demo")[1].verdict
    return gated(SAME, own=verdict)


def alone() -> Gated:
    """Without a baseline."""
    return gated(notes=("No baseline was named: judged by its SLOs alone (--baseline).",))


def hostile() -> Gated:
    """Names that attack whoever shows them; many of them."""
    steps = [
        dataclasses.replace(kind, name=name, reason=f"{name} because\n::error::{name}")
        for name in (*HOSTILE, "::error::step", "##[error]step", "# EOF")
        for kind in (SLOWER, UNKNOWN, FAILING)
    ]
    budgets = tuple(dataclasses.replace(BROKEN, expr=name, detail=name) for name in HOSTILE)
    return gated(
        *steps, budgets=budgets, run="hostile", attribution=HOSTILE, notes=HOSTILE,
        own=Verdict(status=Status.FAIL, reasons=HOSTILE),
    )  # fmt: skip


def crowded() -> Gated:
    """A thousand steps, all slower."""
    steps = [dataclasses.replace(SLOWER, name=f"GET /page/{number}") for number in range(1_000)]
    return gated(*steps)


GATES = {
    "regression": regression,
    "passed": passed,
    "undecided": undecided,
    "broken": broken,
    "alone": alone,
    "hostile": hostile,
    "crowded": crowded,
}
