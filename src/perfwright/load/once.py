"""`perfwright run --once`: one user, one iteration of a scenario, every exchange told whole."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from perfwright._kernel import decode_body
from perfwright.load.kernel_config import Given
from perfwright.load.single import SingleRun, run_single
from perfwright.model.errors import PlanError
from perfwright.model.exchange import Exchange
from perfwright.plan.test_plan import ScenarioSpec, TestPlan


def run_once(
    plan: TestPlan, scenario: ScenarioSpec, on_exchange: Callable[[Exchange], None]
) -> SingleRun:
    """Runs `@setup`, then `@user_start` and `scenario` once, in this process.

    Raises PlanError when `@setup` fails."""
    given = Given()
    if plan.setup is not None:
        ready = run_single(plan.test, plan.setup)
        if ready.error is not None:
            raise PlanError(f"@setup failed, so nothing was run:\n{ready.error}")
        given = Given(setup=ready.value)
    return run_single(
        plan.test,
        scenario.function,
        user_start=plan.user_start,
        given=given,
        on_exchange=lambda raw: on_exchange(_exchange(*raw)),
    )


def _exchange(
    step: str,
    method: str,
    url: str,
    request: bytes,
    request_head_len: int,
    response: bytes,
    response_head_len: int,
    status: int,
    outcome: str,
    message: str,
    response_ns: int,
    service_ns: int,
    phases_ns: dict[str, int],
) -> Exchange:
    response_headers = _headers(response[:response_head_len])
    body: Any = response[response_head_len:]
    coding = {name.lower(): value for name, value in response_headers}
    return Exchange(
        step=step,
        method=method,
        url=url,
        request_headers=_headers(request[:request_head_len]),
        request_body=request[request_head_len:],
        status=status,
        reason=HTTPStatus(status).phrase if status in set(HTTPStatus) else "",
        response_headers=response_headers,
        response_body=decode_body(coding.get("content-encoding", ""), body),
        phases_ns=phases_ns,
        response_ns=response_ns,
        service_ns=service_ns,
        outcome=outcome,
        message=message,
    )


def _headers(head: bytes) -> tuple[tuple[str, str], ...]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return tuple((name, value.strip()) for name, _, value in pairs)
