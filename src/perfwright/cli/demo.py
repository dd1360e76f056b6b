"""`perfwright demo`: the sample shop, a load test of it, a verdict and a report, by itself."""

from __future__ import annotations

from pathlib import Path

import click

from perfwright.cli.shared import json_option, store_option

JOURNEY = Path(__file__).parent.parent / "lab" / "journey" / "shop.py"
"""The test file that is shown as examples/shop.py."""


@click.command("demo")
@click.option(
    "--for",
    "duration",
    metavar="TIME",
    help="Length of the load, like 1m. By default the journey's own, 15s.",
)
@store_option
@json_option
@click.pass_context
def command(context: click.Context, duration: str | None, store: Path, as_json: bool) -> None:
    """Start the sample shop on a free port, load it with the journey of examples/shop.py, print
    the verdict, write the HTML report and stop the shop.

    Shows how Perfwright works, so it exits with 0 whatever the verdict says of your machine.
    """
    from perfwright.cli.launching import launched_shop
    from perfwright.cli.report import default_path, written
    from perfwright.cli.running import run_and_print
    from perfwright.plan.fields import optional_duration
    from perfwright.plan.loader import load_test
    from perfwright.plan.overrides import Overrides
    from perfwright.workflow.options import RunOptions
    from perfwright.workflow.read_run import read_run

    length_s = optional_duration("--for", duration)
    click.echo("Starting the sample shop …", err=True)
    with launched_shop() as shop:
        click.echo(f"The shop serves {shop.url}; now its visitors come.", err=True)
        plan = load_test(JOURNEY, overrides=Overrides(target=shop.url, duration_s=length_s))
        options = RunOptions(
            store=store, name="demo", tags=("demo",), command=context.find_root().obj
        )
        finished = run_and_print(plan, options, as_json=as_json, quiet=False)
    found = read_run(store, finished.manifest.run_id)
    path = written(found, "html", default_path(store, found, "html"))
    click.echo(f"\nThe report: {path.resolve()}", err=as_json)
