"""Series read from CSV files: columns found, times understood, and what was put right is said."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from perfwright.model.errors import DataError
from perfwright.model.trend import NamedSeries
from perfwright.sources.series.csv_series import read_series
from perfwright.sources.series.times import seconds_of


def series(tmp_path: Path, text: str, column: str = "") -> NamedSeries:
    path = tmp_path / "series.csv"
    path.write_text(text)
    return read_series(path, column=column)


def test_time_and_value_are_read_as_written(tmp_path: Path) -> None:
    read = series(tmp_path, "time,value\n2026-11-01T00:00:00Z,1.5\n2026-11-01T00:01:00Z,2\n")
    assert list(read.values) == [1.5, 2.0]
    assert list(read.times) == ["2026-11-01T00:00:00Z", "2026-11-01T00:01:00Z"]
    assert read.seconds is not None
    assert read.seconds[1] - read.seconds[0] == 60
    assert read.notes == ()


@pytest.mark.parametrize(
    "text",
    ["2026-11-01T00:00:00Z", "2026-11-01 00:00", "2026-11-01T01:00:00+01:00", "1793491200",
     "1793491200000", "1793491200000000", "1793491200000000000", "1793491200.0"],
)  # fmt: skip
def test_times_of_every_spelling_are_one(text: str) -> None:
    assert seconds_of(text) == pytest.approx(1793491200)


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "9e300", "2026-13-01"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert seconds_of(text) is None


def test_epoch_times_stay_numbers(tmp_path: Path) -> None:
    read = series(tmp_path, "timestamp;p95\n1793491200;1,5\n1793491260;2,5\n")
    assert list(read.times) == [1793491200, 1793491260]
    assert list(read.values) == [1.5, 2.5]
    assert read.name == "p95"


def test_columns_are_found_by_what_they_hold(tmp_path: Path) -> None:
    read = series(tmp_path, "build,when,commit,duration\n7,2026-11-01,abc,1\n8,2026-11-02,def,2\n",
                  column="duration")  # fmt: skip
    assert (read.name, list(read.values)) == ("duration", [1.0, 2.0])
    assert list(read.times) == ["2026-11-01", "2026-11-02"]


def test_values_without_times_are_counted(tmp_path: Path) -> None:
    read = series(tmp_path, "value\n3\n4\n5\n")
    assert list(read.times) == [0, 1, 2]
    assert read.seconds is None


def test_a_file_without_a_header_is_all_data(tmp_path: Path) -> None:
    read = series(tmp_path, "3\n4\n5\n")
    assert list(read.values) == [3.0, 4.0, 5.0]
    assert "no header" in read.notes[0]


def test_missing_and_unreadable_values_keep_their_rows_and_are_said(tmp_path: Path) -> None:
    read = series(tmp_path, "time,value\n1,5\n2,\n3,NaN\n4,fast\n5,inf\n6,7\n")
    assert [math.isnan(value) for value in read.values] == [False, True, True, True, True, False]
    assert "2 values are missing (lines 3, 4)" in read.notes
    assert "lines 5, 6: no number; taken as missing" in read.notes


def test_unsorted_and_repeated_times_are_put_in_order_and_said(tmp_path: Path) -> None:
    read = series(tmp_path, "time,value\n30,3\n10,1\n20,2\n20,4\n")
    assert list(read.values) == [1.0, 2.0, 4.0, 3.0]
    assert len(read.notes) == 2
    assert "not in order" in read.notes[0]
    assert "1 rows have the same time" in read.notes[1]


def test_rows_without_a_time_have_no_place(tmp_path: Path) -> None:
    read = series(tmp_path, "time,value\n10,1\nsoon,9\n20,2\n30,2\n")
    assert list(read.values) == [1.0, 2.0, 2.0]
    assert read.notes == ("line 3: no time that can be read; left out",)


def test_a_clock_that_jumped_beyond_all_time_has_no_place(tmp_path: Path) -> None:
    read = series(tmp_path, "time,value\n1793491200,1\n9e300,2\n1793491260,3\n")
    assert list(read.values) == [1.0, 3.0]
    assert read.notes == ("line 3: no time that can be read; left out",)


def test_short_rows_blank_lines_and_a_byte_order_mark_are_no_trouble(tmp_path: Path) -> None:
    read = series(tmp_path, "\ufefftime,value\n1,5\n\n2\n3,6\n")
    assert [math.isnan(value) for value in read.values] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", "", "is empty"),
        ("time,name\n1,a\n2,b\n", "", "no column of numbers"),
        ("time,value\n1,2\n", "p99", "no column 'p99'; it has time, value"),
        ("time,a,b\n1,x,2\n", "a", "column 'a' has no numbers"),
    ],
)
def test_what_holds_no_series_says_what_it_needs(
    tmp_path: Path, text: str, column: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        series(tmp_path, text, column)


def test_a_binary_file_is_no_series(tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(DataError):
        read_series(path)


def test_a_cell_of_monstrous_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no CSV"):
        series(tmp_path, 'time,value\n1,"' + "9" * 200_000 + '"\n')
