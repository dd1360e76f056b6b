"""`run --once`: each scenario once, by one user, every request and answer told as it happens.

How people debug a scenario: no load, no store, no SLOs. A URL is a scenario of one request.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perfwright.load.once import run_once
from perfwright.model.exchange import Exchange
from perfwright.model.result import CheckResult
from perfwright.plan.targets import allowed_targets
from perfwright.plan.test_plan import ScenarioSpec, TestPlan, UrlRequest

if TYPE_CHECKING:
    from perfwright.load.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceResult:
    """One iteration of one scenario. `error`: the traceback of what it raised, if it did."""

    scenario: str
    exchanges: tuple[Exchange, ...]
    checks: tuple[CheckResult, ...]
    error: str | None

    @property
    def ok(self) -> bool:
        """No request failed, no check failed, nothing was raised."""
        failed_checks = any(check.failed for check in self.checks)
        failed_requests = any(exchange.outcome != "ok" for exchange in self.exchanges)
        return not (failed_checks or failed_requests or self.error)


def run_each_once(
    plan: TestPlan,
    *,
    allow_targets: tuple[str, ...],
    on_exchange: Callable[[Exchange], None],
) -> tuple[OnceResult, ...]:
    """UsageError: the target may not be loaded; PlanError: `@setup` failed."""
    allowed = allowed_targets(plan.test.target, allow_targets, plan.test.resolve)
    plan = dataclasses.replace(plan, test=plan.test.replaced(allow_targets=allowed))
    scenarios = plan.scenarios if plan.request is None else (_one_request(plan.request),)
    return tuple(_once(plan, scenario, on_exchange) for scenario in scenarios)


def _once(
    plan: TestPlan, scenario: ScenarioSpec, on_exchange: Callable[[Exchange], None]
) -> OnceResult:
    exchanges: list[Exchange] = []

    def note(exchange: Exchange) -> None:
        exchanges.append(exchange)
        on_exchange(exchange)

    run = run_once(plan, scenario, note)
    checks = (
        CheckResult(name=name, passed=check["passed"], failed=check["failed"])
        for name, check in run.checks.items()
    )
    return OnceResult(
        scenario=scenario.name,
        exchanges=tuple(exchanges),
        checks=tuple(checks),
        error=run.error,
    )


def _one_request(request: UrlRequest) -> ScenarioSpec:
    async def once(user: User) -> None:
        await user.request(
            request.method, request.url, headers=dict(request.headers), data=request.body or None
        )

    return ScenarioSpec(name="url", weight=1.0, function=once)
