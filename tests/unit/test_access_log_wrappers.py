"""Lines that containers and syslog wrapped are read as if they came from the server's own file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.access_logs import rows_of, us

from perfwright.sources.access_logs import is_access_log

LINE = (
    '10.0.0.1 - - [10/Oct/2000:20:55:36 +0000] "GET /a?b=c HTTP/1.1" 200 5 "-"'
    ' "Mozilla/5.0 \\"x\\""'
)
STARTING = (
    "/docker-entrypoint.sh: Configuration complete; ready for start up",
    "2000/10/10 20:55:36 [notice] 1#1: start worker processes",
)


def docker(line: str, stream: str = "stdout", end: str = "\n") -> str:
    at = "2000-10-10T20:55:36.123456789Z"
    return json.dumps({"log": line + end, "stream": stream, "time": at}, separators=(",", ":"))


def cri(line: str, stream: str = "stdout", tag: str = "F") -> str:
    return f"2000-10-10T20:55:36.123456789Z {stream} {tag} {line}"


def rfc_3164(line: str) -> str:
    return f"<190>Oct 10 20:55:36 web-1 nginx: {line}"


def rsyslog(line: str) -> str:
    return f"2000-10-10T20:55:36.123456+00:00 web-1 nginx-access[4711]: {line}"


def rfc_5424(line: str) -> str:
    return (
        "<190>1 2000-10-10T20:55:36.123Z web-1 nginx 4711 access"
        f' [meta seq="1" tag="a \\] b"][x@1 y="z"] {line}'
    )


def journal(line: str) -> str:
    return f"Oct  1 20:55:36 web-1 nginx[4711]: {line}"


def no_host(line: str) -> str:
    return f"<190>Oct 10 20:55:36 nginx: {line}"


Wrap = Callable[[str], str]
WRAPPERS = (docker, cri, rfc_3164, rsyslog, rfc_5424, journal, no_host)


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_what_is_inside_is_read_with_a_note(tmp_path: Path, wrap: Wrap) -> None:
    rows, facts = rows_of(tmp_path, *map(wrap, (LINE, LINE.replace("/a", "/b"))))
    assert [row["target"] for row in rows] == ["/a?b=c", "/b?b=c"]
    assert rows[0] == {
        "time_us": us(), "client": "10.0.0.1", "agent": 'Mozilla/5.0 "x"', "method": "GET",
        "target": "/a?b=c", "status": 200, "bytes_sent": 5,
    }  # fmt: skip
    assert facts.formats == (("combined", 2),)
    (note,) = facts.notes
    assert note.startswith("The lines are wrapped by ")


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_a_wrapped_log_is_known_by_its_beginning(wrap: Wrap) -> None:
    lines = [wrap(one) for one in (*STARTING * 3, LINE)]
    assert is_access_log("".join(f"{one}\n" for one in lines).encode())
    assert not is_access_log("".join(f"{one}\n" for one in lines[:-1]).encode())


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_what_is_no_request_is_a_bad_line_with_its_place(tmp_path: Path, wrap: Wrap) -> None:
    _, facts = rows_of(tmp_path, wrap(LINE), "", wrap("  "), wrap(STARTING[0]), wrap(LINE))
    assert (facts.lines, facts.bad_lines) == (3, 1)
    (example,) = facts.examples
    assert (example.line, example.text) == (4, STARTING[0])


def test_the_error_log_on_stderr_is_bad_lines(tmp_path: Path) -> None:
    for wrap in (docker, cri):
        rows, facts = rows_of(tmp_path, wrap(LINE), wrap(STARTING[1], "stderr"), wrap(LINE))
        assert (len(rows), facts.bad_lines) == (2, 1)


def test_json_inside_of_json_is_read(tmp_path: Path) -> None:
    inside = json.dumps({"time": "2000-10-10T20:55:36Z", "path": "/a", "status": 200})
    for wrap in (docker, cri):
        rows, facts = rows_of(tmp_path, wrap(inside))
        assert [row["target"] for row in rows] == ["/a"]
        assert facts.notes[0].startswith("The lines are wrapped by ")


def test_a_line_that_came_without_its_wrapping_is_read_too(tmp_path: Path) -> None:
    rows, facts = rows_of(tmp_path, *[docker(LINE)] * 3, LINE, docker(LINE)[:-30])
    assert len(rows) == 4
    assert facts.bad_lines == 1


def test_the_parts_of_a_long_line_are_joined_by_stream(tmp_path: Path) -> None:
    long = LINE.replace("/a", "/" + "x" * 20_000)
    rows, facts = rows_of(
        tmp_path,
        cri(LINE),
        cri(long[:16_384], tag="P"),
        cri("an error", "stderr"),
        cri(long[16_384:20_000], tag="P:2"),
        cri(long[20_000:]),
        cri(LINE),
        cri("never ended", tag="P"),
    )
    assert [len(row["target"]) for row in rows] == [6, 20_005, 6]
    assert [(bad.line, bad.text) for bad in facts.examples] == [
        (3, "an error"), (8, "never ended"),
    ]  # fmt: skip
    rows, facts = rows_of(
        tmp_path, docker(long[:16_384], end=""), docker(long[16_384:]), docker(LINE)
    )
    assert [len(row["target"]) for row in rows] == [20_005, 6]
    assert facts.bad_lines == 0


def test_short_lines_without_an_end_are_whole(tmp_path: Path) -> None:
    """As Fluent Bit keeps them."""
    rows, _ = rows_of(tmp_path, docker(LINE, end=""), docker(LINE, end=""))
    assert len(rows) == 2


def test_a_format_that_is_told_is_that_of_the_inside(tmp_path: Path) -> None:
    told: dict[str, Any] = {"log_format": '$remote_addr [$time_iso8601] "$request" $status'}
    rows, _ = rows_of(tmp_path, cri('::1 [2000-10-10T20:55:36+00:00] "GET /a" 200'), **told)
    assert rows[0]["target"] == "/a"
