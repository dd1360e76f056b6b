"""What a finished run comes to: the numbers that `--json`, the terminal and every report share.

Built once (`analyze/summary.py`) from merged tallies; `as_json` is the contract of DESIGN §6. Times
in here are milliseconds because this is the surface.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perfwright.model.frame import Exemplar, Hold, ScenarioError
from perfwright.model.verdict import SloResult, Verdict

PERCENTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "p999": 0.999}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """`response_ms`, `service_ms`: p50, p90, p95, p99, p999, max, mean (None: not measured).
    `phases_ms`: the mean of each phase that happened."""

    name: str
    kind: str
    requests: int
    errors: int
    error_kinds: Mapping[str, int]
    statuses: Mapping[str, int]
    throughput_per_s: float
    bytes_sent: int
    bytes_received: int
    response_ms: Mapping[str, float | None]
    service_ms: Mapping[str, float | None]
    phases_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    requests: int
    errors: int
    error_ratio: float
    throughput_per_s: float
    duration_s: float
    iterations: int
    iterations_failed: int
    iterations_interrupted: int
    requests_interrupted: int
    bytes_sent: int
    bytes_received: int
    users_max: int
    reconnects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorHealth:
    """`cpu_ratio`: mean CPU of the busiest worker, of one core, over the judged time.
    `cpu_us_per_request`: user and system CPU of all worker processes, over the whole run; None
    where it is not known (an interrupted run)."""

    cpu_ratio: float
    lateness_ms: Mapping[str, float | None]
    dropped: int
    workers: int
    workers_lost: int
    cpu_us_per_request: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    name: str
    passed: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordResult:
    name: str
    unit: str
    count: int
    mean: float
    min: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """`steps` and `totals` hold the whole run; `judged_steps` only the judged seconds (the same
    where there was no ramp and no warm-up), which is what SLOs see. `overall` is all requests
    together, judged.
    """

    run_id: str
    verdict: Verdict
    slos: tuple[SloResult, ...]
    totals: Totals
    steps: tuple[StepResult, ...]
    judged_s: tuple[tuple[float, float], ...]
    judged_steps: tuple[StepResult, ...]
    overall: StepResult
    checks: tuple[CheckResult, ...]
    records: tuple[RecordResult, ...]
    generator: GeneratorHealth
    holds: tuple[Hold, ...]
    scenario_errors: tuple[ScenarioError, ...]
    exemplars: tuple[Exemplar, ...] = ()
    notes: tuple[str, ...] = ()
    path: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The JSON document of `run --json`; plain types only."""
        document = dataclasses.asdict(self)
        document.pop("exemplars")
        extra = document.pop("extra")
        return {**document, **extra}
