"""`perfwright report RUN`: a stored run as HTML, Markdown or JUnit XML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfwright.cli.shared import json_option, print_json, store_option, writing

if TYPE_CHECKING:
    from perfwright.workflow.read_run import ReadRun

_SUFFIXES = {"html": ".html", "md": ".md", "junit": ".xml"}
_STDOUT = "-"


@click.command("report")
@click.argument("run", default="latest")
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(_SUFFIXES)),
    default="html",
    show_default=True,
    help="html: one offline file with charts; md: for a pull request; junit: for CI.",
)
@click.option(
    "--out",
    metavar="FILE",
    help="Where to write it; - is stdout. By default reports/ in the store, by the run's id.",
)
@store_option
@json_option
def command(run: str, kind: str, out: str | None, store: Path, as_json: bool) -> None:
    """Write the report of RUN: an id, a unique prefix of one, `latest` (the default) or a folder.

    Prints the path of what it wrote. With --json: {run_id, format, path}.
    """
    from perfwright.workflow.read_run import read_run

    if as_json and out == _STDOUT:
        raise click.UsageError("--json and --out -: both want stdout; leave one of them out")
    found = read_run(store, run)
    if out == _STDOUT:
        click.echo(render(found, kind), nl=False)
        return
    path = written(found, kind, Path(out) if out else default_path(store, found, kind))
    if as_json:
        print_json({"run_id": found.manifest.run_id, "format": kind, "path": str(path)})
    else:
        click.echo(path)


def default_path(store: Path, run: ReadRun, kind: str) -> Path:
    return store / "reports" / f"{run.manifest.run_id}{_SUFFIXES[kind]}"


def written(run: ReadRun, kind: str, path: Path) -> Path:
    """The path, once the report is there. UsageError where it cannot be written."""
    text = render(run, kind)
    with writing("--out", path):
        path.write_text(text, encoding="utf-8")
    return path


def render(run: ReadRun, kind: str) -> str:
    """The text of the report; each renderer is loaded only when it is asked for."""
    if kind == "junit":
        from perfwright.report.junit import render_junit

        return render_junit(run.manifest, run.result)
    from perfwright.report.run_document import run_document

    document = run_document(run.manifest, run.result, run.series, run.explained)
    if kind == "md":
        from perfwright.report.markdown import render_markdown

        return render_markdown(document)
    from perfwright.report.html import render_html

    return render_html(document)
