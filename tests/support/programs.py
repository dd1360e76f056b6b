"""Small programs that tests watch: Python source run as a process, spoken with line by line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class Program:
    """`hear` waits for its next line; `tell` sends it one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"process {self.pid} ended with {self._process.wait()}"
        return line.strip()

    def tell(self, line: str = "go") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def program(
    source: str,
    *words: str,
    variables: Mapping[str, str] | None = None,
    folder: Path | None = None,
    keep: int | None = None,
) -> Iterator[Program]:
    """Runs `source` until the block ends; `keep`: a file descriptor that it inherits. Its standard
    input ends with us, so none outlives us."""
    with subprocess.Popen(
        [sys.executable, "-u", "-c", source, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=None if variables is None else {"PATH": "/usr/bin:/bin", **variables},
        cwd=folder,
        pass_fds=() if keep is None else (keep,),
    ) as process:
        try:
            yield Program(process)
        finally:
            process.terminate()


BURN = """
import sys, time
for line in sys.stdin:
    until = time.process_time() + float(line)
    while time.process_time() < until:
        pass
    print(time.process_time())
"""
"""Burns as many CPU seconds as it is told, then says how many it has used in its life."""

PREFORK = """
import os, signal, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), family=family, backlog=8)
workers = []
for _ in range(2):
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        held = []
        while True:
            held.append(listener.accept()[0])
    workers.append(pid)
def stop(*_):
    for pid in workers:
        os.kill(pid, signal.SIGTERM)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print(listener.getsockname()[1], *workers)
sys.stdin.read()
stop()
"""
"""A master and two workers that share a listening socket; says the port and the workers' ids."""

CONNECTED = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
peers = [socket.create_connection(("127.0.0.1", int(port))) for port in sys.argv[1:]]
print(listener.getsockname()[1])
sys.stdin.read()
"""
"""Listens, and holds a connection to each of the ports that it is given; says its port."""

DEAF = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0), backlog=3)
print(listener.getsockname()[1])
sys.stdin.read()
"""
"""Listens and never accepts; says its port."""
