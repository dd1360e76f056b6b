"""Runs a plan before the user's eyes: live view on stderr, final text or JSON on stdout."""

from __future__ import annotations

import dataclasses
import shutil
import sys

import click

from perfwright.cli.errors import say
from perfwright.cli.shared import print_json
from perfwright.plan.test_plan import TestPlan
from perfwright.report.console import wants_color
from perfwright.report.live import LiveView
from perfwright.report.terminal import render_terminal
from perfwright.workflow.live_judge import LiveJudge
from perfwright.workflow.options import RunOptions
from perfwright.workflow.run import FinishedRun, run_test


def run_and_print(
    plan: TestPlan, options: RunOptions, *, as_json: bool, quiet: bool
) -> FinishedRun:
    """The run, once its result is printed."""
    if quiet:
        finished = run_test(plan, dataclasses.replace(options, say=say))
    else:
        view = LiveView(judge=LiveJudge(plan.test.slos))
        finished = run_test(plan, dataclasses.replace(options, say=view.say), [view])
    if as_json:
        print_json(finished.result.as_json())
    else:
        click.echo(final_text(finished), nl=False)
    return finished


def final_text(finished: FinishedRun) -> str:
    """The steps, the SLOs and, last, the verdict, as wide as the terminal."""
    return render_terminal(
        finished.manifest,
        finished.result,
        width=shutil.get_terminal_size().columns,
        color=wants_color(sys.stdout),
    )
