"""`perfwright investigate`, `explain`, `report` and `verify` on a server whose limit is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.command import Finished, perfwright
from support.limited_server import limited_server

HELD_S = 0.02
LIMIT_PER_S = 1 / HELD_S


@dataclass(frozen=True, slots=True)
class Investigated:
    folder: Path
    url: str
    done: Finished


@pytest.fixture(scope="module")
def investigated(tmp_path_factory):
    """One investigation of all that is watched, with its server still serving."""
    folder = tmp_path_factory.mktemp("investigated")
    with limited_server(HELD_S) as url:
        done = perfwright(folder, "investigate", url, "--budget", "45s", "--json", "--quiet")
        yield Investigated(folder, url, done)


def test_the_knee_is_where_the_server_ends(investigated):
    assert investigated.done.code == 0, investigated.done.err
    knee = investigated.done.document["knee"]
    assert knee["reached"]
    assert knee["throughput_per_s"] <= 1.05 * LIMIT_PER_S
    assert knee["low"] < knee["high"] <= 2.1 * LIMIT_PER_S


def test_what_is_behind_the_target_was_found_and_watched(investigated):
    port = investigated.url.rsplit(":", 1)[1]
    document = json.loads(perfwright(investigated.folder, "explain", "--json").out)
    assert document["knee"] == investigated.done.document["knee"]
    folder = investigated.folder / investigated.done.document["path"]
    assert (folder / "samples.parquet").stat().st_size > 1000
    report = perfwright(investigated.folder, "report", "--format", "md", "--out", "-").out
    assert f"port:{port}" in report


def test_a_lock_that_all_requests_take_is_the_first_finding(investigated):
    findings = investigated.done.document["findings"]
    assert findings, investigated.done.document["notes"]
    assert findings[0]["kind"] == "lock.contention"
    assert findings[0]["rank"] == 1
    assert "limited_server.py" in json.dumps(findings[0])


def test_explain_finds_again_what_the_investigation_found(investigated):
    document = json.loads(perfwright(investigated.folder, "explain", "latest", "--json").out)
    kinds = [finding["kind"] for finding in document["findings"]]
    assert kinds == [finding["kind"] for finding in investigated.done.document["findings"]]


def test_the_layers_add_up_to_the_response_time_at_the_knee(investigated):
    document = json.loads(perfwright(investigated.folder, "explain", "--json").out)
    assert [layer["name"] for layer in document["layers"]][-1] == "not explained"
    at_knee_ms = sum(layer["knee_ms"] for layer in document["layers"])
    means_ms = [1e3 * stage["response_mean_s"] for stage in document["stages"]]
    assert any(at_knee_ms == pytest.approx(mean_ms, rel=0.05) for mean_ms in means_ms)


def test_the_text_names_the_limit_the_finding_and_the_proof(investigated):
    text = perfwright(investigated.folder, "explain").out
    assert "The system holds" in text
    assert "Prove" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_report_shows_findings_knee_and_flame_graph(investigated):
    out = investigated.folder / "report.html"
    done = perfwright(investigated.folder, "report", "--out", str(out))
    assert done.code == 0, done.err
    page = out.read_text()
    for anchor in ('id="findings"', 'id="knee"', 'id="flame"'):
        assert anchor in page


def test_a_finding_that_is_not_there_cannot_be_verified(investigated):
    done = perfwright(investigated.folder, "verify", "latest#99", "--quiet")
    assert done.code == 2
    assert "#99" in done.err


def test_an_objective_of_a_watched_resource_ends_the_search(tmp_path: Path) -> None:
    with limited_server(0.001) as url:
        port = url.rsplit(":", 1)[1]
        given = ["--slo", f"memory(port:{port}) < 1MB", "--slo", "cpu(port:1) < 70%"]
        done = perfwright(
            tmp_path, "investigate", url, *given, "--profile", "none", "--budget", "40s",
            "--json", "--quiet",
        )  # fmt: skip
    assert done.code == 0, done.err
    told = f"the objective memory(port:{port}) < 1MB no longer held"
    assert done.document["knee"]["limited_by"].startswith(told)
    unseen = "the objective cpu(port:1) < 70% was not judged: not watched: add --watch port:1"
    assert unseen in done.document["notes"]
