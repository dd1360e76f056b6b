"""`perfwright replay LOG…`: the requests of an access log again, each at its own instant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.run_options import RunArguments, overrides_of, replay_options
from perfwright.cli.shared import map_option, mapped_fields, show_progress

if TYPE_CHECKING:
    from perfwright.plan.replay_selection import Selection
    from perfwright.workflow.replay import Logs


@click.command("replay")
@click.argument("logs", metavar="LOG…", nargs=-1, required=True)
@click.option(
    "--speed",
    default="1x",
    show_default=True,
    metavar="FACTOR",
    help="Gaps become so many times shorter: 2x, 0.5x.",
)
@click.option(
    "--from",
    "begin",
    default="",
    metavar="MOMENT",
    help="Begin here: 2026-11-22T14:00, 14:00 (of the log's first day), or 10m (after its first "
    "request).",
)
@click.option("--until", "end", default="", metavar="MOMENT", help="End before this moment.")
@click.option(
    "--for", "duration", metavar="TIME", help="Replay at most so long, by the clock on the wall."
)
@click.option(
    "--only",
    multiple=True,
    metavar="METHOD|PATH",
    help="Only these: GET, '/items/*' or 'GET /items/*'. Repeatable: any of them.",
)
@click.option(
    "--include-unsafe",
    is_flag=True,
    help="Send POST, PUT, DELETE and others, too: they may change the system, and have no body.",
)
@click.option(
    "--spread",
    is_flag=True,
    help="For logs whose times are whole seconds: the requests of a second evenly over it.",
)
@click.option(
    "--log-format",
    metavar="FORMAT",
    help="nginx's log_format or Apache's LogFormat, or a name like combined; else recognised.",
)
@map_option
@click.option(
    "--zone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="Time zone of times without an offset, in the log and in --from and --until.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="A header for every request. Repeatable.",
)
@replay_options
@click.pass_context
def command(context: click.Context, /, **given: Any) -> None:
    """Replay access logs: every request again, in its order and with its gaps, as an open load.

    \b
    perfwright replay access.log --target http://127.0.0.1:8000
    perfwright replay 'access.log*' --target http://127.0.0.1:8000 --from 14:00 --for 5m --speed 2x

    Only safe methods (GET, HEAD, OPTIONS) are sent unless --include-unsafe is given. A 4xx that the
    log has for a request is no error when it comes again. LOG is a file (also gzip, zstd, bz2), a
    glob, or - for stdin. Exit codes: 0 pass, 99 an SLO is broken, 97 inconclusive.
    """
    from perfwright.cli.running import run_and_print
    from perfwright.model.verdict import EXIT_CODES
    from perfwright.plan.fields import header_line
    from perfwright.workflow.options import RunOptions
    from perfwright.workflow.replay import replay_plan

    logs, selection = _logs(given), _selection(given)
    own = ("logs", "speed", "begin", "end", "only", "include_unsafe", "spread", "log_format")
    rest = {
        name: given[name] for name in given if name not in (*own, "mapping", "zone", "duration")
    }
    arguments = RunArguments(test="", process=None, env=(), method=None, body=None, **rest)
    headers = dict(header_line("--header", line) for line in arguments.headers)
    options = RunOptions(
        store=arguments.store,
        name=arguments.name or f"replay of {Path(logs.paths[0]).name}",
        kind="replay",
        tags=arguments.tags,
        allow_targets=arguments.allow_targets,
        command=context.find_root().obj,
        profile=arguments.profile,
    )
    overrides = overrides_of(arguments)
    with replay_plan(logs, selection, overrides, headers, on_progress=show_progress) as plan:
        finished = run_and_print(plan, options, as_json=arguments.as_json, quiet=arguments.quiet)
    context.exit(EXIT_CODES[finished.result.verdict.status])


def _logs(given: dict[str, Any]) -> Logs:
    from perfwright.workflow.replay import Logs

    return Logs(
        paths=given["logs"],
        log_format=given["log_format"],
        mapping=mapped_fields(given["mapping"]),
        zone=given["zone"],
    )


def _selection(given: dict[str, Any]) -> Selection:
    from perfwright.plan.fields import optional_duration
    from perfwright.plan.replay_selection import Selection, moment_us, parse_only, parse_speed

    for option, text in (("--from", given["begin"]), ("--until", given["end"])):
        if text:
            moment_us(option, text, 0, given["zone"])  # wrong ones are told before the log is read
    return Selection(
        speed=parse_speed(given["speed"]),
        begin=given["begin"],
        end=given["end"],
        zone=given["zone"],
        only=tuple(map(parse_only, given["only"])),
        include_unsafe=given["include_unsafe"],
        spread=given["spread"],
        longest_s=optional_duration("--for", given["duration"]),
    )
