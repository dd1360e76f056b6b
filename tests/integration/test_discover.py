"""Discovery finds what really stands behind a port: proxies, applications, databases, files."""

from __future__ import annotations

import os
import pickle
import socket
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
import pytest
from support.nginx import nginx
from support.postgres import PostgresCluster
from support.programs import CONNECTED, PREFORK, Program, program
from support.raw_server import raw_server
from support.redis_server import private_redis

from perfwright.model import metrics
from perfwright.model.watched import Component
from perfwright.observe.discover import Discovery, discover
from perfwright.observe.process import ProcessProbe

NOBODY = 65534
ENOUGH_LOOKS = 50

QUERYING = """
import psycopg, socket, sys
session = psycopg.connect(sys.argv[1])
session.execute("SELECT 1")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1])
sys.stdin.read()
"""

STARTS_A_SERVER = """
import socket, subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-u", "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
port = int(child.stdout.readline())
peer = socket.create_connection(("127.0.0.1", port))
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], child.pid, port)
sys.stdin.read()
"""

UNTOLD = "host='127.0.0.1', port=sys.argv[1], user='postgres', dbname='untold'"

FILING = """
import socket, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT * FROM items")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1])
sys.stdin.read()
"""


def by_subject(found: Discovery) -> dict[str, Component]:
    return {component.subject: component for component in found.components}


def discovered(target: str, enough: Callable[[Discovery], bool]) -> Discovery:
    """Looked at until it is enough: the load's connections come when they come."""
    for _ in range(ENOUGH_LOOKS):
        found = discover(target)
        if enough(found):
            return found
    raise AssertionError(found)


def test_a_proxy_with_workers_leads_to_its_upstreams_and_their_stores(
    tmp_path: Path, postgres: PostgresCluster
) -> None:
    with ExitStack() as held:
        redis_port = held.enter_context(private_redis())
        apps = [
            held.enter_context(program(CONNECTED, str(postgres.port), str(redis_port), *more))
            for more in ([], [])
        ]
        app_ports = [int(app.hear()) for app in apps]
        upstreams = "; ".join(f"server 127.0.0.1:{port}" for port in app_ports)
        server = "listen 127.0.0.1:PORT; location / { proxy_pass http://apps; }\n}\n"
        server += f"upstream apps {{ {upstreams};"
        ports = held.enter_context(nginx(tmp_path, {"front": server}, workers=2))
        front = ports["front"]
        # One for each upstream, which never answers: each of the two workers takes them in turn, so
        # of three requests one worker has two.
        for _ in range(3):
            client = held.enter_context(socket.create_connection(("127.0.0.1", front)))
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        found = discovered(f"http://127.0.0.1:{front}/", lambda one: len(one.components) == 5)
    components = by_subject(found)
    proxy = components[f"port:{front}"]
    assert proxy.runtime == "nginx"
    assert len(proxy.pids) == 3
    assert set(proxy.talks_to) == {f"port:{port}" for port in app_ports}
    for app, port in zip(apps, app_ports, strict=True):
        assert components[f"port:{port}"].pids == (app.pid,)
        stores = {f"port:{postgres.port}", f"port:{redis_port}"}
        assert set(components[f"port:{port}"].talks_to) == stores
    assert components[f"port:{postgres.port}"].runtime.startswith("postgresql")
    assert components[f"port:{redis_port}"].runtime == "redis"
    assert {"host", *components, f"redis://127.0.0.1:{redis_port}"} <= set(found.specs)


def test_a_server_that_the_application_started_is_a_component_of_its_own() -> None:
    with program(STARTS_A_SERVER, CONNECTED) as app:
        port, child, child_port = map(int, app.hear().split())
        found = discover(f"http://127.0.0.1:{port}")
    components = by_subject(found)
    assert components[f"port:{port}"].pids == (app.pid,)
    assert components[f"port:{child_port}"].pids == (child,)
    assert components[f"port:{port}"].talks_to == (f"port:{child_port}",)


def test_a_backend_that_the_proxy_does_not_use_is_found_by_its_likeness(tmp_path: Path) -> None:
    with ExitStack() as held:
        listens = (
            "import socket, sys; listener = socket.create_server(('127.0.0.1', 0));"
            "print(listener.getsockname()[1]); sys.stdin.read()"
        )
        apps = [held.enter_context(program(listens, f"--number={n}")) for n in (1, 2)]
        stranger = held.enter_context(program(listens, "--of-another-kind"))
        used, idle, other = (int(one.hear()) for one in (*apps, stranger))
        server = f"listen 127.0.0.1:PORT; location / {{ proxy_pass http://127.0.0.1:{used}; }}"
        front = held.enter_context(nginx(tmp_path, {"front": server}))["front"]
        client = held.enter_context(socket.create_connection(("127.0.0.1", front)))
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        found = discovered(f"http://127.0.0.1:{front}/", lambda one: len(one.components) > 1)
    components = by_subject(found)
    assert {f"port:{used}", f"port:{idle}"} <= set(components)
    assert f"port:{other}" not in components
    assert components[f"port:{front}"].talks_to == (f"port:{used}",)


def served_by(app: Program) -> str:
    return f"http://127.0.0.1:{app.hear()}"


def test_a_database_is_watched_with_the_address_that_the_application_was_told(
    postgres: PostgresCluster,
) -> None:
    dsn = postgres.new_database("told")
    with program(QUERYING, dsn) as app:
        found = discover(served_by(app))
    (spec,) = (spec for spec in found.specs if spec.startswith("postgresql:"))
    assert urlsplit(spec) == urlsplit(dsn)


