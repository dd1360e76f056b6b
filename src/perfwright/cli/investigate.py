"""`perfwright investigate`: raise the load to the knee, and name what limits the system."""

from __future__ import annotations

from typing import Any

import click

from perfwright.cli.run_options import RunArguments, investigate_options


@click.command("investigate")
@click.argument("test", metavar="TEST.py|URL")
@click.option(
    "--budget",
    metavar="TIME",
    default="150s",
    show_default=True,
    help="How long all of it may take, start-up left out.",
)
@click.option(
    "--model",
    type=click.Choice(["open", "closed"]),
    help="What is raised: arrivals per second (open), or users. By default as in the test file; "
    "for a URL open.",
)
@investigate_options
@click.pass_context
def command(context: click.Context, /, budget: str, model: str | None, **given: Any) -> None:
    """Raise the load stage by stage until the system no longer holds it, watch everything within
    reach, and print the bottlenecks: evidence, what to do, what it buys.

    \b
    perfwright investigate shop.py
    perfwright investigate http://127.0.0.1:8000/ --watch postgresql://me:secret@127.0.0.1/shop

    What the target runs on is found by itself where that is this machine (--watch auto). Exit
    codes: 0 the limit was found, 97 it was not, 99 the run failed.
    """
    from perfwright.cli.investigating import investigated, print_findings
    from perfwright.cli.run import plan_of
    from perfwright.cli.shared import print_json
    from perfwright.model.units import parse_duration
    from perfwright.model.verdict import EXIT_CODES
    from perfwright.workflow.investigate import watched_plan, with_model
    from perfwright.workflow.options import RunOptions

    arguments = RunArguments(**given)
    plan = watched_plan(with_model(plan_of(arguments), model))
    options = RunOptions(
        store=arguments.store,
        name=arguments.name,
        kind="investigate",
        tags=arguments.tags,
        allow_targets=arguments.allow_targets,
        command=context.find_root().obj,
        profile=arguments.profile,
    )
    budget_s = parse_duration(budget, field="--budget")
    found = investigated(plan, options, budget_s=budget_s, quiet=arguments.quiet)
    document = found.finished.result.as_json()
    if arguments.as_json:
        print_json(document)
    else:
        print_findings(document)
    context.exit(EXIT_CODES[found.finished.result.verdict.status])
