"""Logs as they come: packed, rotated, mixed, torn, and with junk in them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from perfwright.model.access import LogFacts
from perfwright.model.errors import DataError, UsageError
from perfwright.sources.access_logs import inputs, progress, read_access_logs

GOOD = '10.0.0.1 - - [10/Oct/2000:13:55:{:02} +0000] "GET /{} HTTP/1.1" 200 5 "-" "Firefox"\n'


def asking(request_line: str) -> str:
    return f'::1 - - [10/Oct/2000:13:55:36 +0000] "{request_line}" 400 0 "-" "-"\n'


def good(second: int, name: object = "") -> str:
    return GOOD.format(second, name)


def read(scratch: Path, *paths: Path | str, **options: Any) -> tuple[list[Any], LogFacts]:
    """Targets in order, and facts."""
    with read_access_logs(paths, scratch=scratch / "scratch", **options) as log:
        rows = log.connection.execute("SELECT target FROM requests ORDER BY rowid").fetchall()
        return [target for (target,) in rows], log.facts


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def zstd(path: Path, text: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT unnest($1) AS line) TO $2"
            " (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01', COMPRESSION zstd)",
            [text.splitlines(), str(path)],
        )


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_logs_are_told_by_their_content(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    log = written(tmp_path / "access.log", pack(good(1, "a").encode()))
    targets, facts = read(tmp_path, log)
    assert targets == ["/a"]
    assert facts.files == (str(log),)


def test_zstd_logs_too(tmp_path: Path) -> None:
    zstd(tmp_path / "access.log.zst", good(1, "a") + good(2, "b"))
    assert read(tmp_path, tmp_path / "access.log.zst")[0] == ["/a", "/b"]


def test_a_rotated_set_is_read_from_the_oldest_on(tmp_path: Path) -> None:
    written(tmp_path / "access.log", good(30, "newest"))
    written(tmp_path / "access.log.1", good(20, "middle"))
    written(tmp_path / "access.log.2.gz", gzip.compress(good(10, "oldest").encode()))
    targets, facts = read(tmp_path, str(tmp_path / "access.log*"))
    assert targets == ["/oldest", "/middle", "/newest"]
    assert facts.lines == 3
    assert [Path(file).name for file in facts.files] == [
        "access.log.2.gz", "access.log.1", "access.log",
    ]  # fmt: skip


def test_of_a_folder_only_access_logs_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "nginx"
    folder.mkdir()
    written(folder / "access.log", good(1, "a"))
    written(folder / "error.log", "2000/10/10 13:55:36 [error] 1#1: *1 open() failed\n")
    targets, facts = read(tmp_path, folder)
    assert targets == ["/a"]
    assert facts.bad_lines == 0
    assert any("error.log was left out" in note for note in facts.notes)


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", good(1, "a"))
    assert read(tmp_path, log, log, str(tmp_path / "access*"))[0] == ["/a"]


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO(gzip.compress(good(1, "a").encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(packed))
    targets, facts = read(tmp_path, "-")
    assert (targets, facts.files) == (["/a"], ("stdin",))


def test_a_pipe(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_text, args=(good(1, "a"),))
    writer.start()
    assert read(tmp_path, fifo)[0] == ["/a"]
    writer.join()


def test_a_file_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    written(tmp_path / "access.log1", good(1, "other"))
    for name in ("access.log[1]", "*", "a?.log"):
        assert read(tmp_path, written(tmp_path / name, good(1, "a")))[0] == ["/a"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_of_a_torn_archive_what_can_be_read_is_kept(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    drawn = random.Random(1)
    lines = "".join(good(n % 60, drawn.randbytes(300).hex()) for n in range(3000)).encode()
    log = written(tmp_path / "access.log", pack(lines)[:-20_000])
    targets, facts = read(tmp_path, log)
    assert 500 < len(targets) < 3000
    assert facts.bad_lines <= 1
    assert any("it is torn" in note for note in facts.notes)


def test_a_bomb_is_read_as_far_as_is_sane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_SMALL_BYTES", 1_000_000)
    log = written(tmp_path / "access.log", bz2.compress(good(1).encode() * 40_000))
    targets, facts = read(tmp_path, log)
    assert 10_000 < len(targets) < 40_000
    assert any("more than 150 times its size" in note for note in facts.notes)


def test_each_line_is_read_by_the_first_format_that_fits(tmp_path: Path) -> None:
    caddy = {
        "ts": 971186136.5, "request": {"remote_ip": "::1", "method": "GET", "uri": "/caddy"},
        "status": 200,
    }  # fmt: skip
    lines = [
        *(good(1, "combined") for _ in range(300)),
        json.dumps(caddy) + "\n",
        '10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /common HTTP/1.1" 200 5\n',
        "what is this?\n",
        good(2, "combined"),
    ]
    targets, facts = read(tmp_path, written(tmp_path / "access.log", "".join(lines)))
    assert targets[-4:] == ["/combined", "/caddy", "/common", "/combined"]
    assert dict(facts.formats) == {"combined": 301, "Caddy": 1, "common": 1}
    assert (facts.lines, facts.bad_lines) == (304, 1)
    (example,) = facts.examples
    assert (example.line, example.text) == (303, "what is this?")
    assert example.why == "fits no known format"


def test_lines_with_escapes_are_read_and_unescaped_once(tmp_path: Path) -> None:
    log = written(
        tmp_path / "access.log",
        # Apache, then nginx.
        r'10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /a\"b?c=%22 HTTP/1.1" 200 5 "-"'
        r' "a \"quoted\" \\ agent"' + "\n"
        r'10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /a\x22b?c=%22 HTTP/1.1" 200 5 "-"'
        r' "caf\xC3\xA9 100% \x5C"' + "\n",
    )
    with read_access_logs([log], scratch=tmp_path) as read_log:
        rows = read_log.connection.execute("SELECT target, agent FROM requests").fetchall()
    assert rows == [
        ("/a%22b?c=%22", 'a "quoted" \\ agent'),
        ("/a%22b?c=%22", "café 100% \\"),
    ]


def test_what_is_no_http_is_kept_without_method_and_target(tmp_path: Path) -> None:
    requests = (
        "-", "", r"\x16\x03\x01\x02\x00\x01", "SSH-2.0-Go", "t3 12.1.2", "GET", "CONNECT a:443",
    )  # fmt: skip
    log = written(tmp_path / "access.log", "".join(map(asking, requests)))
    targets, facts = read(tmp_path, log)
    assert targets == [None] * len(requests)
    assert facts.bad_lines == 0
    assert facts.notes[0].startswith("7 lines tell of no HTTP request")


def test_targets_are_kept_as_they_were_sent(tmp_path: Path) -> None:
    expected = {
        "GET http://shop.test:8080/a?b HTTP/1.1": "/a?b",
        "GET http://shop.test HTTP/1.1": "/",
        "GET https://shop.test?b=c HTTP/1.1": "/?b=c",
        "OPTIONS * HTTP/1.1": "*",
        "GET /a b HTTP/1.1": "/a b",
        "GET //a": "//a",
        "get /%00%zz%2e%2e/ HTTP/2.0": "/%00%zz%2e%2e/",
        "GET /" + "x" * 100_000 + " HTTP/1.1": "/" + "x" * 100_000,
    }
    log = written(tmp_path / "access.log", "".join(map(asking, expected)))
    assert read(tmp_path, log)[0] == list(expected.values())


@pytest.mark.parametrize(
    "junk",
    [
        b"\xff\xfe\x00binary\n",
        b"caf\xe9\n",
        b"nul \x00 here\n",
        b"a\x01b\n",
        b"cr \r in the midst\n",
        b"x" * 3_000_000 + b"\n",
        b'"' * 1000 + b"\n",
        b"{" * 5000 + b"\n",
    ],
)
def test_junk_is_counted_and_the_rest_is_read(tmp_path: Path, junk: bytes) -> None:
    data = good(1, "a").encode() + junk + b"\n  \n" + good(2, "b").encode()
    targets, facts = read(tmp_path, written(tmp_path / "access.log", data))
    assert targets == ["/a", "/b"]
    assert facts.bad_lines == facts.lines - 2
    assert facts.bad_lines in (1, 2)
    assert facts.examples[0].line == 2


def test_a_line_that_is_no_utf_8_is_still_a_request(tmp_path: Path) -> None:
    data = good(1, "caf").encode().replace(b"caf", b"caf\xe9")
    assert read(tmp_path, written(tmp_path / "access.log", data))[0] == ["/caf\ufffd"]


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + good(1, "a").encode().replace(b"\n", b"\r\n") * 2
    assert read(tmp_path, written(tmp_path / "access.log", data))[0] == ["/a", "/a"]


def test_a_line_without_its_end(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", (good(1, "a") + good(2, "b")).rstrip("\n"))
    assert read(tmp_path, log)[0] == ["/a", "/b"]


def test_a_clock_that_goes_back_is_noted(tmp_path: Path) -> None:
    lines = good(1, "a").replace("13:55", "18:55") + good(2, "b")
    _, facts = read(tmp_path, written(tmp_path / "access.log", lines))
    assert facts.notes[0].startswith("The clock goes back 1 times, by up to 4h59m59s")


def test_times_without_offset_are_of_the_zone_that_is_given(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", good(0).replace(" +0000", ""))
    for zone, hours in (("UTC", 0), ("Europe/Berlin", 2)):
        with read_access_logs([log], scratch=tmp_path, zone=zone) as read_log:
            row = read_log.connection.execute("SELECT time_us FROM requests").fetchone()
            assert row == (971_186_100_000_000 - hours * 3_600_000_000,)
            assert f"tell no offset; they were taken as {zone}" in read_log.facts.notes[0]
    with pytest.raises(UsageError, match="'Mars/Base' is no time zone"):
        read_access_logs([log], scratch=tmp_path, zone="Mars/Base")


def test_times_with_an_offset_need_no_zone(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", good(0).replace("+0000", "+0200"))
    with read_access_logs([log], scratch=tmp_path, zone="Asia/Tokyo") as read_log:
        row = read_log.connection.execute("SELECT time_us FROM requests").fetchone()
        assert row == (971_186_100_000_000 - 7_200_000_000,)
        assert read_log.facts.notes == ()


def test_a_time_that_is_none_makes_a_bad_line(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", good(1, "a") + good(1, "b").replace("10/Oct", "99/Foo"))
    targets, facts = read(tmp_path, log)
    assert (targets, facts.bad_lines) == (["/a"], 1)


@pytest.mark.parametrize("data", [b"", b"\n \n", gzip.compress(b"", mtime=0)])
def test_an_empty_log_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DataError, match=r"nothing to read: .*access\.log"):
        read(tmp_path, written(tmp_path / "access.log", data))


def test_a_log_of_nothing_known_is_refused_with_its_first_line(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", "hello\nworld\n")
    with pytest.raises(DataError, match=r"line 1 fits no known format: 'hello'.*--log-format"):
        read(tmp_path, log)
    with pytest.raises(DataError, match=r"does not fit the log format: 'hello'; compare"):
        read(tmp_path, log, log_format='%h %t "%r"')


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("nope.log", "no*pe.log", "\0"):
        with pytest.raises(DataError, match="there is no file"):
            read(tmp_path, str(tmp_path) + "/" + name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no file"):
        read(tmp_path, tmp_path / "empty")
    with pytest.raises(DataError, match="no file was named"):
        read(tmp_path)


def test_a_named_format_is_taken(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", good(1, "a"))
    assert read(tmp_path, log, log_format="combined")[1].formats == (("combined", 1),)


def test_hostile_text_stays_data(tmp_path: Path) -> None:
    name = "'; DROP TABLE requests; --"
    log = written(tmp_path / f"{name.replace('/', '')}.log", good(1, name))
    assert read(tmp_path, log)[0] == [f"/{name}"]


def test_a_part_of_a_formats_name_is_no_format(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", good(1, "a"))
    with pytest.raises(UsageError):
        read(tmp_path, log, log_format="ined")


def test_what_is_under_way_is_told_to_the_end(tmp_path: Path) -> None:
    log = written(tmp_path / "access\x1b.log", good(1, "a"))
    told: list[str] = []
    read(tmp_path, log, on_progress=told.append)
    assert told[:2] == ["looking at the log", "reading access\ufffd.log"]
    assert told[-1] == ""
    told.clear()
    with pytest.raises(DataError):
        read(tmp_path, written(tmp_path / "empty", ""), on_progress=told.append)
    assert told[-1] == ""


def test_how_far_a_file_is_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_EVERY_S", 0.0001)
    told: list[float] = []
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE numbers AS SELECT range AS n FROM range(1_000_000)")
        with progress.progress_told(connection, told.append):
            for _ in range(1_000):
                connection.execute("SELECT sum(hash(n)) FROM numbers").fetchall()
                if told:
                    break
    assert told
    assert all(0 <= ratio <= 1 for ratio in told)
