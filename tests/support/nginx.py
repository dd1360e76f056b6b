"""nginx as tests start it: its own folder, free ports, one process or a master with workers."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")

_CONFIG = """
daemon off;
{processes}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 10000000;
    default_type text/plain;
{http}
{servers}
}}
"""


@contextmanager
def nginx(
    folder: Path, servers: dict[str, str], *, workers: int = 0, http: str = ""
) -> Iterator[dict[str, int]]:
    """Runs one server block for each name, `PORT` in it standing for its port; yields the ports.
    `workers` 0: all in one process. `http`: what stands before the blocks."""
    assert NGINX is not None
    with ExitStack() as held:
        ports = {name: _free_port(held) for name in servers}
    blocks = "\n".join(
        f"server {{\n{body.replace('PORT', str(ports[name]))}\n}}" for name, body in servers.items()
    )
    config = folder / "nginx.conf"
    processes = f"worker_processes {workers};" if workers else "master_process off;"
    config.write_text(_CONFIG.format(folder=folder, servers=blocks, processes=processes, http=http))
    command = [NGINX, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            for port in ports.values():
                until_it_listens(port, process)
            yield ports
        finally:
            process.terminate()


def _free_port(held: ExitStack) -> int:
    probe = held.enter_context(socket.socket())
    probe.bind(("127.0.0.1", 0))
    return int(probe.getsockname()[1])


def until_it_listens(port: int, process: subprocess.Popen[Any]) -> None:
    """A server that ends instead shows what it said."""
    for _ in range(500):
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise AssertionError(f"nothing listens on {port}")
