"""What real servers write is read as it was asked, in formats of their own configuration."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.nginx import NGINX, nginx, until_it_listens

from perfwright.sources.access_logs import read_access_logs

APACHE = shutil.which("apache2", path="/usr/sbin:/usr/bin")
needs_apache = pytest.mark.skipif(APACHE is None, reason="Apache is not installed")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
CUSTOM = (
    '$msec $request_time $request_method "$uri" "$args" $status $request_length $cookie_sid'
    ' "$http_user_agent" $remote_addr'
)
HOSTILE_AGENT = 'a "quoted" \\ agent é'


APACHE_FORMAT = (
    r"%a [%{%Y-%m-%dT%H:%M:%S}t.%{usec_frac}t %{%z}t] \"%r\" %>s %B %I %D %{sid}C"
    r" \"%{User-Agent}i\""
)
APACHE_CONFIG = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
User nobody
Group nogroup
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
LogFormat "{custom}" custom
CustomLog {folder}/combined.log combined
CustomLog {folder}/custom.log custom
DocumentRoot {folder}
"""


@pytest.fixture(scope="module")
def apache_logs() -> Iterator[Path]:
    """The folder of the logs of an Apache that was asked, and has ended."""
    assert APACHE is not None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        config = folder / "apache.conf"
        config.write_text(APACHE_CONFIG.format(folder=folder, port=port, custom=APACHE_FORMAT))
        with subprocess.Popen([APACHE, "-f", str(config), "-X"], stderr=subprocess.PIPE) as apache:
            try:
                until_it_listens(port, apache)
                ask(port)
            finally:
                apache.terminate()
        yield folder


@needs_apache
@pytest.mark.parametrize("named", ["combined", "custom"])
def test_a_log_of_apache(tmp_path: Path, apache_logs: Path, named: str) -> None:
    told = {"log_format": APACHE_FORMAT} if named == "custom" else {}
    with read_access_logs([apache_logs / f"{named}.log"], scratch=tmp_path, **told) as read:
        rows = read.connection.execute(
            "SELECT time_us / 1e6, client, agent, method, target, status FROM requests"
        ).fetchall()
        more = read.connection.execute(
            'SELECT "user", bytes_received, duration_us > 0 FROM requests'
        ).fetchall()
    assert [row[1:] for row in rows] == [
        ("127.0.0.1", "Firefox", "GET", "/items/7?page=2&q=a%20b", 404),
        ("127.0.0.1", HOSTILE_AGENT, "POST", "/cart", 404),
    ]
    assert all(abs(row[0] - time.time()) < 60 for row in rows)
    assert (read.facts.bad_lines, read.facts.notes) == (0, ())
    if named == "custom":
        assert [(user, has_duration) for user, _, has_duration in more] == [("s1", True)] * 2
        assert more[1][1] > 100


def ask(port: int) -> None:
    """Three requests: an ordinary one, one with odd characters, and one that is no HTTP."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for method, target, agent in (
        ("GET", "/items/7?page=2&q=a%20b", "Firefox"),
        ("POST", "/cart", HOSTILE_AGENT),
    ):
        connection.request(
            method,
            target,
            body=b"x" * 100 if method == "POST" else None,
            headers={"User-Agent": agent.encode(), "Cookie": "sid=s1"},
        )
        connection.getresponse().read()
    connection.close()


@needs_nginx
@pytest.mark.parametrize("named", ["combined", "custom"])
def test_a_log_of_nginx(tmp_path: Path, named: str) -> None:
    log = tmp_path / "access.log"
    server = (
        f"listen 127.0.0.1:PORT; location / {{ return 200 'hello'; }} access_log {log} {named};"
    )
    began_s = time.time()
    with nginx(tmp_path, {"shop": server}, http=f"log_format custom '{CUSTOM}';") as ports:
        ask(ports["shop"])
    told = {"log_format": CUSTOM} if named == "custom" else {}
    with read_access_logs([log], scratch=tmp_path, **told) as read:
        rows = read.connection.execute(
            "SELECT time_us / 1e6, client, agent, method, target, status FROM requests"
        ).fetchall()
        users = read.connection.execute('SELECT "user", bytes_received FROM requests').fetchall()
    assert [row[1:] for row in rows] == [
        ("127.0.0.1", "Firefox", "GET", "/items/7?page=2&q=a%20b", 200),
        ("127.0.0.1", HOSTILE_AGENT, "POST", "/cart", 200),
    ]
    assert all(abs(row[0] - began_s) < 10 for row in rows)
    assert read.facts.bad_lines == 0
    if named == "custom":
        assert [user for user, _ in users] == ["s1", "s1"]
        assert users[1][1] > 100
