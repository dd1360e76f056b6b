"""`perfwright run` against the calibration server: what it prints, keeps and answers with."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.calibration import calibration_server
from support.command import finished, perfwright, started

SCENARIO = """\
import os
from perfwright import Test, User, setup, scenario, teardown, users

print("hello from the file")

@setup
async def prepare(user: User):
    return {"word": os.environ.get("WORD", "")}

@scenario
async def visit(user: User):
    print("hello from a scenario")
    answer = await user.get("/bytes/10", name="visit")
    user.check("whole", len(answer.content) == 10)
    user.check("word", user.setup["word"] == "xyzzy")

@teardown
async def settle(user: User):
    user.check("counted", user.totals["visit"]["requests"] > 0)

test = Test(load=users(2).hold("30s"), slos=["p99(visit) < 500ms", "checks > 99%"])
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with calibration_server() as url:
        yield url


def test_a_url_under_load_passes_and_is_kept(server: str, tmp_path: Path) -> None:
    run = perfwright(
        tmp_path, "run", f"{server}/delay/2", "--users", "10", "--for", "2s",
        "--slo", "p99 < 500ms", "--tag", "nightly", "--json",
    )  # fmt: skip
    document = run.document
    assert run.passed
    assert [slo["ok"] for slo in document["slos"]] == [True]
    assert document["totals"]["requests"] > 100
    assert document["totals"]["errors"] == 0
    assert document["steps"][0]["response_ms"]["p50"] >= 2
    assert document["generator"]["cpu_us_per_request"] > 0
    assert document["generator"]["workers"] >= 1
    assert (tmp_path / document["path"] / "run.json").is_file()
    (listed,) = perfwright(tmp_path, "runs", "--json").document
    assert listed["run_id"] == document["run_id"]
    assert (listed["state"], listed["verdict"]) == ("finished", document["verdict"]["status"])
    assert listed["tags"] == ["nightly"]


def test_a_scenario_with_setup_teardown_and_environment(server: str, tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(SCENARIO)
    run = perfwright(
        tmp_path, "run", "visit.py", "--target", server, "--for", "1s", "--workers", "2",
        "--env", "WORD=xyzzy", "--json",
    )  # fmt: skip
    document = run.document
    assert run.passed
    assert [check["failed"] for check in document["checks"]] == [0, 0]
    assert document["generator"]["workers"] == 2
    assert "hello from the file" in run.err
    assert "hello from a scenario" in run.err


def test_a_failed_teardown_check_fails_the_run(server: str, tmp_path: Path) -> None:
    source = SCENARIO.replace("> 0", "< 0").replace('"checks > 99%"', "")
    (tmp_path / "visit.py").write_text(source)
    run = perfwright(tmp_path, "run", "visit.py", "--target", server, "--for", "1s", "--json")
    assert run.code == 99
    assert any("counted" in reason for reason in run.document["verdict"]["reasons"])


def test_a_broken_slo_exits_with_99_and_the_verdict_comes_last(server: str, tmp_path: Path) -> None:
    run = perfwright(
        tmp_path, "run", f"{server}/delay/20", "--users", "2", "--for", "1s",
        "--slo", "throughput > 9000/s",
    )  # fmt: skip
    assert run.code == 99
    text = run.out.rstrip()
    assert " FAIL " in text
    assert text.splitlines()[-1].lstrip("• ").startswith("throughput > 9000/s is broken")
    assert "\x1b" not in run.out


def test_too_little_measured_is_inconclusive(server: str, tmp_path: Path) -> None:
    run = perfwright(
        tmp_path, "run", f"{server}/", "--rate", "5", "--for", "1s", "--slo", "p99 < 1s", "--json"
    )
    assert (run.code, run.document["verdict"]["status"]) == (97, "inconclusive")
    assert any("run longer (--for)" in reason for reason in run.document["verdict"]["reasons"])


def test_a_target_that_refuses_is_a_fail_with_its_kind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    run = perfwright(
        tmp_path, "run", f"http://127.0.0.1:{port}/", "--rate", "20", "--for", "1s", "--json"
    )
    assert run.code == 99
    assert run.document["steps"][0]["error_kinds"].keys() == {"connect_refused"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/status/503", "http_5xx"), ("/status/404", "http_4xx"), ("/close", "closed_early"),
     ("/reset", "reset"), ("/garbage", "malformed")],
)  # fmt: skip
def test_each_failure_has_its_kind(server: str, tmp_path: Path, path: str, kind: str) -> None:
    run = perfwright(tmp_path, "run", server + path, "--rate", "20", "--for", "1s", "--json")
    document = run.document
    assert (run.code, document["steps"][0]["error_kinds"].keys()) == (99, {kind})
    assert document["totals"]["errors"] == document["totals"]["requests"] > 0


