"""`perfwright demo`: a shop with something wrong, found, mended and proven, by itself."""

from __future__ import annotations

from pathlib import Path

import click

from perfwright.cli.shared import json_option, print_json, store_option

JOURNEY = Path(__file__).parent.parent / "lab" / "journey" / "shop.py"
"""The test file that is shown as examples/shop.py."""

_FAULT = "db.missing_index"
_BUDGET = "60s"
_CLIMBS_FURTHER = 1.5
"""Of the first search's budget: what the mended shop holds lies above what the first one found."""


@click.command("demo")
@click.option(
    "--fault",
    default=_FAULT,
    show_default=True,
    metavar="NAME",
    help="What is wrong with the shop (see `perfwright lab faults`); it has to show on SQLite.",
)
@click.option(
    "--budget",
    default=_BUDGET,
    show_default=True,
    metavar="TIME",
    help="Of the first search; the second, which climbs further, gets half as much again.",
)
@store_option
@json_option
@click.pass_context
def command(context: click.Context, fault: str, budget: str, store: Path, as_json: bool) -> None:
    """The whole story on one machine: start the sample shop with a fault that Perfwright is not
    told, raise the load until it breaks, name the bottleneck, let the shop be mended, measure
    again, and write the report.

    Shows how Perfwright works, so it exits with 0 whatever your machine makes of it.
    """
    from perfwright.cli.investigating import (
        investigated,
        print_findings,
        print_verified,
        verified,
    )
    from perfwright.cli.launching import launched_shop
    from perfwright.cli.report import default_path, written
    from perfwright.model.units import parse_duration
    from perfwright.plan.loader import load_test
    from perfwright.plan.overrides import Overrides
    from perfwright.store.reader import Store
    from perfwright.workflow.investigate import watched_plan
    from perfwright.workflow.options import RunOptions
    from perfwright.workflow.read_run import read_run

    budget_s = parse_duration(budget, field="--budget")
    _say("Starting a shop. Something is wrong with it, and Perfwright is not told what …")
    with launched_shop(fault=fault, db="sqlite") as shop:
        _say(f"It serves {shop.url}. Visitors come, more and more of them …")
        plan = watched_plan(load_test(JOURNEY, overrides=Overrides(target=shop.url)))
        options = RunOptions(
            store=store, name="demo", tags=("demo",), kind="investigate", profile="auto",
            command=context.find_root().obj,
        )  # fmt: skip
        found = investigated(plan, options, budget_s=budget_s, quiet=False)
        before = Store(store).find(found.finished.result.run_id)
        if not as_json:
            print_findings(found.finished.result.as_json())
        _say("\nNow the shop's own developers mend it, and the visitors come again …")
        shop.fix()
        proof = verified(
            before, None, plan, options, budget_s=_CLIMBS_FURTHER * budget_s, quiet=False
        )
    seen = read_run(store, before.manifest.run_id)
    path = written(seen, "html", default_path(store, seen, "html"))
    if as_json:
        print_json({**found.finished.result.as_json(), "verification": proof.as_json()})
    else:
        print_verified(proof.as_json())
    click.echo(f"\nThe report: {path.resolve()}", err=as_json)


def _say(text: str) -> None:
    click.echo(text, err=True)
