"""CSV files whose columns are told by a mapping: its grammar, and what the rows come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.samples import Read, read

from perfwright.model.errors import DataError, UsageError
from perfwright.sources.results.mapped_csv import MappedCsv
from perfwright.sources.results.mapping import MappedColumn, parse_mapping

MAPPING = "started=ts,elapsed_ms=duration,step=label,error=failed"
FIRST_US = 1_700_000_000_000_000


def mapped(folder: Path, mapping: str, text: str) -> Read:
    file = folder / "requests.csv"
    file.write_text(text)
    return read(file, by=MappedCsv(parse_mapping(mapping)))


def test_a_mapping_names_columns_by_field() -> None:
    assert parse_mapping("started=ts, elapsed_ms = how long,step=label") == {
        "started": MappedColumn(name="ts"),
        "elapsed": MappedColumn(name="how long", unit="ms"),
        "step": MappedColumn(name="label"),
    }


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ("started=ts", "how long they took"),
        ("elapsed_ms=d,step=s", "when requests started"),
        ("started=ts,elapsed=d", "'elapsed' needs its unit"),
        ("started=ts,elapsed_h=d", "'elapsed_h' is no field; there are started"),
        ("started=ts,elapsed_ms=", "names no column"),
        ("started=ts,elapsed_ms=d,elapsed_s=e", "'elapsed' is given twice"),
        ("nonsense", "'nonsense' is no field"),
    ],
)
def test_a_mapping_that_means_nothing_is_an_error_with_a_remedy(mapping: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        parse_mapping(mapping)


def test_an_unknown_column_is_an_error_that_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'label'; it has ts, duration, name"):
        mapped(tmp_path, MAPPING, "ts,duration,name\n1,2,a\n")


def test_rows_are_requests(tmp_path: Path) -> None:
    found = mapped(
        tmp_path, MAPPING,
        "ts,duration,label,failed\n1700000000,12.5,pay,0\n1700000001,7,pay,true\n",
    )  # fmt: skip
    assert [(row["started_us"], row["service_ns"], row.get("error")) for row in found.rows] == [
        (FIRST_US, 12_500_000, None),
        (FIRST_US + 1_000_000, 7_000_000, "check"),
    ]


@pytest.mark.parametrize(
    "started",
    [
        "1700000000", "1700000000000", "1700000000000000", "1700000000000000000",
        "2023-11-14T22:13:20Z", "2023-11-14T23:13:20+01:00", "2023-11-14 22:13:20",
    ],
)  # fmt: skip
def test_the_unit_of_an_instant_is_told_by_its_form(tmp_path: Path, started: str) -> None:
    found = mapped(tmp_path, "started=t,elapsed_s=d", f"t,d\n{started},1\n")
    assert found.rows[0]["started_us"] == FIRST_US
    assert found.rows[0]["step"] == "all requests"


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ("ended=t,elapsed_s=d", "t,d\n1700000002.5,2.5\n"),
        ("started_ms=t,elapsed_us=d", "t,d\n1700000000000,2500000\n"),
        ("started=t,elapsed_ns=d", "t;d\n1700000000;2500000000\n"),
    ],
)
def test_units_and_ends_are_as_the_mapping_says(tmp_path: Path, mapping: str, text: str) -> None:
    row = mapped(tmp_path, mapping, text).rows[0]
    assert (row["started_us"], row["service_ns"]) == (FIRST_US, 2_500_000_000)


@pytest.mark.parametrize(
    ("extra", "header", "values", "expected"),
    [
        ("success=ok", "ok", "yes", None),
        ("success=ok", "ok", "Fail", "check"),
        ("status=code", "code", "404", "http_4xx"),
        ("status=code,error=e", "code,e", "500,", None),
        ("error=e,message=m", "e,m", "1,connection refused", "connect_refused"),
    ],
)
def test_failures_are_told_by_what_is_mapped(
    tmp_path: Path, extra: str, header: str, values: str, expected: Any
) -> None:
    text = f"t,d,{header}\n1700000000,1,{values}\n"
    assert mapped(tmp_path, f"started=t,elapsed_s=d,{extra}", text).rows[0].get("error") == expected


def test_an_intended_start_makes_the_response_time(tmp_path: Path) -> None:
    found = mapped(
        tmp_path, "started=t,intended=i,elapsed_ms=d", "t,i,d\n1700000000.5,1700000000.25,10\n"
    )
    assert found.told.knows_intended_start
    assert found.rows[0]["response_ns"] == 260_000_000
    assert found.rows[0]["service_ns"] == 10_000_000


def test_phases_and_sizes_can_be_mapped(tmp_path: Path) -> None:
    row = mapped(
        tmp_path,
        "started=t,elapsed_ms=d,wait_ms=w,bytes_received=b,users=u,url=a",
        "t,d,w,b,u,a\n1700000000,10,8,512,3,http://h/items/7\n",
    ).rows[0]
    assert (row["wait_ns"], row["bytes_received"], row["users"]) == (8_000_000, 512, 3)
    assert row["step"] == "GET /items/{id}"


def test_numbers_that_are_none_are_bad_lines(tmp_path: Path) -> None:
    found = mapped(tmp_path, "started=t,elapsed_s=d", "t,d\n1700000000,1\nsoon,1\n1700000000,NaN\n")
    assert len(found.rows) == 1
    assert [line for line, _ in found.bad] == [3, 4]


def test_of_columns_of_one_name_the_first_has_it(tmp_path: Path) -> None:
    row = mapped(tmp_path, "started=t,elapsed_s=d", "t,d,d,\n1700000000,2,3,\n").rows[0]
    assert row["service_ns"] == 2_000_000_000
