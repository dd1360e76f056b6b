"""A private Redis server on a free port of loopback, without files, gone at the end."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

PATIENCE_S = 10


def has_redis() -> bool:
    return shutil.which("redis-server") is not None


@contextmanager
def private_redis(*settings: str) -> Iterator[int]:
    """Its port. `settings` as on Redis' command line: `--maxmemory`, `2mb`, …"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", *settings]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/")
    try:
        _wait_until_it_answers(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_answers(port: int) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        with redis.Redis(port=port) as client:
            try:
                client.ping()
                return
            except redis.AuthenticationError:
                return
            except redis.ConnectionError:
                time.sleep(0.02)
    raise AssertionError("redis-server did not come up")
