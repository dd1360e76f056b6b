"""The `perfwright` command: one file per command, loaded when it is used.

A command parses, calls one workflow and prints: results to stdout, everything else to stderr. Here
is only what they share: the list of commands, and what becomes of an error (see `errors.py`).
"""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from perfwright.cli.errors import explained

_COMMANDS = {
    "run": "Make a load, watch it, and answer with a verdict.",
    "investigate": "Raise the load to the limit, name the bottleneck and its fix.",
    "explain": "Name the bottlenecks that a stored run shows.",
    "verify": "Repeat a run after a fix: confirmed, no change or worse.",
    "compare": "Compare two runs: faster, slower, same or unknown.",
    "gate": "Let a run pass or not: SLOs, a baseline, budgets; for CI.",
    "baseline": "Choose what later runs are held against.",
    "import": "Read the results of JMeter, k6, Locust and others into the store.",
    "replay": "Send the requests of an access log again, each at its own instant.",
    "data": "Make synthetic test data from a description of its tables.",
    "plan": "Write a test, its data and its plan from logs and documents.",
    "runs": "List the runs in the store, newest first.",
    "trend": "Find lasting changes in the history of runs, or in any series.",
    "report": "Write a run as HTML, Markdown or JUnit XML.",
    "record": "Record what you do in a browser, to plan a test from.",
    "demo": "Watch a sample shop's bottleneck be found, mended and proven.",
    "lab": "Serve something to test against: shop, calibration.",
}
"""By name, each with a line for the overview, so that the overview need not load them."""
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Commands(click.Group):
    """A group whose commands live in modules of their names, under `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"perfwright.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Keeps the command line as it was given (`obj`), for the run's manifest."""
        return super().make_context(info_name, args, parent, obj=("perfwright", *args), **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with explained(ctx, debug=bool(ctx.params.get("debug"))):
            return super().invoke(ctx)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"perfwright {version('perfwright')}")
        ctx.exit()


@click.group(cls=Commands, context_settings=_SETTINGS)
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main(debug: bool) -> None:
    """Load tests as plain `async def`, with a verdict that can be trusted.

    Exit codes: 0 pass, 99 an SLO is broken, 98 regression, 97 inconclusive, 2 wrong usage,
    1 internal error.
    """
    del debug
