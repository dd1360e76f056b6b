"""vegeta, hey and LoadRunner: their requests, and how a file's format is told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from support.samples import DATA, read

from perfwright.model.errors import DataError
from perfwright.sources.results.heads import head_of
from perfwright.sources.results.recognising import FORMATS

WRITTEN_S = 1_700_000_000


def copied(name: str, folder: Path) -> Path:
    """A data file that was written at a known time."""
    file = folder / name
    shutil.copy(DATA / name, file)
    os.utime(file, (WRITTEN_S, WRITTEN_S))
    return file


@pytest.mark.parametrize(
    ("file", "tool"),
    [
        ("jmeter-transactions.csv", "JMeter"),
        ("jmeter-dates.csv", "JMeter"),
        ("jmeter.xml", "JMeter"),
        ("k6.csv", "k6"),
        ("k6.ndjson", "k6"),
        ("gatling-2.2.log", "Gatling"),
        ("gatling-3.9.log", "Gatling"),
        ("vegeta.ndjson", "vegeta"),
        ("hey.csv", "hey"),
        ("loadrunner.csv", "LoadRunner"),
    ],
)
def test_exactly_one_format_recognises_a_file(file: str, tool: str) -> None:
    head = head_of(DATA / file)
    assert [one.tool for one in FORMATS if one.recognises(head)] == [tool]


def test_an_unknown_file_is_an_error_that_shows_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "shopping.txt"
    file.write_text("milk\neggs\n")
    with pytest.raises(DataError, match=r"no known format; it begins 'milk'.*k6 CSV.*--map"):
        read(file)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.write_text("\n")
    with pytest.raises(DataError, match="is empty"):
        read(file)


def test_a_torn_archive_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "torn.gz"
    file.write_bytes(b"\x1f\x8b\x08\x00torn")
    with pytest.raises(DataError, match="cannot read"):
        read(file)


def test_vegeta_tells_requests_by_method_and_path() -> None:
    request = read(DATA / "vegeta.ndjson").one("GET /items/{id}")
    assert request == {
        "started_us": 1656949926096582,
        "step": "GET /items/{id}",
        "service_ns": 306_656,
        "status": 200,
        "bytes_sent": 0,
        "bytes_received": 120,
    }


def test_vegeta_without_an_answer_is_an_error_of_a_kind() -> None:
    failed = read(DATA / "vegeta.ndjson").one("all requests")
    assert failed["error"] == "connect_refused"
    assert "status" not in failed


def test_vegeta_lines_that_are_no_results_are_shown_by_their_number(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    good = (DATA / "vegeta.ndjson").read_text()
    file.write_text(good + good.splitlines()[0][:50] + '\n{"attack":"","seq":1,"code":200}\n')
    found = read(file)
    assert len(found.requests) == 3
    assert [line for line, _ in found.bad] == [4, 5]


def test_hey_ended_when_its_file_was_written(tmp_path: Path) -> None:
    found = read(copied("hey.csv", tmp_path))
    ended_us = max(row["started_us"] + row["service_ns"] // 1000 for row in found.rows)
    assert WRITTEN_S - 1 <= ended_us / 1e6 <= WRITTEN_S
    assert "tells no date" in found.told.notes[1]


def test_two_files_of_hey_are_each_placed_by_their_own_time(tmp_path: Path) -> None:
    one, two = copied("hey.csv", tmp_path), tmp_path / "later.csv"
    shutil.copy(one, two)
    os.utime(two, (WRITTEN_S + 100, WRITTEN_S + 100))
    starts = [row["started_us"] for row in read(one, two).rows]
    assert [later - earlier for earlier, later in zip(starts[:3], starts[3:], strict=True)] == [
        100_000_000
    ] * 3


def test_hey_tells_phases_where_there_were_some(tmp_path: Path) -> None:
    first, second, third = read(copied("hey.csv", tmp_path)).rows
    assert (first["dns_ns"], first["connect_ns"]) == (4_200_000, 500_000)
    assert "connect_ns" not in second
    assert (third["status"], third["error"]) == (503, "http_5xx")


def test_loadrunner_tells_when_transactions_ended(tmp_path: Path) -> None:
    found = read(copied("loadrunner.csv", tmp_path))
    login, search, failed = found.rows
    assert (
        search["started_us"] - login["started_us"] == 13_250_000 - 456_000 - 12_500_000 + 1_234_000
    )
    assert (failed["step"], failed["service_ns"], failed["error"]) == (
        "02_Search",
        9_001_000_000,
        "check",
    )
