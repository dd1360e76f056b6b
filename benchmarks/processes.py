"""Child processes on a core of their own, whose CPU is read when they end.

CPU is user + system seconds of the process and of every descendant it waited for (`wait4`), so it
holds what a client's own threads and workers used, start-up included.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
POLL_S = 0.1
STOP_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a finished process left: its output as text and the CPU of its whole tree."""

    exit_code: int
    stdout: str
    stderr: str
    cpu_s: float
    wall_s: float


def run_pinned(
    command: Sequence[str | Path],
    *,
    core: int | None = CLIENT_CORE,
    cwd: Path | None = None,
    watch: Callable[[int], None] | None = None,
) -> Finished:
    """Runs a command on one core (None: on all) to its end; `watch` is called with its pid ten
    times a second."""
    cores = CORES if core is None else {core}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started_s = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=cwd,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        exit_code, cpu_s = _wait(child, watch)
        wall_s = time.perf_counter() - started_s
        out.seek(0)
        err.seek(0)
        return Finished(
            exit_code=exit_code,
            stdout=out.read(),
            stderr=err.read(),
            cpu_s=cpu_s,
            wall_s=wall_s,
        )


def _wait(child: subprocess.Popen[bytes], watch: Callable[[int], None] | None) -> tuple[int, float]:
    options = os.WNOHANG if watch else 0
    while True:
        pid, status, usage = os.wait4(child.pid, options)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode, usage.ru_utime + usage.ru_stime
        if watch:
            watch(child.pid)
        time.sleep(POLL_S)


@contextmanager
def serving(command: Sequence[str | Path], port: int) -> Iterator[None]:
    """A server on the server's core for the length of the block; ready when its port accepts."""
    with tempfile.TemporaryFile("w+") as err:
        server = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=err,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
        )
        try:
            if not _accepts(port, server):
                err.seek(0)
                raise RuntimeError(f"{command[0]} does not serve port {port}: {err.read()[-500:]}")
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(STOP_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _accepts(port: int, server: subprocess.Popen[bytes]) -> bool:
    deadline_s = time.monotonic() + STOP_S
    while time.monotonic() < deadline_s and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
