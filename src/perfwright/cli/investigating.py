"""Investigates before the user's eyes: live view on stderr, findings or JSON on stdout."""

from __future__ import annotations

import dataclasses
import shutil
import sys

import click

from perfwright.cli.errors import say
from perfwright.cli.shared import print_json
from perfwright.plan.test_plan import TestPlan
from perfwright.report.console import wants_color
from perfwright.report.findings_text import render_findings
from perfwright.report.live import LiveView
from perfwright.workflow.investigate import Investigated, investigate
from perfwright.workflow.live_judge import LiveJudge
from perfwright.workflow.options import RunOptions


def investigate_and_print(
    plan: TestPlan, options: RunOptions, *, budget_s: float, as_json: bool, quiet: bool
) -> Investigated:
    """The investigation, once its findings are printed."""
    if quiet:
        told = dataclasses.replace(options, say=say)
        found = investigate(plan, told, budget_s=budget_s)
    else:
        view = LiveView(judge=LiveJudge(plan.test.slos))
        told = dataclasses.replace(options, say=view.say)
        found = investigate(plan, told, [view], budget_s=budget_s)
    if as_json:
        print_json(found.finished.result.as_json())
    else:
        print_findings(found.finished.result.as_json())
    return found


def print_findings(document: dict[str, object]) -> None:
    """The findings as text, as wide as the terminal."""
    text = render_findings(
        document, width=shutil.get_terminal_size().columns, color=wants_color(sys.stdout)
    )
    click.echo(text, nl=False)
