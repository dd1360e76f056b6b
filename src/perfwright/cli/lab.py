"""`perfwright lab`: small services to test against, each a process of its own."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from perfwright.cli.shared import json_option, print_json
from perfwright.lab.faults import NAMES

_SEEDING_DEADLINE_S = 600.0


@click.group("lab")
def command() -> None:
    """Services to test against: a sample web shop, and a server of known truth."""


@command.command("shop", short_help="A web shop, whole or with a fault planted in it.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--db",
    metavar="URL",
    help="sqlite:FILE or postgresql://…; used as it is if it holds a shop. By default a temporary "
    "SQLite file; with --fault that or a private PostgreSQL, as the fault needs, unless this is "
    "sqlite.",
)
@click.option(
    "--orders",
    type=click.IntRange(min=0),
    default=50_000,
    show_default=True,
    help="Orders in the shop's history when it is seeded.",
)
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same data.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Server processes.",
)
@click.option(
    "--fault",
    type=click.Choice(NAMES),
    metavar="NAME",
    help="Plant this bottleneck (see `perfwright lab faults`) and start the servers it needs.",
)
@click.option("--fixed", is_flag=True, help="The shop without the --fault, among the same servers.")
@json_option
def shop(
    host: str,
    port: int,
    db: str | None,
    orders: int,
    seed: int,
    workers: int,
    fault: str | None,
    fixed: bool,
    as_json: bool,
) -> None:
    """Serve the sample web shop until Ctrl-C: log in, search, items, cart, orders.

    The first line on stdout is its address; with --json {url, pid} and, with a --fault, db: the
    database to pass to --watch, and redis where there is one. A line `fix` on standard input mends
    the fault; a line `fixed` answers. Its OpenAPI document is at /openapi.json, its metrics at
    /metrics.
    """
    from perfwright.cli.launching import launched_shop
    from perfwright.model.errors import UsageError

    if fixed and fault is None:
        raise UsageError("--fixed: there is nothing to fix; name a --fault")

    with launched_shop(
        host=host,
        port=port,
        db=db,
        orders=orders,
        seed=seed,
        workers=workers,
        fault=fault,
        fixed=fixed,
        deadline_s=_SEEDING_DEADLINE_S,
    ) as served:
        if as_json:
            print_json(served.as_json())
        else:
            click.echo(served.url)
        sys.stdout.flush()
        with _until_told_to_stop():
            for line in sys.stdin if fault is not None else ():
                if line.strip() == "fix":
                    served.fix()
                    click.echo("fixed")
                    sys.stdout.flush()
            signal.pause()


@command.command("faults", short_help="The bottlenecks that the shop can be given.")
@json_option
def faults(as_json: bool) -> None:
    """List the bottlenecks that the shop can be given with `--fault`, with a sentence each.

    Those marked * show on SQLite, too (`--db sqlite`). With --json: [{name, sentence, sqlite}].
    """
    from perfwright.lab.faults import load

    known = {name: load(name) for name in NAMES}
    if as_json:
        print_json(
            [
                {"name": name, "sentence": fault.sentence, "sqlite": fault.sqlite}
                for name, fault in known.items()
            ]
        )
        return
    for name, fault in known.items():
        click.echo(f"{name + (' *' if fault.sqlite else ''):26}{fault.sentence}")


@command.command("calibration", short_help="A server whose answers are known truth.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@json_option
def calibration(host: str, port: int, as_json: bool) -> None:
    """Serve known truth until Ctrl-C: what a load test reports can be held against it.

    \b
    /delay/{ms}   /bytes/{n}   /status/{code}   /stall?every_s=&for_ms=   /chunked/{n}
    /close   /reset   /garbage   /slow/{bytes_per_s}   /echo

    The first line on stdout is its address; with --json it is {url}.
    """
    from perfwright._kernel import serve_calibration
    from perfwright.model.errors import UsageError

    shown = f"[{host}]" if ":" in host else host

    def announce(bound: int) -> None:
        url = f"http://{shown}:{bound}"
        if as_json:
            print_json({"url": url})
        else:
            click.echo(url)
        sys.stdout.flush()

    with _until_told_to_stop():
        try:
            serve_calibration(f"{shown}:{port}", announce, lambda: True)
        except OSError as error:
            raise UsageError(
                f"--host {host} --port {port}: cannot listen ({error}); try --port 0"
            ) from None


@contextmanager
def _until_told_to_stop() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what is inside, quietly: that is how one stops a server."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
