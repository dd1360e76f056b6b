"""Alerts reach a real server and a real command, once per change; failures spoil nothing."""

from __future__ import annotations

import json
import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.histories import stored_history
from support.series import stepped

from perfwright.cli import main
from perfwright.export.alerts import parse_channel
from perfwright.model.errors import UsageError

P95_MS = [float(value) for value in stepped(40, 25, 12.0, seed=1)]


class Receiver:
    """What came in, and what is answered."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.status = 200
        self.address = ""


@contextmanager
def receiver() -> Iterator[Receiver]:
    received = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.bodies.append(json.loads(self.rfile.read(length)))
            self.send_response(received.status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        received.address = f"http://127.0.0.1:{server.server_port}/hooks/s3cret"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()


def trend(store: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["trend", "--store", str(store), "--json", *words])


@pytest.mark.parametrize("kind", ["webhook", "slack"])
def test_a_change_is_told_once(tmp_path: Path, kind: str) -> None:
    stored_history(tmp_path, P95_MS)
    with receiver() as received:
        words = ("--alert", f"{kind}:{received.address}")
        first, second = (trend(tmp_path, *words) for _ in range(2))
        assert first.exit_code == second.exit_code == 0
        assert len(received.bodies) == 1
        assert "p95 of all requests rose from" in received.bodies[0]["text"]
        assert ("change_point" in received.bodies[0]) is (kind == "webhook")
        assert [a["error"] for a in json.loads(first.stdout)["alerts"]] == [None]
        assert json.loads(second.stdout)["alerts"] == []
        told = (tmp_path / "alerts.json").read_text()
        assert "s3cret" not in told + first.output


def test_two_channels_of_one_host_are_both_told(tmp_path: Path) -> None:
    stored_history(tmp_path, P95_MS)
    with receiver() as received:
        words = [f"--alert=slack:{received.address}/{channel}" for channel in ("ops", "team")]
        for _ in range(2):
            assert trend(tmp_path, *words).exit_code == 0
        assert len(received.bodies) == 2
    assert "ops" not in (tmp_path / "alerts.json").read_text()


def test_more_runs_after_it_do_not_make_it_new(tmp_path: Path) -> None:
    with receiver() as received:
        words = ("--alert", f"webhook:{received.address}")
        for runs in (32, 36, 40):
            store = tmp_path / str(runs)
            stored_history(store, P95_MS[:runs])
            if (tmp_path / "alerts.json").exists():
                (tmp_path / "alerts.json").rename(store / "alerts.json")
            trend(store, *words)
            (store / "alerts.json").rename(tmp_path / "alerts.json")
        assert len(received.bodies) == 1


def test_what_was_not_accepted_is_said_and_tried_again(tmp_path: Path) -> None:
    stored_history(tmp_path, P95_MS)
    with receiver() as received:
        received.status = 500
        words = ("--alert", f"webhook:{received.address}")
        failed = trend(tmp_path, *words)
        assert failed.exit_code == 0
        assert "not accepted: HTTP 500" in failed.stderr
        assert "s3cret" not in failed.output
        assert len(json.loads(failed.stdout)["change_points"]) == 1
        received.status = 200
        assert json.loads(trend(tmp_path, *words).stdout)["alerts"][0]["error"] is None


def test_a_server_that_is_not_there_is_an_error_message(tmp_path: Path) -> None:
    stored_history(tmp_path, P95_MS)
    failed = trend(tmp_path, "--alert", "slack:http://127.0.0.1:9/s3cret")
    assert failed.exit_code == 0
    assert "alert: slack:http://127.0.0.1:9/…: not sent: ConnectError" in failed.stderr
    assert "s3cret" not in failed.output


def test_a_command_gets_the_change_on_its_input(tmp_path: Path) -> None:
    stored_history(tmp_path, P95_MS)
    out = tmp_path / "told.json"
    code = f"import pathlib, sys; pathlib.Path({str(out)!r}).write_text(sys.stdin.read())"
    told = trend(tmp_path, "--alert", f"cmd:{shlex.join([sys.executable, '-c', code])}")
    assert told.exit_code == 0
    assert json.loads(out.read_text())["change_point"]["index"] == 25


@pytest.mark.parametrize(
    ("command", "message"),
    [("no-such-command-here x", "no such file"), ("false", "exit code 1")],
)
def test_a_command_that_fails_is_an_error_message(
    tmp_path: Path, command: str, message: str
) -> None:
    stored_history(tmp_path, P95_MS)
    failed = trend(tmp_path, "--alert", f"cmd:{command}")
    assert failed.exit_code == 0
    assert message in failed.stderr


def test_damaged_memory_sends_nothing_and_says_so(tmp_path: Path) -> None:
    stored_history(tmp_path, P95_MS)
    (tmp_path / "alerts.json").write_text("{")
    with receiver() as received:
        failed = trend(tmp_path, "--alert", f"webhook:{received.address}")
        assert failed.exit_code == 0
        assert "is damaged" in failed.stderr
        assert received.bodies == []


@pytest.mark.parametrize(
    "text", ["mail:me", "webhook:", "webhook:shop", "slack:ftp://a/b", "cmd:", "cmd:'", "webhook"]
)
def test_what_is_no_channel_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--alert"):
        parse_channel(text)
