"""k6's points, as JSON lines and as CSV: what they come to, and what is left out."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pytest
from support.samples import DATA, read

HEADER = (
    "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,"
    "name,status,url\n"
)


def duration(timestamp: str, value: str = "40.000000", rest: str = ",,,true,,GET,a,200,") -> str:
    return f"http_req_duration,{timestamp},{value},{rest.removeprefix(',')}\n"


def test_a_point_of_a_duration_is_a_request_that_ended_then() -> None:
    request = read(DATA / "k6.ndjson").one("GET /")
    assert request["service_ns"] == 13_342_304
    assert request["status"] == 302
    ended_us = 1783963958605870
    assert ended_us <= request["started_us"] + request["service_ns"] / 1000 < ended_us + 1


def test_phases_are_rows_that_add_to_their_measure_only() -> None:
    rows = [row for row in read(DATA / "k6.ndjson").rows if "service_ns" not in row]
    phases = {name: row[name] for row in rows for name in row if name.endswith("_ns")}
    assert phases == {
        "connect_ns": 12_208_909,
        "tls_ns": 15_864_894,
        "send_ns": 151_606,
        "wait_ns": 13_113_374,
        "receive_ns": 77_324,
    }


def test_an_unexpected_answer_is_an_error_of_a_kind() -> None:
    failed = read(DATA / "k6.ndjson").one("GET /a/{id}")
    assert failed["error"] == "connect_refused"
    assert failed["message"] == "dial: connection refused"
    assert failed["url"] == "http://127.0.0.1:1/a/7?x=1"
    assert "status" not in failed


def test_groups_checks_users_and_iterations_are_kept() -> None:
    rows = read(DATA / "k6.ndjson").rows
    assert [row["step"] for row in rows if row.get("kind") == "group"] == ["1_Trans_Home / inner"]
    checks = [(row["step"], row["passed"]) for row in rows if "passed" in row]
    assert sorted(checks) == [("status is 200", False), ("status is 200", True)]
    assert [row["users"] for row in rows if "users" in row] == [5]
    assert [row["iterations"] for row in rows if "iterations" in row] == [1]
    assert [row["dropped"] for row in rows if "dropped" in row] == [1]


def test_csv_says_the_same() -> None:
    found = read(DATA / "k6.csv")
    assert [(row["step"], row["service_ns"]) for row in found.requests] == [
        ("GET /", 277_480_900),
        ("1_Trans_TrangChu", 858_018_583),
        ("account", 40_000_000),
        ("GET /a,b", 0),
    ]
    assert found.one("account")["error"] == "http_4xx"
    assert found.one("GET /a,b")["error"] == "connect_refused"
    assert "whole seconds" in found.told.notes[0]


@pytest.mark.parametrize(
    "timestamp",
    ["1787214167000", "1787214167000000", "1787214167000000000", "2026-08-20T10:22:47+02:00"],
)
def test_every_time_format_of_the_csv_is_told_by_its_form(tmp_path: Path, timestamp: str) -> None:
    file = tmp_path / "out.csv"
    file.write_text(HEADER + f"http_req_duration,{timestamp},40.0,,,,true,,GET,a,200,\n")
    found = read(file)
    assert found.one("a")["started_us"] == 1787214167000000 - 40_000
    assert found.told.notes == ()


def test_torn_and_foreign_lines_are_counted_and_shown_by_their_number(tmp_path: Path) -> None:
    lines = (DATA / "k6.ndjson").read_text().splitlines()
    bad = ["not JSON", "[]", '{"type":"Point","metric":"http_req_duration","data":{"value":1}}']
    torn = lines[3][:200]
    file = tmp_path / "torn.json"
    file.write_text("\n".join([lines[0], *bad, "", lines[3], torn]))
    found = read(file)
    assert len(found.requests) == 1
    assert found.told.bad_lines == 4
    assert [line for line, _ in found.bad] == [2, 3, 4, 7]


def test_a_stray_carriage_return_spoils_its_line_only(tmp_path: Path) -> None:
    line = (DATA / "k6.ndjson").read_text().splitlines()[3]
    file = tmp_path / "out.json"
    file.write_bytes(f"{line}\n{line[:40]}\r{line[40:]}\n{line}\n".encode())
    found = read(file)
    assert len(found.requests) == 2
    assert found.told.bad_lines == 2
    assert [line for line, _ in found.bad] == [2, 2]


def test_points_of_other_metrics_are_no_bad_lines(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    other = '{"metric":"mine","type":"Point","data":{"time":"x","value":null,"tags":{"a":"b"}}}'
    file.write_text((DATA / "k6.ndjson").read_text() + other)
    assert read(file).told.bad_lines == 0


def test_a_value_that_is_no_number_is_a_bad_line(tmp_path: Path) -> None:
    line = (DATA / "k6.ndjson").read_text().splitlines()[3]
    file = tmp_path / "out.json"
    file.write_text(f"{line}\n{line.replace('13.342304', 'NaN')}\n")
    found = read(file)
    assert len(found.requests) == 1
    assert [line for line, _ in found.bad] == [2]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gzip", "bzip2"])
@pytest.mark.parametrize("name", ["k6.ndjson", "k6.csv"])
def test_packed_files_are_read_whatever_their_name(tmp_path: Path, pack, name: str) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "packed.json"
    file.write_bytes(pack((DATA / name).read_bytes()))
    assert read(file).rows == read(DATA / name).rows
