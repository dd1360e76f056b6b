"""The sample shop as a process: how it starts, what it keeps, how it ends."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from support.shop_client import Visitor

from perfwright.lab.launch import LaunchError, start_shop

COMMAND = [sys.executable, "-m", "perfwright.lab.shop", "--port=0", "--orders=10"]


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A shop that keeps its temporary files in `tmp_path`."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_asked_to_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        assert ready["pid"] == process.pid
        assert list(tmp_path.iterdir())
        process.send_signal(number)
        assert process.wait(10) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_it_stops_when_its_standard_input_ends(tmp_path: Path, workers: int) -> None:
    with start(tmp_path, "--until-stdin-ends", f"--workers={workers}") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["ready"]
        process.stdin.close()
        assert process.stdout.read() == b""  # every worker has let go of it
        assert process.wait(10) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_ready_line_goes_to_the_descriptor_asked_for(tmp_path: Path) -> None:
    ready_read, ready_write = os.pipe()
    with subprocess.Popen(
        [*COMMAND, f"--ready-fd={ready_write}", f"--db=sqlite:{tmp_path / 'db'}"],
        pass_fds=[ready_write],
        stdout=subprocess.PIPE,
    ) as process:
        os.close(ready_write)
        with os.fdopen(ready_read, "rb") as ready:
            assert json.loads(ready.readline())["pid"] == process.pid
        process.terminate()
        assert process.communicate()[0] == b""


def test_a_file_that_holds_a_shop_is_used_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "kept.sqlite"
    with start_shop(db=f"sqlite:{file}", orders=10) as shop:
        visitor = Visitor(shop.url, customer=1)
        visitor.post("/cart", {"id": 1})
        placed = visitor.post("/orders").json()
    with start_shop(db=f"sqlite:{file}", orders=500) as shop:
        assert Visitor(shop.url, customer=1).get("/orders").json()[0] == placed


def test_an_item_that_is_out_of_stock_is_not_sold(tmp_path: Path) -> None:
    file = tmp_path / "scarce.sqlite"
    with start_shop(db=f"sqlite:{file}", orders=10) as shop:
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE items SET stock = 1 WHERE id = 2")
        connection.close()
        visitor = Visitor(shop.url, customer=1)
        visitor.post("/cart", {"id": 1})
        cart = visitor.post("/cart", {"id": 2, "quantity": 2}).json()
        refused = visitor.post("/orders")
        assert (refused.status, refused.error) == (409, "out_of_stock")
        assert visitor.get("/cart").json() == cart


def test_several_workers_share_logins_and_add_their_metrics_up() -> None:
    with start_shop(workers=2, orders=10) as shop:
        visitor = Visitor(shop.url, customer=1)
        for _ in range(20):
            assert visitor.get("/cart").status == 200
        counted = 'http_server_requests_total{method="GET",route="/cart",status="200"} 20.0'
        assert counted in visitor.get("/metrics").text


def test_a_shop_stops_only_once(tmp_path: Path) -> None:
    shop = start_shop(db=f"sqlite:{tmp_path / 'db'}", orders=10)
    shop.stop()
    shop.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(shop.pid, 0)


@pytest.mark.parametrize(
    ("db", "remedy"),
    [
        ("mysql://x", "neither sqlite:FILE nor postgresql://"),
        ("sqlite:/nowhere/at/all", "name a new file"),
        ("postgresql://127.0.0.1:1/x", "PostgreSQL cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_named(db: str, remedy: str) -> None:
    with pytest.raises(LaunchError, match=remedy):
        start_shop(db=db)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database, but long enough to be taken for one" * 100)
    with pytest.raises(LaunchError, match=r"notes\.txt cannot be used as an SQLite file"):
        start_shop(db=f"sqlite:{file}")


def test_a_port_that_is_taken_is_named() -> None:
    with start_shop(orders=10) as shop:
        port = int(shop.url.rpartition(":")[2])
        with pytest.raises(LaunchError, match=f"--port {port}: cannot listen"):
            start_shop(port=port)
