"""`perfwright lab`: small services to test against, each a process of its own."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from perfwright.cli.shared import json_option, print_json

_SEEDING_DEADLINE_S = 600.0


@click.group("lab")
def command() -> None:
    """Services to test against: a sample web shop, and a server of known truth."""


@command.command("shop")
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
    "SQLite file.",
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
@json_option
def shop(
    host: str, port: int, db: str | None, orders: int, seed: int, workers: int, as_json: bool
) -> None:
    """Serve the sample web shop until Ctrl-C: log in, search, items, cart, orders.

    The first line on stdout is its address; with --json it is {url, pid}. Its OpenAPI document is
    at /openapi.json, its metrics at /metrics.
    """
    from perfwright.cli.launching import launched_shop

    with launched_shop(
        host=host,
        port=port,
        db=db,
        orders=orders,
        seed=seed,
        workers=workers,
        deadline_s=_SEEDING_DEADLINE_S,
    ) as served:
        if as_json:
            print_json({"url": served.url, "pid": served.pid})
        else:
            click.echo(served.url)
        sys.stdout.flush()
        with _until_told_to_stop():
            signal.pause()


@command.command("calibration")
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
