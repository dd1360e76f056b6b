"""The calibration server as tests start it: the command's own `perfwright lab calibration`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PERFWRIGHT = Path(sys.executable).with_name("perfwright")


@contextmanager
def calibration_server() -> Iterator[str]:
    """Yields the base URL, read from what the server prints when it listens."""
    command = [PERFWRIGHT, "lab", "calibration", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = re.search(r"http://\S+", server.stdout.readline())
            assert address is not None, "the calibration server printed no address"
            yield address[0]
        finally:
            server.terminate()
