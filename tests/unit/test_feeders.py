"""Feeders: rows as they were written, in the order asked for; bad data is named with its place."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from perfwright import csv, jsonl, parquet, rows
from perfwright.model.errors import DataError, FeederExhausted, MissingColumn, PlanError
from perfwright.plan.feeders import Feeder, collected_feeders


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


Write = Callable[[str, "str | bytes"], Path]


def taken(feeder: Feeder, count: int, column: str = "n") -> list[Any]:
    return [feeder.next()[column] for _ in range(count)]


def numbers(write: Write, count: int) -> Path:
    return write("numbers.csv", "n\n" + "".join(f"{n}\n" for n in range(count)))


def test_rows_come_in_order_and_begin_again(write: Write) -> None:
    feeder = csv(write("people.csv", "name,password\nann,x1\nbob,y2\n"))
    assert feeder.next() == {"name": "ann", "password": "x1"}
    assert taken(feeder, 3, "name") == ["bob", "ann", "bob"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2", [["1", "2"]]),
        ("a,b\r\n1,2\r\n3,4\r\n", [["1", "2"], ["3", "4"]]),
        ("\n\na,b\n\n1,2\n\n\n3,4\n\n", [["1", "2"], ["3", "4"]]),
        ('a,b\n"1\n\n1",2\n3,4\n', [["1\n\n1", "2"], ["3", "4"]]),
        ('a,b\n"say ""hi"", ok",2\n', [['say "hi", ok', "2"]]),
        ('"a","b"\r\n"1\r\n",""\r\n', [["1\r\n", ""]]),
        ("a,b\n,\n", [["", ""]]),
        ("\ufeffa,b\nä,€\n", [["ä", "€"]]),
    ],
)
def test_csv_is_read_as_rfc_4180_says(write: Write, text: str, expected: list[list[str]]) -> None:
    feeder = csv(write("data.csv", text))
    assert [list(feeder.next().values()) for _ in expected] == expected
    assert list(feeder.next()) == ["a", "b"]


def test_another_delimiter_can_be_named(write: Write) -> None:
    assert csv(write("data.tsv", "a\tb\n1,5\t2\n"), delimiter="\t").next() == {"a": "1,5", "b": "2"}
    with pytest.raises(PlanError, match="give one character"):
        csv(write("data.tsv", ""), delimiter="||")


def test_json_lines_keep_their_types(write: Write) -> None:
    feeder = jsonl(write("items.jsonl", '{"id": 1, "tags": ["a"]}\n\n  {"id": 2}\n'))
    with pytest.raises(DataError, match=r"items\.jsonl:3"):
        feeder.next()
    feeder = jsonl(write("items.jsonl", '{"id": 1, "tags": ["a"]}\n\n{"id": 2}'))
    assert [feeder.next(), feeder.next()] == [{"id": 1, "tags": ["a"]}, {"id": 2}]


def test_parquet_is_read_through_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i AS id, 'n' || i AS name, DATE '2026-01-02' AS day FROM range(3) t(i))"
            f" TO '{str(path).replace(chr(39), chr(39) * 2)}' (FORMAT parquet)"
        )
    feeder = parquet(path)
    assert feeder.next() == {"id": 0, "name": "n0", "day": "2026-01-02"}
    assert taken(feeder, 3, "id") == [1, 2, 0]


def test_any_iterable_of_dicts_is_a_feeder_and_consumed_but_once() -> None:
    seen: list[int] = []

    def items() -> Any:
        for n in range(3):
            seen.append(n)
            yield {"n": n}

    feeder = rows(items())
    assert seen == []
    assert taken(feeder, 5) == [0, 1, 2, 0, 1]
    assert seen == [0, 1, 2]


def test_shuffled_gives_every_row_once_in_an_order_that_the_seed_fixes(write: Write) -> None:
    path = numbers(write, 100)
    first = taken(csv(path).shuffled(seed=7), 100)
    assert sorted(first, key=int) == [str(n) for n in range(100)]
    assert first != sorted(first, key=int)
    assert taken(csv(path).shuffled(seed=7), 100) == first
    assert taken(csv(path).shuffled(seed=8), 100) != first


def test_random_draws_with_replacement(write: Write) -> None:
    path = numbers(write, 10)
    drawn = taken(csv(path).random(seed=3), 200)
    assert set(drawn) == {str(n) for n in range(10)}
    assert len(set(drawn[:10])) < 10
    assert taken(csv(path).random(seed=3), 200) == drawn


def test_unique_ends_with_what_to_do(write: Write) -> None:
    feeder = csv(numbers(write, 3)).shuffled().unique()
    assert sorted(taken(feeder, 3)) == ["0", "1", "2"]
    with pytest.raises(
        FeederExhausted, match=r"numbers.csv: all 3 rows have been used .* add rows"
    ):
        feeder.next()


def test_unique_and_random_exclude_each_other(write: Write) -> None:
    feeder = csv(numbers(write, 3))
    for both in (lambda: feeder.unique().random(), lambda: feeder.random().unique()):
        with pytest.raises(PlanError, match=r"write .shuffled\(\).unique\(\)"):
            both()


def test_with_more_workers_than_rows_rows_repeat_unless_unique(
    write: Write, tmp_path: Path
) -> None:
    feeder = csv(numbers(write, 2))
    feeder.build_index(tmp_path)
    feeder.attach(tmp_path, worker=3, workers=5)
    assert taken(feeder, 2) == ["1", "1"]
    feeder = feeder.unique()
    feeder.attach(tmp_path, worker=3, workers=5)
    with pytest.raises(FeederExhausted):
        feeder.next()


def test_feeders_of_one_iterable_share_its_rows(tmp_path: Path) -> None:
    with collected_feeders() as feeders:
        other = rows([{"n": 7}])
        base = rows({"n": n} for n in range(4))
        mixed = base.shuffled(seed=1)
    assert feeders == [other, base, mixed]
    for feeder in feeders:
        feeder.build_index(tmp_path)
        feeder.attach(tmp_path)
    assert taken(other, 1) == [7]
    assert sorted(taken(base, 4)) == sorted(taken(mixed, 4)) == [0, 1, 2, 3]


def test_a_relative_path_is_relative_to_the_calling_file(tmp_path: Path, write: Write) -> None:
    numbers(write, 2)
    write("script.py", "from perfwright import csv\nprint(csv('numbers.csv').next())\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")],
        cwd="/", env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "{'n': '0'}\n"


def test_a_missing_file_is_told_with_the_nearest_one(write: Write, tmp_path: Path) -> None:
    write("people.csv", "a\n1\n")
    with pytest.raises(DataError, match=r"no file '.*/peple.csv' in .*; did you mean 'people.csv'"):
        csv(tmp_path / "peple.csv")


def test_a_missing_column_is_told_with_the_nearest_one(write: Write) -> None:
    row = csv(write("people.csv", "name,password\nann,x1\n")).next()
    message = "column 'nmae' is not in people.csv: it has name, password; did you mean 'name'?"
    with pytest.raises(MissingColumn) as caught:
        row["nmae"]
    assert str(caught.value) == message
    assert isinstance(caught.value, KeyError)
    assert row.get("nmae") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "data.csv: the file is empty"),
        ("a,b\n", "data.csv: no rows; it needs a header line and at least one row"),
        ("\n\n", "data.csv: no rows"),
        ("a,b\n1,2\n3\n", "data.csv:3: 1 fields where the header has 2: a, b"),
        ("a,b\n1,2\n3,4,5\n", "data.csv:3: 3 fields where the header has 2: a, b"),
        ('a,b\n"1\n1",2\n3\n', "data.csv:4: 1 fields where the header has 2"),
        ('a,b\n1,2\n"3,4\n', "data.csv:3: this row opens a quote that is never closed"),
        ('a,b\n1,2\n"3"x,"4"\n', "data.csv:3: ',' expected after '\"'"),
        (b"a,b\n1,2\n3,\xff\n", "data.csv:3: byte 0xff is not UTF-8"),
        (b"a,\xff\n1,2\n", "data.csv:1: the header cannot be read"),
        ("a,a\n1,2\n", "data.csv:1: the header names column 'a' twice"),
        ("a,\n1,2\n", "data.csv:1: the header has a column without a name"),
    ],
)
def test_a_bad_csv_file_is_refused_before_the_load(
    write: Write, tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        csv(write("data.csv", text)).build_index(tmp_path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "data.jsonl: the file is empty"),
        ("\n", "data.jsonl: no rows; write one JSON object on each line"),
        ('{"a": 1}\n[1]\n', "data.jsonl:2: each line must be a JSON object"),
        (b'{"a": "\xe4"}\n', "data.jsonl:1: byte 0xe4 is not UTF-8"),
    ],
)
def test_a_bad_json_lines_file_is_refused_before_the_load(
    write: Write, tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        jsonl(write("data.jsonl", text)).build_index(tmp_path)
    assert message in str(caught.value)


def test_a_broken_json_line_is_named_when_it_is_reached(write: Write) -> None:
    feeder = jsonl(write("data.jsonl", '{"a": 1}\n{"a": \n'))
    feeder.next()
    with pytest.raises(DataError, match=r"data\.jsonl:2: no JSON: Expecting value"):
        feeder.next()


def test_bad_parquet_is_named(write: Write) -> None:
    with pytest.raises(DataError, match=r"data\.parquet: cannot be read as Parquet"):
        parquet(write("data.parquet", "no parquet")).next()


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([{"a": 1}, 5], "item 1 is 5, not a dict"),
        ([{"a": object()}], "item 0 cannot go to other processes as JSON"),
        ([], "there is not one item"),
    ],
)
def test_bad_items_are_named(items: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        rows(items).next()


def test_rows_refuses_what_is_no_list_of_dicts() -> None:
    with pytest.raises(DataError, match="give dicts"):
        rows({"name": "ann"})  # type: ignore[arg-type]


def test_a_file_that_changed_since_it_was_indexed_is_refused(write: Write, tmp_path: Path) -> None:
    feeder = csv(numbers(write, 3))
    feeder.build_index(tmp_path)
    numbers(write, 5)
    with pytest.raises(DataError, match=r"numbers\.csv has changed since the run began"):
        feeder.attach(tmp_path)
