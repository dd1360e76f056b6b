"""Gatling's simulation.log: each version's fields, users, failures, and logs that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.samples import DATA, read

from perfwright.model.errors import DataError

RUN = "RUN\tsim.Shop\tshop\t1693898386165\t \t{version}\n"


def log(folder: Path, version: str, *records: str) -> Path:
    file = folder / "simulation.log"
    file.write_text(RUN.format(version=version) + "".join(f"{record}\n" for record in records))
    return file


@pytest.mark.parametrize(
    ("file", "steps"),
    [
        ("gatling-2.2.log", ["/", "/", "/", "/"]),
        (
            "gatling-3.9.log",
            ["request_0", "request_1", "request_0", "request_1", "styles.css", "Données.jpg"],
        ),
    ],
)
def test_requests_are_read(file: str, steps: list[str]) -> None:
    found = read(DATA / file)
    assert [row["step"] for row in found.requests] == steps
    assert found.told.bad_lines == 0


@pytest.mark.parametrize(
    ("version", "lead"), [("2.3.0", "shop\t1\t"), ("3.3.1", "1\t"), ("3.10.3", "")]
)
def test_every_version_says_the_same(tmp_path: Path, version: str, lead: str) -> None:
    found = read(
        log(
            tmp_path,
            version,
            f"REQUEST\t{lead}checkout,pay\tcard\t1693898387000\t1693898387040\tOK\t ",
            f"GROUP\t{lead}checkout,pay\t1693898387000\t1693898387090\t40\tKO",
        )
    )
    assert found.one("checkout / pay / card")["service_ns"] == 40_000_000
    group = found.one("checkout / pay")
    assert (group["kind"], group["service_ns"], group["error"]) == ("group", 90_000_000, "check")
    assert found.told.bad_lines == 0


@pytest.mark.parametrize(
    ("message", "kind", "status"),
    [
        ("status.find.in(200,201), but actually found 404", "http_4xx", 404),
        ("status.find.is(200), found 503", "http_5xx", 503),
        ("status.find.is(201), but actually found 200", "check", 200),
        ("i.g.h.c.i.RequestTimeoutException: Request timeout to a/1.2.3.4:80", "timeout", None),
        ("j.n.ConnectException: Connection refused", "connect_refused", None),
        ("j.n.UnknownHostException: nowhere", "dns", None),
        ("j.i.IOException: Premature close", "closed_early", None),
        ("jsonPath($.id).find.exists, found nothing", "check", None),
    ],
)
def test_the_kind_of_a_failure_is_told(
    tmp_path: Path, message: str, kind: str, status: int | None
) -> None:
    record = f"REQUEST\t\tget\t1693898387000\t1693898387040\tKO\t{message}"
    failed = read(log(tmp_path, "3.9.5", record)).one("get")
    assert (failed["error"], failed.get("status")) == (kind, status)
    assert failed["message"] == message


def test_users_that_come_and_go_are_counted() -> None:
    users = [row["users"] for row in read(DATA / "gatling-2.2.log").rows if "users" in row]
    assert users == [1, 2, 1, 0]


def test_records_of_other_kinds_are_no_bad_lines(tmp_path: Path) -> None:
    found = read(
        log(
            tmp_path,
            "3.9.5",
            "REQUEST\t\tget\t1693898387000\t1693898387040\tOK\t ",
            "ERROR\tNo attribute named 'id' is defined\t1693898387000",
            "ASSERTION\tAAECAAIBBA",
        )
    )
    assert found.told.bad_lines == 0


def test_records_with_fields_that_do_not_fit_are_shown_by_their_number(tmp_path: Path) -> None:
    found = read(
        log(
            tmp_path,
            "3.9.5",
            "REQUEST\t\tget\t1693898387000\t1693898387040\tOK\t ",
            "REQUEST\t\tget\t1693898387000",
            "REQUEST\t\tget\tsoon\t1693898387040\tOK\t ",
            "SURPRISE\t1",
        )
    )
    assert len(found.requests) == 1
    assert [line for line, _ in found.bad] == [3, 4, 5]


def test_assertions_may_stand_before_the_run(tmp_path: Path) -> None:
    file = log(tmp_path, "3.3.1", "REQUEST\t1\t\tget\t1693898387000\t1693898387040\tOK\t ")
    file.write_text(f"ASSERTION\tAAECAAIBBA\n{file.read_text()}")
    assert len(read(file).requests) == 1


def test_a_binary_log_is_refused_with_a_remedy(tmp_path: Path) -> None:
    file = tmp_path / "simulation.log"
    begins = b"\x00\x00\x00\x00\x063.13.5\x00\x00\x00\x00\x08sim.Shop\x00"
    file.write_bytes(begins + bytes(range(256)))
    with pytest.raises(DataError, match=r"binary log of Gatling 3\.13\.5.*3\.12.*--map"):
        read(file)


def test_a_log_of_old_is_refused_with_a_remedy(tmp_path: Path) -> None:
    file = tmp_path / "simulation.log"
    file.write_text("mytest.BasicSimulation\tgatling-bzt\tRUN\t1452080822956\t \t2.0\n")
    with pytest.raises(DataError, match=r"before 2\.2.*--map"):
        read(file)
