"""A private nginx in front of others, on a loopback port: a master and one worker."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Sequence
from pathlib import Path

from perfwright.lab.servers.guarded import Guarded, free_port, listens, program

_CONFIG = """
daemon off;
worker_processes 1;
{user}
pid nginx.pid;
error_log error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{inside}
}}
"""


class NginxServer(Guarded):
    """`inside` is what the http block holds besides: `{port}` in it stands for the port and
    `{servers}` for the `server HOST:PORT;` lines of an upstream. Port 0 takes a free one."""

    def __init__(self, inside: str, upstream: Sequence[str], *, host: str, port: int) -> None:
        executable = program("nginx", "nginx-light")
        port = port or free_port()
        self.url = f"http://{host}:{port}"
        servers = " ".join(f"server {address};" for address in upstream)
        filled = inside.replace("{port}", f"{host}:{port}").replace("{servers}", servers)
        me = pwd.getpwuid(os.geteuid()).pw_name
        folder = Path(tempfile.mkdtemp(prefix="nginx-"))
        config = folder / "nginx.conf"
        user = f"user {me};" if os.geteuid() == 0 else ""
        config.write_text(_CONFIG.format(user=user, inside=filled))
        super().__init__(
            "nginx",
            [executable, "-p", folder, "-c", config, "-e", folder / "error.log"],
            folder=folder,
            is_up=lambda: listens(port),
        )
