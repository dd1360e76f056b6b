"""Investigates and verifies before the user's eyes: live view on stderr, the rest on stdout."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Mapping
from typing import Any

import click

from perfwright.cli.errors import say
from perfwright.model.protocols import Sink
from perfwright.plan.test_plan import TestPlan
from perfwright.report.console import wants_color
from perfwright.report.findings_text import render_findings
from perfwright.report.live import LiveView
from perfwright.report.verified_text import render_verified
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.investigate import Investigated, investigate
from perfwright.workflow.live_judge import LiveJudge
from perfwright.workflow.options import RunOptions
from perfwright.workflow.verify import Verified, verify


def investigated(
    plan: TestPlan, options: RunOptions, *, budget_s: float, quiet: bool
) -> Investigated:
    """The investigation, watched unless `quiet`."""
    told, sinks = _told(plan, options, quiet=quiet)
    return investigate(plan, told, sinks, budget_s=budget_s)


def verified(
    before: StoredRun,
    rank: int | None,
    plan: TestPlan,
    options: RunOptions,
    *,
    budget_s: float,
    quiet: bool,
) -> Verified:
    """The verification, watched unless `quiet`."""
    told, sinks = _told(plan, options, quiet=quiet)
    return verify(before, rank, plan, told, sinks, budget_s=budget_s)


def print_findings(document: Mapping[str, Any]) -> None:
    """The findings as text, as wide as the terminal."""
    width = shutil.get_terminal_size().columns
    click.echo(render_findings(document, width=width, color=wants_color(sys.stdout)), nl=False)


def print_verified(document: Mapping[str, Any]) -> None:
    """Before and after as text, as wide as the terminal."""
    width = shutil.get_terminal_size().columns
    click.echo(render_verified(document, width=width, color=wants_color(sys.stdout)), nl=False)


def _told(plan: TestPlan, options: RunOptions, *, quiet: bool) -> tuple[RunOptions, list[Sink]]:
    if quiet:
        return dataclasses.replace(options, say=say), []
    view = LiveView(judge=LiveJudge(plan.test.slos))
    return dataclasses.replace(options, say=view.say), [view]
