"""Proves a wheel by a stranger's way: `python scripts/check_wheel.py dist/perfwright-….whl`.

Installs it into an empty environment, runs `perfwright run URL` there against a small local server,
and reads the JSON that it prints. Exit code 0 and one line when all is well; else what went wrong.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

UV = Path(__file__).resolve().parent.parent / ".tools/uv/bin/uv"
RUN_TIMEOUT_S = 60


class Hello(BaseHTTPRequestHandler):
    """Answers every GET with two bytes over a connection that is kept alive."""

    protocol_version = "HTTP/1.1"
    # Head and body in one segment: else Nagle and delayed ACK make each answer take 40 ms.
    wbufsize = -1

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet: thousands of requests come."""


class HelloServer(ThreadingHTTPServer):
    """A load test may drop its connections at the end: no reason to print tracebacks."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def hello_server() -> Iterator[str]:
    server = HelloServer(("127.0.0.1", 0), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def install(wheel: Path, environment: Path) -> Path:
    """An empty environment of this Python with just the wheel; returns its `perfwright`."""
    uv_environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    steps: list[list[str | Path]] = [
        ["venv", "--python", sys.executable, environment],
        ["pip", "install", "--python", environment / "bin/python", wheel],
    ]
    for step in steps:
        subprocess.run([UV, *step, "--quiet"], check=True, env=uv_environment)
    return environment / "bin/perfwright"


def run(perfwright: Path, url: str, folder: Path) -> dict[str, object]:
    """The `totals` of a two-second run, started in an empty folder far from the source tree."""
    command = [str(perfwright), "run", url, "--users", "2", "--for", "2s", "--json"]
    finished = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False
    )
    if finished.returncode not in (0, 97):
        raise SystemExit(f"perfwright run: exit {finished.returncode}\n{finished.stderr}")
    document = json.loads(finished.stdout)
    totals: dict[str, object] = document["totals"]
    if not totals["requests"] or totals["errors"]:
        raise SystemExit(f"perfwright run: requests are missing or failed: {totals}")
    if not Path(folder, document["path"], "run.json").is_file():
        raise SystemExit(f"perfwright run: no run folder at {document['path']}")
    return totals


def main(wheel: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="perfwright-wheel-") as name, hello_server() as url:
        folder = Path(name)
        perfwright = install(wheel, folder / "environment")
        totals = run(perfwright, url, folder)
    print(f"{wheel.name} runs in an empty environment: {totals['requests']} requests, no error")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
