"""The answer of a run: met or not, and whether the numbers can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


EXIT_CODES = {Status.PASS: 0, Status.FAIL: 99, Status.INCONCLUSIVE: 97}
EXIT_REGRESSION = 98
EXIT_USAGE = 2
EXIT_INTERNAL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SloResult:
    """One judged SLO. `value` and `limit` are in `unit` (ms, %, 1/s, …) as people read them;
    `value` is None where nothing was measured. `ok` is None when it could not be judged."""

    expr: str
    value: float | None
    limit: float
    unit: str
    ok: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    status: Status
    reasons: tuple[str, ...] = ()
