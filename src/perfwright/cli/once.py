"""`perfwright run --once` in print: every exchange as it happens, or one JSON document."""

from __future__ import annotations

import shutil
import sys
from contextlib import redirect_stdout
from typing import Any

import click

from perfwright.cli.run_options import RunArguments
from perfwright.cli.shared import print_json
from perfwright.model.exchange import Exchange
from perfwright.model.units import NS_PER_MS
from perfwright.model.verdict import EXIT_CODES, Status
from perfwright.plan.test_plan import TestPlan
from perfwright.report.console import wants_color
from perfwright.report.once import render_exchange, render_once_end
from perfwright.workflow.once import OnceResult, run_each_once


def print_once(plan: TestPlan, given: RunArguments) -> int:
    """The exit code: 0, or that of a fail where a request or a check failed or something was
    raised."""
    width, color = shutil.get_terminal_size().columns, wants_color(sys.stdout)
    number = 0

    def show(exchange: Exchange) -> None:
        nonlocal number
        number += 1
        click.echo(render_exchange(exchange, number=number, width=width, color=color), nl=False)

    with redirect_stdout(sys.stderr if given.as_json else sys.stdout):  # what scenarios print
        results = run_each_once(
            plan,
            allow_targets=given.allow_targets,
            on_exchange=_ignore if given.as_json else show,
        )
    if given.as_json:
        print_json([_document(result) for result in results])
    else:
        checks = [check for result in results for check in result.checks]
        error = "\n".join(result.error for result in results if result.error)
        click.echo(render_once_end(checks, error=error, width=width, color=color), nl=False)
    return EXIT_CODES[Status.PASS if all(result.ok for result in results) else Status.FAIL]


def _ignore(_: Exchange) -> None:
    """With --json everything comes at the end."""


def _document(result: OnceResult) -> dict[str, Any]:
    return {
        "scenario": result.scenario,
        "ok": result.ok,
        "exchanges": [_exchange(exchange) for exchange in result.exchanges],
        "checks": [
            {"name": check.name, "passed": check.passed, "failed": check.failed}
            for check in result.checks
        ],
        "error": result.error,
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "step": exchange.step,
        "method": exchange.method,
        "url": exchange.url,
        "status": exchange.status,
        "outcome": exchange.outcome,
        "message": exchange.message,
        "response_ms": exchange.response_ns / NS_PER_MS,
        "service_ms": exchange.service_ns / NS_PER_MS,
        "request_headers": [list(field) for field in exchange.request_headers],
        "request_body": exchange.request_body.decode(errors="replace"),
        "response_headers": [list(field) for field in exchange.response_headers],
        "response_body": exchange.response_body.decode(errors="replace"),
    }