def test_without_a_told_address_its_sessions_say_who_and_where(postgres: PostgresCluster) -> None:
    postgres.new_database("untold")
    source = QUERYING.replace("sys.argv[1]", UNTOLD)
    with program(source, str(postgres.port)) as app:
        found = discover(served_by(app))
    assert f"postgresql://postgres@127.0.0.1:{postgres.port}/untold" in found.specs


def test_a_database_behind_a_unix_socket_is_found(postgres: PostgresCluster) -> None:
    postgres.new_database("local")
    dsn = f"postgresql:///local?host={postgres.folder}&port={postgres.port}&user=postgres"
    with program(QUERYING, dsn) as app:
        found = discover(served_by(app))
    components = by_subject(found)
    (application,) = (one for one in components.values() if one.pids == (app.pid,))
    assert application.talks_to == (f"port:{postgres.port}",)
    (spec,) = (spec for spec in found.specs if spec.startswith("postgresql:"))
    with psycopg.connect(spec) as session:
        assert session.info.dbname == "local"


def test_a_secret_shows_in_no_component_and_no_note(postgres: PostgresCluster) -> None:
    dsn = postgres.new_database("secret").replace("postgres@", "postgres:hunter2@")
    with program(QUERYING, dsn) as app:
        found = discover(served_by(app))
    assert any("hunter2" in spec for spec in found.specs)
    assert "hunter2" not in repr((found.components, found.notes))


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_sqlite_file_is_found_open_or_on_the_command_line(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "shop.data"
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA journal_mode={mode}")
        database.execute("CREATE TABLE items (id)")
    database.close()
    with program(FILING, str(path)) as app:
        found = discover(served_by(app))
    assert f"sqlite:{path}" in found.specs


def test_a_sqlite_file_that_is_opened_for_moments_is_found_in_the_working_folder(
    tmp_path: Path,
) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE items (id)")
    database.close()
    (tmp_path / "other.db").write_text("not a database")
    with program(CONNECTED, folder=tmp_path) as app:
        found = discover(served_by(app))
    assert [spec for spec in found.specs if spec.startswith("sqlite:")] == [
        f"sqlite:{tmp_path / 'shop.db'}"
    ]


@pytest.mark.parametrize(
    ("host", "written"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("::", "localhost")]
)
def test_a_prefork_server_is_one_component_in_both_address_families(
    host: str, written: str
) -> None:
    with program(PREFORK, host, "0") as server:
        port, *workers = server.hear().split()
        found = discover(f"http://{written}:{port}/items")
    (component,) = found.components
    assert set(component.pids) == {server.pid, *map(int, workers)}
    assert found.specs[:2] == ("host", f"port:{port}")


METRICS = b"# HELP up Whether it is up\n# TYPE up gauge\nup 1\n"


@pytest.mark.parametrize(
    ("kind", "body", "shown"),
    [
        (b"text/plain; version=0.0.4", METRICS, True),
        (b"text/html", b"<html>metrics</html>", False),
        (b"text/plain", b"Hello, world", False),
    ],
)
def test_metrics_of_the_target_are_found_where_it_shows_any(
    kind: bytes, body: bytes, shown: bool
) -> None:
    def answer(connection: socket.socket, _: int) -> None:
        connection.recv(4096)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % (kind, len(body)) + body)

    with raw_server(answer) as server:
        found = discover(server.url)
    assert (f"prometheus:{server.url}/metrics" in found.specs) is shown
    assert any("--watch prometheus:URL" in note for note in found.notes) is not shown


def test_another_machine_is_not_watched_and_a_note_says_what_could_be() -> None:
    found = discover("http://192.0.2.1:8000/")
    assert found.specs == found.components == ()
    (note,) = found.notes
    assert "--watch prometheus:http://192.0.2.1:9100/metrics" in note


def test_a_port_where_nobody_listens_is_a_note(unused_port: int) -> None:
    found = discover(f"http://127.0.0.1:{unused_port}")
    assert found.specs == ("host",)
    assert "is the target up?" in found.notes[0]


T = TypeVar("T")


def as_nobody(work: Callable[[], T]) -> T:
    """The work done by an unprivileged user, in a child of ours. It is done once as ourselves
    first: what it imports may be hidden from nobody."""
    work()
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(writer, pickle.dumps(work()))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        found: T = pickle.loads(told.read())
    os.waitpid(child, 0)
    return found


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@as_root
def test_another_users_server_is_named_with_the_remedy() -> None:
    with program(CONNECTED) as app:
        target = served_by(app)
        found = as_nobody(lambda: discover(target))
    assert any("hidden from us; run as root" in note for note in found.notes), found
    assert found.components[0].pids == ()
    assert found.specs == ("host",)


@as_root
def test_another_users_database_is_known_by_its_user_and_name(postgres: PostgresCluster) -> None:
    spec = f"port:{postgres.port}"

    def look() -> tuple[str, tuple[int, ...], set[str]]:
        probe = ProcessProbe(spec, share=1.0)  # looks at everything each time
        opened = probe.open(0)
        seen = {sample.metric for sample in probe.read(0).samples}
        return opened.notes[0], opened.components[0].pids, seen

    note, pids, seen = as_nobody(look)
    assert spec in note
    assert "run as that user or as root" in note
    assert int((postgres.folder / "data" / "postmaster.pid").read_text().split()[0]) in pids
    assert {metrics.PROCESS_CPU, metrics.PROCESS_THREADS, metrics.CONNECTIONS_FROM} <= seen
