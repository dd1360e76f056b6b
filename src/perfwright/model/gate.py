"""What a gate says of a run: SLOs, a comparison and budgets, come to one verdict and one exit code.

SLOs broken         fail, 99        a step slower, a budget broken      fail, 98
too little to tell  inconclusive, 97                        none of it  pass, 0
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from perfwright.model.comparison import Comparison
from perfwright.model.verdict import EXIT_CODES, EXIT_REGRESSION, SloResult, Verdict


class Kept(StrEnum):
    """Of a budget. `UNKNOWN`: the interval of the change spans what is allowed."""

    KEPT = "kept"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetResult:
    """A judged budget. `allowed`, `change` and `ci`, the interval [low, high] of the change, are in
    `unit`: % (of the base), points (of an error share in %), ms or 1/s; a rise is positive."""

    expr: str
    verdict: Kept
    unit: str
    allowed: float
    change: float | None
    ci: tuple[float, float] | None
    detail: str = ""


class Cause(StrEnum):
    """Why a gate is shut, the gravest; `NONE` where it is open."""

    NONE = ""
    SLO = "slo"
    REGRESSION = "regression"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """`baseline`: what the run was held against, in words; "" where there was none. `slos` are
    the run's own; `verdict` is that of the gate."""

    run_id: str
    baseline: str
    verdict: Verdict
    cause: Cause
    slos: tuple[SloResult, ...]
    comparison: Comparison | None
    budgets: tuple[BudgetResult, ...]
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        regression = self.cause is Cause.REGRESSION
        return EXIT_REGRESSION if regression else EXIT_CODES[self.verdict.status]

    @property
    def word(self) -> str:
        """What stands on the bar: PASS, FAIL, REGRESSION or INCONCLUSIVE."""
        if self.cause is Cause.REGRESSION:
            return "REGRESSION"
        return str(self.verdict.status).upper()

    def as_json(self) -> dict[str, Any]:
        """The document of `gate --json`; plain types only."""
        return {**dataclasses.asdict(self), "exit_code": self.exit_code}
