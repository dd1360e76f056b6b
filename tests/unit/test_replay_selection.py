"""Which requests of a log are replayed, and when: options, rows, and the files of a recording."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from perfwright.load.recording import write_recording
from perfwright.model.errors import UsageError
from perfwright.plan.replay import rate_shape
from perfwright.plan.replay_rows import Chosen, Due, Logged, rows_of
from perfwright.plan.replay_selection import Selection, moment_us, parse_only, parse_speed

MS = 1_000_000
FIRST = datetime(2026, 11, 20, 13, 59, 30, tzinfo=UTC)
FIRST_US = round(FIRST.timestamp() * 1e6)


def logged(offset_us: int, target: str = "/", method: str = "GET", status: int = 200) -> Logged:
    return FIRST_US + offset_us, method, target, status


def chosen_of(
    requests: list[Logged], selection: Selection | None = None, base: str = ""
) -> tuple[list[Due], Chosen]:
    chosen = Chosen()
    batches = rows_of(requests, selection or Selection(), base, chosen)
    return [row for batch in batches for row in batch], chosen


def test_order_and_gaps_are_kept_to_the_microsecond() -> None:
    offsets_us = [0, 1, 1, 250_000, 86_400_000_000]
    rows, _ = chosen_of([logged(at, f"/{n}") for n, at in enumerate(offsets_us)])
    assert [row[0] for row in rows] == [at * 1_000 for at in offsets_us]
    assert [row[2] for row in rows] == ["/0", "/1", "/2", "/3", "/4"]


def test_a_speed_makes_gaps_shorter() -> None:
    requests = [logged(0), logged(300_000), logged(1_000_001)]
    rows, _ = chosen_of(requests, Selection(speed=4))
    assert [row[0] for row in rows] == [0, 75 * MS, 250_000_250]
    assert (parse_speed("2x"), parse_speed(" 0.5 ")) == (2.0, 0.5)


@pytest.mark.parametrize("text", ["0x", "-1", "fast", "x", ""])
def test_a_speed_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--speed"):
        parse_speed(text)


def test_safe_methods_only_unless_told_otherwise() -> None:
    methods = ["GET", "POST", "HEAD", "DELETE", "OPTIONS", "POST"]
    requests = [logged(n, method=method) for n, method in enumerate(methods)]
    rows, chosen = chosen_of(requests)
    assert [row[1] for row in rows] == ["GET", "HEAD", "OPTIONS"]
    assert chosen.unsafe == {"POST": 2, "DELETE": 1}
    rows, chosen = chosen_of(requests, Selection(include_unsafe=True))
    assert [row[1] for row in rows] == methods
    assert (chosen.unsafe, chosen.bodiless) == ({}, 2)


@pytest.mark.parametrize(
    ("only", "kept"),
    [
        (["/items/*"], ["/items/7", "/items/7/b"]),
        (["HEAD"], ["/items/7/b"]),
        (["GET /items/*"], ["/items/7"]),
        (["/cart", "/items/?"], ["/items/7", "/cart?x=/items/1"]),
    ],
)
def test_only_what_matches_method_and_path_is_kept(only: list[str], kept: list[str]) -> None:
    requests = [
        logged(0, "/items/7"),
        logged(1, "/items/7/b", "HEAD"),
        logged(2, "/cart?x=/items/1"),
        logged(3, "/"),
    ]
    rows, chosen = chosen_of(requests, Selection(only=tuple(map(parse_only, only))))
    assert [row[2] for row in rows] == kept
    assert chosen.left_out.total() == 4 - len(kept)


@pytest.mark.parametrize("text", ["", "get", "items/*", "GET items"])
def test_an_only_that_is_neither_method_nor_path_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--only"):
        parse_only(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T14:00", "2026-11-20T14:00+00:00"),
        ("2026-11-20T14:00+01:00", "2026-11-20T13:00+00:00"),
        ("14:00", "2026-11-20T14:00+00:00"),
        ("13:59:45", "2026-11-20T13:59:45+00:00"),
        ("10m", "2026-11-20T14:09:30+00:00"),
    ],
)
def test_a_moment_is_a_time_a_time_of_the_first_day_or_a_duration(text: str, expected: str) -> None:
    at_us = moment_us("--from", text, FIRST_US, "UTC")
    assert at_us == datetime.fromisoformat(expected).timestamp() * 1e6


def test_a_moment_without_an_offset_is_in_the_zone() -> None:
    at_us = moment_us("--from", "14:00", FIRST_US, "Europe/Berlin")
    assert at_us == datetime(2026, 11, 20, 13, 0, tzinfo=UTC).timestamp() * 1e6


@pytest.mark.parametrize(
    ("begin", "end", "zone", "problem"),
    [
        ("noon", "", "UTC", "--from: 'noon' is no moment"),
        ("25:00", "", "UTC", "--from: '25:00' is no moment"),
        ("2m", "1m", "UTC", "nothing lies between"),
        ("1m", "", "Mars/Olympus", "--zone"),
        ("1m", "", "../../etc", "--zone"),
    ],
)
def test_moments_that_make_no_sense_are_refused(
    begin: str, end: str, zone: str, problem: str
) -> None:
    with pytest.raises(UsageError, match=problem):
        chosen_of([logged(0)], Selection(begin=begin, end=end, zone=zone))


def test_a_part_of_the_log_begins_with_its_first_request() -> None:
    requests = [logged(at * 1_000_000, f"/{at}") for at in (0, 31, 40, 90, 95)]
    rows, chosen = chosen_of(requests, Selection(begin="30s", end="14:01:01"))
    assert [(row[0], row[2]) for row in rows] == [
        (0, "/31"),
        (9_000 * MS, "/40"),
        (59_000 * MS, "/90"),
    ]
    assert chosen.left_out.total() == 2
    rows, _ = chosen_of(requests, Selection(longest_s=40.5, speed=2))
    assert [row[2] for row in rows] == ["/0", "/31", "/40"]


def test_a_replay_of_a_month_is_a_mistake() -> None:
    clock_stood_at_1970 = (0, "GET", "/", 200)
    with pytest.raises(UsageError, match="longer than 31 days"):
        chosen_of([clock_stood_at_1970, logged(0)])
    rows, _ = chosen_of([clock_stood_at_1970, logged(0)], Selection(begin="2026-01-01"))
    assert len(rows) == 1
    rows, _ = chosen_of([clock_stood_at_1970, logged(0)], Selection(longest_s=10))
    assert len(rows) == 1


def test_whole_seconds_are_spread_evenly_where_that_is_asked_for() -> None:
    requests = [logged(0), logged(1_000_000), logged(1_000_000), logged(3_000_000)]
    rows, chosen = chosen_of(requests)
    assert chosen.whole_seconds
    assert [row[0] for row in rows] == [0, 1_000 * MS, 1_000 * MS, 3_000 * MS]
    rows, _ = chosen_of(requests, Selection(spread=True))
    assert [row[0] for row in rows] == [0, 1_000 * MS, 1_500 * MS, 3_000 * MS]


@pytest.mark.parametrize(
    "request_",
    [
        (None, "GET", "/", 200),
        (FIRST_US, None, None, 400),
        (FIRST_US, "GET", "-", 400),
        (FIRST_US, "GET", "/a b", 200),
        (FIRST_US, "GET", "/\r\nHost: evil", 200),
        (FIRST_US, "GET", "/\x00", 200),
        (FIRST_US, "GET", "/\udcff", 200),
        (FIRST_US, "GET", "//" + "a" * 100_000, 200),
        (FIRST_US, "\x16\x03\x01", "/", 400),
        (FIRST_US, "OPTIONS", "*", 200),
        (FIRST_US, "CONNECT", "evil.example:443", 400),
    ],
    ids=lambda request_: ascii(request_)[:40],
)
def test_what_cannot_be_sent_is_counted_and_left_out(request_: Logged) -> None:
    rows, chosen = chosen_of([logged(0), request_], Selection(include_unsafe=True))
    assert len(rows) == 1
    assert chosen.left_out.total() == 1


def test_a_target_with_a_path_goes_before_every_path() -> None:
    rows, _ = chosen_of([logged(0, "/items?x=1")], base="/shop")
    assert rows[0][2] == "/shop/items?x=1"


def test_a_recording_holds_the_rows_as_the_kernel_reads_them(tmp_path: Path) -> None:
    rows = [
        (0, "GET", "/é?a=1", 404, "GET {é}"),
        (5, "DELETE", "/x", 0, ""),
        (2_000_000_001, "GET", "/", 200, "GET {é}"),
    ]
    recording = write_recording([rows[:2], [], rows[2:]], tmp_path)
    entry = np.dtype("<u8,<u8,<u2,<u2,<u4,<u4,<u4")
    text = recording.text.read_bytes()
    steps = ["", *recording.steps.read_text().splitlines()]
    read = []
    for due_ns, at, method_len, status, target_len, step, _ in np.fromfile(
        recording.entries, entry
    ):
        method = text[at : at + method_len]
        target = text[at + method_len : at + method_len + target_len]
        read.append((due_ns, method.decode(), target.decode(), status, steps[step]))
    assert read == rows
    assert (recording.requests, list(recording.per_s)) == (3, [2, 0, 1])


def test_steps_are_named_by_method_and_path_without_the_query() -> None:
    rows = [
        row
        for batch in rows_of(
            [logged(0, "/a?b=1"), logged(1, "/c", "HEAD")],
            Selection(),
            "/base",
            Chosen(),
            lambda method, path: f"{method}:{path}",
        )
        for row in batch
    ]
    assert [row[4] for row in rows] == ["GET:/a", "HEAD:/c"]


def test_the_shape_of_a_replay_is_its_rate_and_judges_silent_seconds_too() -> None:
    shape = rate_shape([2, 0, 1])
    assert [part.start for part in shape.segments] == pytest.approx([2, 0, 1], abs=1e-8)
    assert shape.steady_windows() == ((0.0, 3.0),)
    long = rate_shape([3] * 86_400)
    assert len(long.segments) <= 240
    assert long.expected_arrivals(0, 86_400) == pytest.approx(3 * 86_400)
