"""Statements under way, read from a real Python process that uses a SQLite file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfwright.model.watched import Component, Reading
from perfwright.observe.profile_sql import StatementLooks

_SERVICE = """
import sqlite3, sys
connection = sqlite3.connect("shop.sqlite")
connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, kind INTEGER)")
connection.executemany("INSERT INTO items (kind) VALUES (?)", [(n % 97,) for n in range(30000)])
connection.commit()

def ask(sql, values):
    return connection.execute(sql, values).fetchall()

def rows(count):
    return [ask("SELECT kind FROM items WHERE id = ?", (n,)) for n in range(count)]

def of_kind(secret):
    return ask("SELECT count(*) FROM items WHERE kind = ?", (secret,))

print("ready", flush=True)
while True:
    rows(1500)
    of_kind("hunter2")
    of_kind("hunter2")
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[int]:
    file = tmp_path / "service.py"
    file.write_text(_SERVICE, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(file)], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process.pid
    finally:
        process.kill()
        process.communicate()


def looks_at(pid: int, moment: str = "knee", duration_s: float = 4.0) -> Reading:
    component = Component(subject="port:1", runtime="python 3.11", pids=(pid,))
    return StatementLooks(component).profile(moment, duration_s)


def test_a_statement_is_found_with_the_line_and_the_loop_that_send_it(service: int) -> None:
    reading = looks_at(service)
    looped = [one for one in reading.stacks if "SELECT kind" in one.stack]
    assert looped
    assert all(one.mode == "sql" for one in looped)
    assert any(one.stack.endswith("/loop)") for one in looped)
    assert all("rows (./service.py:12)" in one.stack for one in looped)
    assert any("SEARCH items" in plan.plan for plan in reading.plans)


def test_values_are_never_kept(service: int) -> None:
    told = repr(looks_at(service))
    assert "WHERE kind = ?" in told or "WHERE id = ?" in told
    assert "hunter2" not in told


def test_at_low_load_nothing_is_looked_at(service: int) -> None:
    assert looks_at(service, moment="low", duration_s=0.1) == Reading()
