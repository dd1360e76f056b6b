"""`perfwright run`: make a load, watch it, and answer with a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.run_options import (
    RunArguments,
    body_of,
    environment_of,
    overrides_of,
    run_options,
)

if TYPE_CHECKING:
    from perfwright.plan.test_plan import TestPlan


@click.command("run")
@click.argument("test", metavar="TEST.py|URL")
@run_options
@click.pass_context
def command(context: click.Context, /, **given: Any) -> None:
    """Run a load test: a test file of scenarios, or one request to a URL again and again.

    \b
    perfwright run http://127.0.0.1:8000/ --users 10 --for 30s
    perfwright run shop.py --rate 50 --slo 'p99 < 300ms'

    The result goes to stdout, the live view to stderr. Ctrl-C once stops and reports, twice stops
    at once. Exit codes: 0 pass, 99 an SLO is broken, 97 inconclusive.
    """
    arguments = RunArguments(**given)
    plan = plan_of(arguments)
    if arguments.once:
        from perfwright.cli.once import print_once

        context.exit(print_once(plan, arguments))
    from perfwright.cli.running import run_and_print
    from perfwright.workflow.options import RunOptions

    options = RunOptions(
        store=arguments.store,
        name=arguments.name,
        kind=arguments.kind or "",
        tags=arguments.tags,
        allow_targets=arguments.allow_targets,
        command=context.find_root().obj,
        profile=arguments.profile,
    )
    finished = run_and_print(plan, options, as_json=arguments.as_json, quiet=arguments.quiet)
    from perfwright.model.verdict import EXIT_CODES

    context.exit(EXIT_CODES[finished.result.verdict.status])


def plan_of(given: RunArguments) -> TestPlan:
    """The test file or the URL, as the options change it. UsageError for what cannot be."""
    overrides = overrides_of(given)
    if given.is_url:
        _refuse("a URL has", {"--target": given.target, "--env": given.env})
        from perfwright.plan.fields import header_line
        from perfwright.plan.overrides import url_plan

        return url_plan(
            given.test,
            method=given.method or ("GET" if given.body is None else "POST"),
            headers=dict(header_line("--header", line) for line in given.headers),
            body=body_of(given),
            overrides=overrides,
        )
    _refuse(
        "a test file has",
        {"--method": given.method, "--header": given.headers, "--body": given.body},
    )
    if "://" in given.test:
        from perfwright.model.errors import UsageError

        raise UsageError(f"URL: {given.test!r}: only http:// and https:// are spoken")
    from perfwright.plan.loader import load_test

    return load_test(given.test, env=environment_of(given), overrides=overrides)


def _refuse(what: str, options: dict[str, object]) -> None:
    """UsageError for options that mean nothing beside the argument."""
    from perfwright.model.errors import UsageError

    for option, value in options.items():
        if value not in (None, ()):
            instead = "URL" if what.startswith("a test") else "test file"
            raise UsageError(f"{option}: {what} no use for it, a {instead} has; leave it out")
