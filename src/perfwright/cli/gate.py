"""`perfwright gate RUN`: may it pass? SLOs, a comparison with a baseline, budgets; for CI."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.shared import json_option, margin_option, margin_ratio, print_json, store_option

if TYPE_CHECKING:
    from perfwright.workflow.gate import Gated

_FILE: dict[str, Any] = {"type": click.Path(path_type=Path, dir_okay=False), "metavar": "FILE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The files that are wanted; None: not wanted."""

    junit: Path | None
    summary: Path | None
    comment: Path | None
    load_performance: Path | None
    metrics: Path | None


@click.command("gate")
@click.argument("run", default="latest")
@click.option(
    "--baseline",
    default="",
    metavar="BASE",
    help="A baseline's name, a baseline file, a run, or last:5@main: the last five runs of the same"
    " test on the branch main. Without it, the SLOs alone decide.",
)
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="EXPR",
    help="How much worse than the baseline a figure may be: 'p95(login) +5%', 'p99 +20ms',"
    " 'errors +0.5%', 'throughput -5%'. Repeatable.",
)
@margin_option
@click.option("--junit", **_FILE, help="Write JUnit XML: a test case a step, SLO and budget.")
@click.option(
    "--summary",
    **_FILE,
    help="Write a Markdown summary.  [default: $GITHUB_STEP_SUMMARY, where that is set]",
)
@click.option(
    "--comment",
    **_FILE,
    help="Write the Markdown of a pull request's comment, and its chart beside it as SVG.",
)
@click.option("--load-performance", **_FILE, help="Write GitLab's load_performance report (JSON).")
@click.option("--metrics", **_FILE, help="Write GitLab's metrics report (OpenMetrics text).")
@click.option(
    "--init",
    type=click.Choice(["github", "gitlab", "jenkins"]),
    help="Write a starter workflow for that CI here, and nothing else.",
)
@store_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    /,
    run: str,
    baseline: str,
    budgets: tuple[str, ...],
    margin: str,
    init: str | None,
    store: Path,
    as_json: bool,
    **files: Path | None,
) -> None:
    """Let RUN pass or not: an id, a unique prefix of one, `latest` (the default), a folder, or a
    result file of another tool.

    Its SLOs must hold, no step may be slower than the baseline by more than the margin, and every
    budget must be kept. In a GitHub job, annotations and the summary come by themselves.

    Exit codes: 0 pass, 99 an SLO is broken, 98 a step is slower or a budget broken, 97 too little
    to tell.
    """
    if init:
        _write_starter(init, as_json=as_json)
        return
    from perfwright.workflow.gate import GateOptions, gate

    options = GateOptions(
        store=store, baseline=baseline, margin=margin_ratio(margin), budgets=budgets
    )
    gated = gate(run, options)
    written = _write(gated, Outputs(**files))
    _annotate(gated)
    if as_json:
        print_json({**gated.result.as_json(), "files": written})
    else:
        _print(gated)
    context.exit(gated.result.exit_code)


def _write_starter(system: str, *, as_json: bool) -> None:
    from perfwright.workflow.ci_starters import write_starter

    path = write_starter(system, Path.cwd()).relative_to(Path.cwd())
    if as_json:
        print_json({"path": str(path)})
    else:
        click.echo(path)
        click.echo("Next: change what its head says, and read docs/gate.md.", err=True)


def _print(gated: Gated) -> None:
    import shutil
    import sys

    from perfwright.report.console import wants_color
    from perfwright.report.gate_text import render_gate

    width = shutil.get_terminal_size().columns
    click.echo(render_gate(gated, width=width, color=wants_color(sys.stdout)), nl=False)


def _annotate(gated: Gated) -> None:
    """On stderr, where GitHub looks as well: stdout may be a JSON document's."""
    import os

    if os.environ.get("GITHUB_ACTIONS") == "true":
        from perfwright.report.annotations import annotation_lines

        root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
        for line in annotation_lines(gated, root=root):
            click.echo(line, err=True)


def _write(gated: Gated, outputs: Outputs) -> list[str]:
    """The paths of what was asked for, and of what the CI wants by itself."""
    from perfwright.cli.gate_files import append_summary, write_comment, write_text
    from perfwright.report.gate_junit import render_gate_junit
    from perfwright.report.gate_markdown import SUMMARY_LIMIT_BYTES, render_gate_markdown
    from perfwright.report.gitlab import render_load_performance, render_metrics

    written: list[Path] = []
    if outputs.junit:
        written.append(write_text("--junit", outputs.junit, render_gate_junit(gated)))
    if outputs.summary:
        text = render_gate_markdown(gated, limit_bytes=SUMMARY_LIMIT_BYTES)
        written.append(write_text("--summary", outputs.summary, text))
    else:
        append_summary(gated)
    if outputs.comment:
        written += write_comment(gated, outputs.comment)
    if outputs.load_performance:
        text = render_load_performance(gated)
        written.append(write_text("--load-performance", outputs.load_performance, text))
    if outputs.metrics:
        written.append(write_text("--metrics", outputs.metrics, render_metrics(gated)))
    return [str(path) for path in written]
