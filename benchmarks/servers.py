"""The servers under the clients: nginx answering from its configuration, the calibration lab.

One worker, no access log, connections kept alive for ever, loopback only: the server costs as
little as a server can, so that the client is what is measured.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processes import free_port, serving

BODY = '{"ok":true,"id":12345,"name":"benchmark","price":1234.56}'
TOKEN = '{"token":"4f6c1d2e9b8a7c3d5e0f","expires_s":3600}'

CONFIGURATION = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 16384; multi_accept on; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    tcp_nodelay on;
    default_type application/json;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} {listen} backlog=16384;
        {tls}
        location = /login {{ return 200 '{token}'; }}
        location / {{ return 200 '{body}'; }}
    }}
}}
"""
# One cipher for every client: AES-128-GCM, which all of them do in hardware.
TLS = """
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
"""


@contextmanager
def nginx(*, tls: bool = False) -> Iterator[str]:
    """Yields the base URL of an nginx that answers `BODY` everywhere and `TOKEN` at /login."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="perfwright-bench-") as name:
        folder = Path(name)
        # nginx started as root serves from a worker of another user.
        folder.chmod(0o755)
        if tls:
            _self_signed(folder)
        configuration = folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=folder,
                port=port,
                listen="ssl" if tls else "",
                tls=TLS.format(folder=folder) if tls else "",
                token=TOKEN,
                body=BODY,
            )
        )
        binary = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        if binary is None:
            raise RuntimeError("nginx is missing: apt-get install nginx-light")
        with serving([binary, "-p", folder, "-c", configuration], port):
            yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"


@contextmanager
def calibration(perfwright: Path) -> Iterator[str]:
    """Yields the base URL of `perfwright lab calibration`."""
    port = free_port()
    with serving([perfwright, "lab", "calibration", "--port", str(port)], port):
        yield f"http://127.0.0.1:{port}"


def _self_signed(folder: Path) -> None:
    key, certificate = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        [*command.split(), *names, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
