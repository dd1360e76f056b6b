"""`perfwright record`: click through a site, and get a recording to plan a test from."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfwright.cli.shared import json_option, print_json

if TYPE_CHECKING:
    from perfwright.serve.recorder.exchange import Exchange
    from perfwright.serve.recorder.recording import RecordOptions


@click.command("record")
@click.option("--target", required=True, metavar="URL", help="The site to record.")
@click.option(
    "--listen",
    default="127.0.0.1:8888",
    show_default=True,
    metavar="HOST:PORT",
    help="Where your browser finds it; port 0 takes a free one.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The HAR file to write; by default recording.har, or the next free name like it.",
)
@click.option("--for", "duration", metavar="TIME", help="Stop by itself after this: 30s, 5m.")
@click.option("--insecure", is_flag=True, help="Do not verify the target's certificate.")
@click.option("--no-plan", is_flag=True, help="Do not say how to plan a test from it.")
@json_option
def command(
    target: str,
    listen: str,
    out: Path | None,
    duration: str | None,
    insecure: bool,
    no_plan: bool,
    as_json: bool,
) -> None:
    """Record what you do in a browser, as a HAR file.

    Open the address that this prints, click through the site, and end with Ctrl-C. The file is
    whole at every moment. It holds what you typed, passwords too, and only you may read it; what
    `plan` writes from it holds no secrets.

    With --json, at the end: {path, target, entries, pages}.
    """
    from perfwright.model.units import parse_duration
    from perfwright.serve.recorder.recording import RecordOptions, record

    options = RecordOptions(
        target=target,
        listen=listen,
        out=out or _free_name(),
        for_s=None if duration is None else parse_duration(duration, field="--for"),
        insecure=insecure,
    )
    recorded = record(options, ready=_say_ready(options), seen=_say_seen)
    if as_json:
        print_json(
            {
                "path": str(recorded.path),
                "target": recorded.target,
                "entries": recorded.entries,
                "pages": recorded.pages,
            }
        )
        return
    click.echo(f"{recorded.path}: {recorded.entries} requests, {recorded.pages} pages")
    if not no_plan and recorded.entries:
        click.echo(f"next: perfwright plan {shlex.quote(str(recorded.path))}")


def _say_ready(options: RecordOptions) -> Callable[[str], None]:
    ends = "Ctrl-C ends" if options.for_s is None else f"ends after {options.for_s:g} s"

    def say(address: str) -> None:
        click.echo(f"recording {options.target}: open {address} ({ends})", err=True)

    return say


def _say_seen(exchange: Exchange) -> None:
    took_ms = (exchange.ended_s - exchange.began_s) * 1e3
    told = exchange.status or exchange.error
    click.echo(f"{exchange.method:6} {_shown(exchange.url)}  {told}  {took_ms:.0f} ms", err=True)


def _shown(url: str) -> str:
    """Path without query, which may hold secrets; printable, and not longer than a line."""
    path = "/" + url.partition("?")[0].split("/", 3)[-1]
    path = path.encode("ascii", "backslashreplace").decode()
    return path if len(path) <= 80 else f"{path[:79]}…"


def _free_name() -> Path:
    path, count = Path("recording.har"), 1
    while path.exists():
        count += 1
        path = Path(f"recording-{count}.har")
    return path
