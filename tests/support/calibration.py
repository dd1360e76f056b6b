"""The calibration server (known truth) as tests start it: a process of its own, on a free port."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PERFWRIGHT = Path(sys.executable).with_name("perfwright")

_SERVE = """
from perfwright._kernel import serve_calibration
serve_calibration("127.0.0.1:0", lambda port: print(port, flush=True), lambda: True)
"""


@contextmanager
def calibration_server() -> Iterator[str]:
    """Yields the base URL once the server listens."""
    command = [sys.executable, "-c", _SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()