def test_stop_if_ends_a_hopeless_run_early(server: str, tmp_path: Path) -> None:
    run = perfwright(
        tmp_path, "run", f"{server}/status/500", "--rate", "50", "--for", "60s",
        "--stop-if", "errors > 50%", "--json",
    )  # fmt: skip
    document = run.document
    assert (run.code, document["totals"]["duration_s"] < 10) == (99, True)
    assert any("errors > 50% came true" in reason for reason in document["verdict"]["reasons"])
    assert perfwright(tmp_path, "runs", "--json").document[0]["state"] == "stopped"


def test_a_scenario_that_always_raises_stops_with_its_traceback(
    server: str, tmp_path: Path
) -> None:
    source = SCENARIO.replace('    user.check("whole"', "    {}['token']\n    user.check(\"whole\"")
    (tmp_path / "visit.py").write_text(source)
    run = perfwright(tmp_path, "run", "visit.py", "--target", server, "--for", "60s")
    assert run.code == 99
    assert "KeyError: 'token'" in run.out
    assert 'visit.py", line 14, in visit' in run.err


def test_a_setup_that_fails_runs_nothing_and_says_why(server: str, tmp_path: Path) -> None:
    source = SCENARIO.replace('    return {"word"', '    1 / 0\n    return {"word"')
    (tmp_path / "visit.py").write_text(source)
    run = perfwright(tmp_path, "run", "visit.py", "--target", server, "--json")
    assert (run.code, run.out) == (2, "")
    assert "perfwright: @setup failed, so nothing was run:" in run.err
    assert "ZeroDivisionError" in run.err
    assert perfwright(tmp_path, "runs", "--json").document[0]["state"] == "failed"


def test_once_prints_every_exchange_and_keeps_nothing(server: str, tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(SCENARIO)
    words = ("run", "visit.py", "--target", server, "--once", "--env", "WORD=xyzzy")
    run = perfwright(tmp_path, *words)
    assert run.code == 0, run.err
    assert f"GET {server}/bytes/10" in run.out
    assert "✓ whole" in run.out
    (result,) = perfwright(tmp_path, *words, "--json").document
    assert [exchange["status"] for exchange in result["exchanges"]] == [200]
    assert not (tmp_path / ".perfwright").exists()


def test_once_with_a_failing_url_is_a_fail(server: str, tmp_path: Path) -> None:
    run = perfwright(tmp_path, "run", f"{server}/status/500", "--once", "--body", "hi", "--json")
    ((exchange,),) = [result["exchanges"] for result in run.document]
    assert (run.code, exchange["method"], exchange["request_body"]) == (99, "POST", "hi")


def test_two_runs_share_a_store(server: str, tmp_path: Path) -> None:
    words = ("run", f"{server}/", "--rate", "50", "--for", "2s", "--json")
    with started(tmp_path, *words) as first, started(tmp_path, *words) as second:
        runs = [finished(first), finished(second)]
    assert all(run.passed for run in runs)
    ids = {run.document["run_id"] for run in runs}
    assert len(ids) == 2
    assert {run["run_id"] for run in perfwright(tmp_path, "runs", "--json").document} == ids


def test_reports_of_a_stored_run(server: str, tmp_path: Path) -> None:
    run = perfwright(tmp_path, "run", f"{server}/", "--rate", "50", "--for", "2s", "--json")
    run_id = run.document["run_id"]
    written = perfwright(tmp_path, "report", "latest", "--json").document
    assert (written["run_id"], written["format"]) == (run_id, "html")
    page = (tmp_path / written["path"]).read_text()
    assert page.startswith("<!doctype html>")
    assert perfwright(tmp_path, "report", run_id[:-2], "--format", "md", "--out", "-").out
    junit = perfwright(tmp_path, "report", "--format", "junit", "--out", "out/tests.xml")
    assert junit.out == "out/tests.xml\n"
    assert (tmp_path / "out" / "tests.xml").read_text().startswith("<?xml")
    stored = json.loads((tmp_path / run.document["path"] / "run.json").read_text())
    assert stored["result"]["totals"] == run.document["totals"]
