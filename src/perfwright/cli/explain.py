"""`perfwright explain RUN`: the bottlenecks that a stored run shows."""

from __future__ import annotations

from pathlib import Path

import click

from perfwright.cli.shared import json_option, print_json, store_option


@click.command("explain")
@click.argument("run", default="latest")
@store_option
@json_option
def command(run: str, store: Path, as_json: bool) -> None:
    """Name the bottlenecks of RUN: an id, a unique prefix of one, `latest` (the default) or a
    folder.

    An investigation tells most; any run that was watched (--watch) tells something.
    """
    from perfwright.workflow.explain import explain, explained_json

    document = explained_json(explain(store, run))
    if as_json:
        print_json(document)
        return
    from perfwright.cli.investigating import print_findings

    print_findings(document)
