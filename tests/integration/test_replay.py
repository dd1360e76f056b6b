"""`perfwright replay`: what a log holds arrives, when it should, and is judged as a run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from support.command import perfwright

BEGIN = datetime(2026, 11, 20, 14, 0, 0, tzinfo=UTC)
LOG = [
    (0.4, "GET", "/status/200?a=1", 200),
    (0.4, "POST", "/echo", 201),
    (0.5, "GET", "/status/404", 404),
    (0.5, "HEAD", "/bytes/10", 200),
    (2.5, "GET", "/status/200?a=2", 200),
    (3.45, "GET", "/status/503", 503),
    (3.5, "GET", "/status/200", 200),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [
        json.dumps(
            {
                "time": (BEGIN + timedelta(seconds=at)).isoformat(),
                "remote_addr": "10.0.0.7",
                "method": method,
                "uri": target,
                "status": status,
            }
        )
        for at, method, target, status in LOG
    ]
    (tmp_path / "access.log").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_every_safe_request_is_sent_in_its_second(folder: Path, calibration: str) -> None:
    done = perfwright(folder, "replay", "access.log", "--target", calibration, "--json", "--quiet")
    document = done.document
    assert document["totals"]["requests"] == 6
    assert {step["name"]: step["statuses"] for step in document["steps"]} == {
        "GET /status/{id}": {"200": 3, "404": 1, "503": 1},
        "HEAD /bytes/{id}": {"200": 1},
    }
    assert document["totals"]["errors"] == 1, "the 404 was there before; a 503 is an error again"
    steps = folder / document["path"] / "steps.parquet"
    by_second = dict(
        duckdb.sql(f"SELECT second, sum(requests) FROM '{steps}' GROUP BY second").fetchall()
    )
    assert [by_second.get(second, 0) for second in range(4)] == [3, 0, 1, 2]
    assert any("1 POST" in note for note in document["notes"])


def test_unsafe_requests_are_sent_when_told(folder: Path, calibration: str) -> None:
    done = perfwright(
        folder, "replay", "access.log", "--target", f"{calibration}/echo", "--speed", "10x",
        "--include-unsafe", "--header", "X-Test: 1", "--json", "--quiet", "--workers", "2",
    )  # fmt: skip
    assert done.document["totals"]["requests"] == len(LOG)
    assert all(step["name"].split()[1].startswith("/echo/") for step in done.document["steps"])


def test_many_paths_come_to_few_steps(tmp_path: Path, calibration: str) -> None:
    paths = [f"/bytes/{size}/a-{'abcdefgh'[size % 8]}-post" for size in range(200)]
    paths += [f"/echo/{name}.png" for name in ("a", "b", "c")] + ["/echo", "/echo?x=1"] * 50
    times = (BEGIN + timedelta(milliseconds=at) for at in range(len(paths)))
    lines = [
        f'10.0.0.1 - - [{time:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" 200 5 "-" "a"'
        for time, path in zip(times, paths, strict=True)
    ]
    (tmp_path / "access.log").write_text("\n".join(lines) + "\n")
    done = perfwright(
        tmp_path, "replay", "access.log", "--target", calibration, "--spread", "--json", "--quiet"
    )
    steps = {step["name"]: step["requests"] for step in done.document["steps"]}
    assert len(steps) < 15, steps
    assert sum(steps.values()) == len(paths)
    assert (steps["GET /echo"], steps["GET (static files)"]) == (100, 3)


def test_a_broken_slo_is_a_fail(folder: Path, calibration: str) -> None:
    done = perfwright(
        folder, "replay", "access.log", "--target", calibration, "--slo", "errors < 1%",
        "--speed", "20x",
    )  # fmt: skip
    assert done.code == 99
    assert "6 requests of a log, within 1 s" in done.out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((), "--target: a log does not say where"),
        (("--target", "nowhere"), "is no URL"),
        (("--target", "http://8.8.8.8"), "--allow-target 8.8.8.8"),
        (("--target", "http://127.0.0.1:9", "--only", "DELETE"), "nothing is left to replay"),
        (("--target", "http://127.0.0.1:9", "--from", "noon"), "--from: 'noon' is no moment"),
    ],
    ids=str,
)
def test_what_cannot_be_replayed_is_told(
    folder: Path, words: tuple[str, ...], problem: str
) -> None:
    done = perfwright(folder, "replay", "access.log", *words)
    assert (done.code, done.out) == (2, "")
    assert problem in done.err


def test_a_log_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(bytes(range(256)) * 50)
    done = perfwright(tmp_path, "replay", "junk", "--target", "http://127.0.0.1:9")
    assert done.code == 2
    assert "junk" in done.err
