"""`perfwright import FILE…`: another tool's results become a run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from perfwright.cli.shared import json_option, print_json, store_option


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)  # fmt: skip
@click.option("--slo", "slos", multiple=True, metavar="EXPR", help="As of `run`; may be repeated.")
@click.option("--name", default="", help="What the run is called.  [default: the file's name]")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="May be repeated.")
@click.option(
    "--map", "mapping", default="", metavar="FIELD=COLUMN,…",
    help="What the columns of any other CSV file mean:"
    " started=ts,elapsed_ms=duration,step=label,error=failed.",
)  # fmt: skip
@store_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    slos: tuple[str, ...],
    name: str,
    tags: tuple[str, ...],
    mapping: str,
    store: Path,
    as_json: bool,
) -> None:
    """Read the result files of another tool into the store, as one run.

    What they are is told by their content. Lines that cannot be read are counted and shown. The
    same files are imported once.
    """
    from perfwright.model.verdict import EXIT_CODES
    from perfwright.report.console import wants_color
    from perfwright.report.terminal import render_terminal
    from perfwright.workflow.imports import ImportOptions, import_results
    from perfwright.workflow.read_run import result_of

    options = ImportOptions(
        store=store, name=name, slos=slos, tags=tags, command=ctx.obj, mapping=mapping
    )
    run = import_results(files, options)
    verdict = run.manifest.verdict
    assert verdict is not None, run
    if as_json:
        print_json(run.manifest.result)
    else:
        width = shutil.get_terminal_size().columns
        color = wants_color(sys.stdout)
        result = result_of(run)
        click.echo(render_terminal(run.manifest, result, width=width, color=color), nl=False)
    ctx.exit(EXIT_CODES[verdict.status])
