"""Signals, kills and failing stores: what was measured is kept, the exit code tells the truth."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.calibration import calibration_server
from support.command import COMMAND, Finished, finished, perfwright, started, wait_for_seconds

STEADY = ("--rate", "50", "--for", "60s", "--json")
SLOW_USER = """\
from perfwright import Test, User, scenario, users

@scenario
async def visit(user: User):
    await user.get("/")
    await user.think(30)

test = Test(load=users(2).hold("60s"), grace="60s")
"""

UNEVEN = """\
from perfwright import Test, User, scenario, teardown, users

@scenario
async def visit(user: User):
    await user.get("/", name="visit")
    await user.think(0.1 if user.id == 0 else 30)

@teardown
async def settle(user: User):
    user.check("counted", user.totals["visit"]["requests"] > 0)

test = Test(load=users(2).hold("1s"), grace="60s")
"""


UNSETTLED = """\
from perfwright import Test, User, scenario, teardown, users

@scenario
async def visit(user: User):
    await user.get("/", name="visit")

@teardown
async def settle(user: User):
    raise RuntimeError("the books do not balance")

test = Test(load=users(1).hold("1s"))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with calibration_server() as url:
        yield url


def listed_state(folder: Path) -> str:
    (run,) = perfwright(folder, "runs", "--json").document
    state: str = run["state"]
    return state


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_and_reports(server: str, tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "run", f"{server}/", *STEADY) as process:
        wait_for_seconds(process, 2)
        process.send_signal(number)
        run = finished(process)
    document = run.document
    assert run.passed
    assert 100 <= document["totals"]["requests"] < 1_000
    assert any("before its time" in reason for reason in document["verdict"]["reasons"])
    assert listed_state(tmp_path) == "stopped"


def test_a_second_signal_unwinds_at_once(server: str, tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(SLOW_USER)
    with started(tmp_path, "run", "visit.py", "--target", server, "--json") as process:
        wait_for_seconds(process, 1)
        process.send_signal(signal.SIGINT)
        wait_for_seconds(process, 3)
        process.send_signal(signal.SIGINT)
        run = finished(process)
    assert run.document["totals"]["iterations_interrupted"] == 2
    assert run.document["totals"]["duration_s"] < 30
    assert "Stopping at once." in run.err


def test_the_teardown_runs_also_where_the_first_worker_was_done_before_the_signals(
    server: str, tmp_path: Path
) -> None:
    (tmp_path / "visit.py").write_text(UNEVEN)
    words = ("run", "visit.py", "--target", server, "--workers", "2", "--json")
    with started(tmp_path, *words) as process:
        wait_for_seconds(process, 2)
        process.send_signal(signal.SIGINT)
        wait_for_seconds(process, 3)
        process.send_signal(signal.SIGINT)
        run = finished(process)
    assert run.passed, run.document["verdict"]
    assert run.document["totals"]["iterations_interrupted"] == 1


def test_a_teardown_that_raises_fails_the_run_in_one_line_and_shows_its_traceback(
    server: str, tmp_path: Path
) -> None:
    (tmp_path / "visit.py").write_text(UNSETTLED)
    run = perfwright(tmp_path, "run", "visit.py", "--target", server, "--quiet", "--json")
    assert run.code == 99
    assert run.document["verdict"]["reasons"][0] == (
        "@teardown: it raised RuntimeError: the books do not balance"
    )
    assert 'visit.py", line 9, in settle' in run.err


def test_a_file_that_holds_no_certificate_is_wrong_usage(server: str, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    url = server.replace("http://", "https://")
    run = perfwright(tmp_path, "run", f"{url}/", "--ca", "ca.pem", "--for", "1s", "--quiet")
    assert (run.code, run.out) == (2, "")
    assert "ca.pem holds no certificate; give one in PEM form" in run.err
    assert "Traceback" not in run.err


def test_a_killed_run_is_listed_as_interrupted_and_can_be_reported(
    server: str, tmp_path: Path
) -> None:
    with started(tmp_path, "run", f"{server}/", *STEADY) as process:
        wait_for_seconds(process, 2)
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    assert listed_state(tmp_path) == "interrupted"
    report = perfwright(tmp_path, "report", "latest", "--format", "md", "--out", "-")
    assert report.code == 0, report.err
    assert "before its time" in report.out


def test_a_killed_worker_makes_the_run_inconclusive_and_keeps_the_rest(
    server: str, tmp_path: Path
) -> None:
    words = ("run", f"{server}/", "--rate", "50", "--for", "4s", "--workers", "2", "--json")
    with started(tmp_path, *words) as process:
        wait_for_seconds(process, 1)
        psutil.Process(process.pid).children(recursive=True)[-1].kill()
        run = finished(process)
    document = run.document
    assert (run.code, document["generator"]["workers_lost"]) == (97, 1)
    assert any("was killed by signal 9" in reason for reason in document["verdict"]["reasons"])
    assert document["totals"]["requests"] >= 100


def test_a_store_that_cannot_be_made_runs_nothing(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = perfwright(tmp_path, "run", f"{server}/", "--store", "file/store", "--json")
    assert (run.code, run.out) == (1, "")
    assert "perfwright: store: cannot make file/store/runs: not a directory; a file" in run.err


def test_a_store_that_fills_up_does_not_end_the_run(server: str, tmp_path: Path) -> None:
    run = limited(tmp_path, 16, "run", f"{server}/", "--rate", "500", "--for", "6s", "--json")
    document = run.document
    assert run.passed
    assert document["totals"]["requests"] == 3_000
    assert any("The store failed" in note and "--store" in note for note in document["notes"])
    assert "The store failed" in run.err
    assert json.loads((tmp_path / document["path"] / "run.json").read_text())["verdict"]


def limited(folder: Path, kib: int, *words: str) -> Finished:
    """The command where no file may grow beyond `kib` KiB: to it, a disk that is full."""
    done = subprocess.run(
        ["bash", "-c", f'ulimit -f {kib}; exec "$@"', "bash", *COMMAND, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)
