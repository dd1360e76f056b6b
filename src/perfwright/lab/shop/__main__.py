"""`python -m perfwright.lab.shop`: seed the shop if need be, serve it, clean up when told to stop.

When it serves, one JSON line `{"ready": true, "url": …, "pid": …}` goes to stdout or `--ready-fd`.
With `--until-stdin-ends`, a line on standard input asks for the fix of `settings.py`; a line
`{"fixed": true}` answers when it is done.
Exit codes: 0 stopped when asked to, 1 a worker could not start, 2 a setting is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from starlette.types import ASGIApp

from perfwright.lab.shop.db import Database
from perfwright.lab.shop.errors import StartError
from perfwright.lab.shop.settings import Settings, read_settings

_STDIN_FD = 0


def main() -> int:
    options = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # until the server listens for them itself
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        try:
            _run(options, Path(folder))
        except (StartError, OSError) as error:
            print(f"shop: {error}", file=sys.stderr)
            return 2
        except RuntimeError as error:
            print(f"shop: {error}", file=sys.stderr)
            return 1
    return 0


def _run(options: argparse.Namespace, folder: Path) -> None:
    listener = _listen(options.host, options.port)
    if options.workers > 1:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    db = options.db or f"sqlite:{folder / 'shop.sqlite'}"
    settings = read_settings(options.settings_fd)
    make_app = _prepare(db, settings, orders=options.orders, seed=options.seed)
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    say = partial(_say, options.ready_fd)
    announce = partial(say, ready=True, url=url, pid=os.getpid())

    from perfwright.lab.shop.databases import run_statements
    from perfwright.lab.shop.server import Control, serve, serve_forked

    def fix() -> None:
        run_statements(db, settings.fix)
        say(fixed=True)

    control = Control(fd=_STDIN_FD, on_order=fix) if options.until_stdin_ends else None
    if options.workers > 1:
        serve_forked(options.workers, listener, make_app, announce, control)
    else:
        serve(listener, make_app, announce, control)


def _prepare(db: str, settings: Settings, *, orders: int, seed: int) -> Callable[[], ASGIApp]:
    """Seed the database if need be; what makes the application over it."""
    # Imported here: prometheus_client decides at its import whether it works for several processes.
    from perfwright.lab.shop.app import build_app
    from perfwright.lab.shop.databases import run_statements, seeded_database
    from perfwright.lab.shop.metrics import Metrics
    from perfwright.lab.shop.seed import tables
    from perfwright.lab.shop.tokens import TokenSigner
    from perfwright.lab.shop.variant import Parts, variant_named

    variant = variant_named(settings.variant)
    make_tables = partial(tables, orders=orders, seed=seed)
    open_database = seeded_database(db, make_tables, variant)
    run_statements(db, variant.sql)
    signer = TokenSigner(secret=settings.secret.encode() or secrets.token_bytes(32))

    def make_parts(database: Database, metrics: Metrics) -> Parts:
        return Parts(
            db=database,
            signer=signer,
            metrics=metrics,
            redis=settings.redis,
            partner=settings.partner,
        )

    return partial(build_app, open_database, make_parts, variant)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise StartError(
            f"--host {host} --port {port}: cannot listen ({error.strerror}); try --port 0"
        ) from error
    # uvicorn writes head and body apart: with Nagle's algorithm the body would wait for an ACK that
    # the client delays by 40 ms. asyncio turns it off only on sockets that it made itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _say(fd: int, **what: object) -> None:
    os.write(fd, json.dumps(what).encode() + b"\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shop", description="A sample web shop to test against.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=8000, help="port; 0 takes a free one")
    parser.add_argument(
        "--db",
        help="sqlite:FILE or postgresql://…, used as it is if it holds a shop; default: a"
        " temporary SQLite file",
    )
    parser.add_argument("--orders", type=_count, default=50_000, help="orders in the history")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same data")
    parser.add_argument("--workers", type=_positive, default=1, help="server processes")
    parser.add_argument("--ready-fd", type=int, default=1, help="where the ready line goes")
    parser.add_argument("--settings-fd", type=int, help="read more settings from here (JSON)")
    parser.add_argument(
        "--until-stdin-ends", action="store_true", help="stop, too, when standard input ends"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 0 or more")
    return int(text)


def _port(text: str) -> int:
    port = _count(text)
    if port > 65535:
        raise argparse.ArgumentTypeError(f"{text} is above 65535")
    return port


def _positive(text: str) -> int:
    count = _count(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


if __name__ == "__main__":
    sys.exit(main())
