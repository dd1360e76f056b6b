"""tinyproxy as tests start it: an HTTP proxy that also tunnels (CONNECT) to any local port."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TINYPROXY = shutil.which("tinyproxy", path="/usr/sbin:/usr/bin")


@contextmanager
def tinyproxy(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yields its URL and its log."""
    assert TINYPROXY is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, config = folder / "tinyproxy.log", folder / "tinyproxy.conf"
    config.write_text(
        f'Port {port}\nListen 127.0.0.1\nLogFile "{log}"\nLogLevel Connect\nTimeout 60\n'
        "MaxClients 100\n"
    )
    command = [TINYPROXY, "-d", "-c", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            while True:
                assert process.poll() is None, "tinyproxy does not start"
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.01)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.terminate()
