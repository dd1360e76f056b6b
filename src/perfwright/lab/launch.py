"""Starts the sample shop as a process of its own and makes sure that it ends.

    start_shop() ─► process group ─► ready line on its stdout ─► ShopProcess(url, pid)
         └── no ready line by the deadline, or it died: LaunchError with the end of its stderr

The shop stops when `stop` is called: SIGTERM, then SIGKILL for its group after a grace. Should this
process be killed outright, the shop sees its standard input end and stops by itself.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from typing import IO, Self

_STDERR_TAIL_LINES = 20


class LaunchError(Exception):
    """The shop did not come up; the message ends with what it said on stderr."""


class ShopProcess:
    """A running shop: `url`, `pid`, `stop()`. As a context manager it stops at the end."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, errors: IO[bytes]) -> None:
        self._process = process
        self._errors = errors
        self.url = url
        self.pid = process.pid

    def stop(self, *, grace_s: float = 6.0) -> None:
        """End the shop and wait for it; does nothing if it has ended."""
        _end(self._process, grace_s)
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_shop(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    db: str | None = None,
    orders: int = 50_000,
    seed: int = 7,
    workers: int = 1,
    deadline_s: float = 30.0,
) -> ShopProcess:
    """Start the shop and wait until it serves. Port 0 takes a free one; raises LaunchError."""
    settings = {"host": host, "port": port, "orders": orders, "seed": seed, "workers": workers}
    if db is not None:
        settings["db"] = db
    command = [sys.executable, "-m", "perfwright.lab.shop", "--until-stdin-ends"]
    command += [f"--{name}={value}" for name, value in settings.items()]
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )
    try:
        url = _ready_url(process, deadline_s)
    except BaseException as error:
        _end(process, 1.0)
        said = _tail(errors)
        errors.close()
        if isinstance(error, LaunchError):
            raise LaunchError(f"{error}\n{said}".rstrip()) from None
        raise
    return ShopProcess(process, url, errors)


def _ready_url(process: subprocess.Popen[bytes], deadline_s: float) -> str:
    assert process.stdout is not None
    ends_s = time.monotonic() + deadline_s
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, ends_s - time.monotonic())):
                raise LaunchError(f"the shop was not ready within {deadline_s:g} s")
            part = os.read(process.stdout.fileno(), 4096)
            if not part:
                raise LaunchError(f"the shop ended at its start with exit code {process.wait()}")
            line += part
    return str(json.loads(line)["url"])


def _end(process: subprocess.Popen[bytes], grace_s: float) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its own group: start_new_session
            process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _tail(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-_STDERR_TAIL_LINES:])
