"""`perfwright baseline set|list|show`: what later runs are held against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.shared import json_option, print_json, store_option

if TYPE_CHECKING:
    from perfwright.store.baselines import Baseline


@click.group("baseline")
def command() -> None:
    """Choose what later runs are held against by `gate`: a run, several, or a file to commit."""


@command.command("set")
@click.argument("name")
@click.argument("run", default="latest")
@click.option(
    "--to",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all that comparing needs into this file instead, to be committed.",
)
@store_option
@json_option
def set_(name: str, run: str, file: Path | None, store: Path, as_json: bool) -> None:
    """Call RUN (by default `latest`) the baseline NAME, from now on.

    RUN is an id, a unique prefix of one, a folder, a result file of another tool, another baseline,
    or last:5@main: the last five finished runs on the branch main, as one.
    """
    from perfwright.workflow.keep_baseline import keep_baseline, pack_baseline

    if file is None:
        runs = keep_baseline(store, name, run).runs
        place = f"in {store}"
    else:
        runs = pack_baseline(store, name, run, file).runs
        place = f"in {file}, {file.stat().st_size / 1000:,.0f} kB"
    if as_json:
        print_json({"name": name, "runs": list(runs), "file": str(file) if file else None})
    else:
        click.echo(f"{name}: {', '.join(runs)} ({place})")


@command.command("list")
@store_option
@json_option
def list_(store: Path, as_json: bool) -> None:
    """List the baselines of the store."""
    from perfwright.store.baselines import baselines

    found = baselines(store)
    if as_json:
        print_json([_document(baseline) for baseline in found])
    elif found:
        width = max(len(baseline.name) for baseline in found)
        for baseline in found:
            click.echo(f"{baseline.name:{width}}  {baseline.set_at}  {', '.join(baseline.runs)}")
    else:
        click.echo(f"{store} has no baselines: `perfwright baseline set NAME RUN`", err=True)


@command.command("show")
@click.argument("name")
@store_option
@json_option
def show(name: str, store: Path, as_json: bool) -> None:
    """Show what the baseline NAME is made of and what it came to; NAME may be a baseline file."""
    from perfwright.workflow.keep_baseline import described_baseline

    told = described_baseline(store, name)
    if as_json:
        print_json(told.as_json())
        return
    from perfwright.report.baseline_text import render_baseline

    click.echo(render_baseline(told), nl=False)


def _document(baseline: Baseline) -> dict[str, Any]:
    return {"name": baseline.name, "runs": list(baseline.runs), "set_at": baseline.set_at}
