"""JMeter's CSV results: with a header or none, other delimiters, dates, transactions, bad lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.samples import DATA, read

from perfwright.model.errors import DataError

HEADER = "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,Latency,Connect\n"
NO_ANSWER = "Non HTTP response code: "
USUAL_ROW = "1547676357242,1172,HP-0,200,OK,Group 1-1,text,true,,13630,390,1,1,http://a/,1170,0,704"


def jtl(folder: Path, text: str, name: str = "results.jtl") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_a_row_is_a_request_with_its_phases() -> None:
    request = read(DATA / "jmeter-transactions.csv").requests[1]
    assert request == {
        "started_us": 1547676357242000,
        "step": "HP-0",
        "service_ns": 1_172_000_000,
        "connect_ns": 704_000_000,
        "wait_ns": 466_000_000,
        "receive_ns": 2_000_000,
        "status": 200,
        "bytes_sent": 390,
        "bytes_received": 13630,
        "users": 1,
    }


def test_a_transaction_is_a_group() -> None:
    rows = read(DATA / "jmeter-transactions.csv").rows
    assert [row["step"] for row in rows if row.get("kind") == "group"] == ["HP"]


def test_a_transaction_and_a_request_of_one_name_are_two_steps(tmp_path: Path) -> None:
    request = "1547676357242,7,pay,200,OK,Group 1-1,text,true,,1,1,1,1,http://a/,6,0,0\n"
    message = '"Number of samples in transaction : 1, number of failing samples : 0"'
    group = f"1547676357242,9,pay,200,{message},Group 1-1,,true,,1,1,1,1,null,6,0,0\n"
    found = read(jtl(tmp_path, request + group), tidied=True)
    assert [row["step"] for row in found.requests] == ["pay", "pay (group)"]


def test_a_connection_that_was_kept_has_no_connect_time() -> None:
    assert "connect_ns" not in read(DATA / "jmeter-transactions.csv").one("HP-1")


def test_a_first_row_that_is_garbage_does_not_hide_the_unit_of_the_others(tmp_path: Path) -> None:
    text = HEADER + "soon,7,a,200,OK,true,1,6,0\n1547676357242,7,b,200,OK,true,1,6,0\n"
    found = read(jtl(tmp_path, text))
    assert found.one("b")["started_us"] == 1547676357242000
    assert found.told.bad_lines == 1


def test_without_a_header_the_usual_columns_are_meant(tmp_path: Path) -> None:
    found = read(jtl(tmp_path, f"{USUAL_ROW}\n{USUAL_ROW}\n"))
    assert [row["step"] for row in found.requests] == ["HP-0", "HP-0"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_told_by_the_header(tmp_path: Path, delimiter: str) -> None:
    text = (HEADER + "1000,7,home,200,OK,true,1,6,0\n").replace(",", delimiter)
    assert read(jtl(tmp_path, text)).one("home")["service_ns"] == 7_000_000


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_values(tmp_path: Path) -> None:
    text = "\ufeff" + (HEADER + "1000,7,home,200,OK,true,1,6,5\n").replace("\n", "\r\n")
    assert read(jtl(tmp_path, text)).one("home")["connect_ns"] == 5_000_000


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_several_kinds_are_borne(tmp_path: Path, end: str) -> None:
    good = "1547676357242,7,home,200,OK,true,1,6,0"
    found = read(jtl(tmp_path, f"{HEADER}{good}\n{good}{end}{good}\ngarbage\n{good}\n"))
    assert len(found.requests) == 4
    assert [text for _, text in found.bad] == ["garbage"]


def test_line_ends_in_quotes_are_part_of_the_value(tmp_path: Path) -> None:
    row = '1547676357242,7,home,500,"first\r\nsecond",false,1,6,0\n'
    assert read(jtl(tmp_path, HEADER + row)).one("home")["message"] == "first\r\nsecond"


def test_dates_are_read_as_times() -> None:
    found = read(DATA / "jmeter-dates.csv")
    assert found.requests[0]["started_us"] == 1393227741256000
    assert found.requests[0]["error"] == "http_5xx"


def test_a_name_of_several_lines_becomes_one_line_and_not_too_long() -> None:
    name = read(DATA / "jmeter-multiline.csv", tidied=True).requests[1]["step"]
    assert name.startswith("no such element: Unable to locate element: {")
    assert "\n" not in name
    assert len(name) <= 200


def test_a_huge_name_is_cut_and_counted(tmp_path: Path) -> None:
    row = f"1547676357242,7,{'x' * 50_000},200,OK,true,1,6,0\n"
    found = read(jtl(tmp_path, HEADER + row), tidied=True)
    assert found.extent is not None
    assert found.extent.shortened == 1
    assert found.requests[0]["step"] == "x" * 199 + "…"


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("404", "Not Found", "http_4xx"),
        ("503", "Service Unavailable", "http_5xx"),
        ("200", "OK", "check"),
        (f"{NO_ANSWER}java.net.UnknownHostException", "x", "dns"),
        (f"{NO_ANSWER}java.net.ConnectException", "Connection refused", "connect_refused"),
        (f"{NO_ANSWER}org.apache.http.conn.ConnectTimeoutException", "", "connect_timeout"),
        (f"{NO_ANSWER}java.net.SocketTimeoutException", "Read timed out", "timeout"),
        (f"{NO_ANSWER}javax.net.ssl.SSLException", "x", "tls"),
        (f"{NO_ANSWER}java.net.SocketException", "Connection reset", "reset"),
        (f"{NO_ANSWER}org.apache.http.NoHttpResponseException", "x", "closed_early"),
    ],
)  # fmt: skip
def test_the_kind_of_a_failure_is_told(tmp_path: Path, code: str, message: str, kind: str) -> None:
    file = jtl(tmp_path, f"{HEADER}1000,7,home,{code},{message},false,1,6,0\n")
    assert read(file).one("home")["error"] == kind


def test_bad_lines_are_counted_and_shown_by_their_number(tmp_path: Path) -> None:
    good = "1547676357242,7,home,200,OK,true,1,6,0\n"
    text = HEADER + good + "garbage\n" + good + "1547676357242,NaN,home,200,OK,true,1,6,0\n"
    found = read(jtl(tmp_path, text))
    assert len(found.requests) == 2
    assert found.told.bad_lines == 2
    assert [line for line, _ in found.bad] == [3, 5]
    assert found.bad[0][1] == "garbage"


def test_rows_of_several_lines_do_not_upset_the_numbers(tmp_path: Path) -> None:
    good = '1547676357242,7,"ho\nme",200,OK,true,1,6,0\n'
    for ends in ("\n", "\r\n"):
        text = (HEADER + good * 3 + "garbage\n" + good).replace("\n", ends)
        assert [line for line, _ in read(jtl(tmp_path, text)).bad] == [8]


def test_bad_lines_far_into_a_file_are_shown_by_their_number(tmp_path: Path) -> None:
    good = "1547676357242,7,home,200,OK,true,1,6,0\n"
    found = read(jtl(tmp_path, HEADER + good * 120_000 + "garbage\n" + good * 1000))
    assert len(found.requests) == 121_000
    assert [line for line, _ in found.bad] == [120_002]


def test_bad_lines_of_several_files_are_each_counted_once(tmp_path: Path) -> None:
    one = jtl(tmp_path, HEADER + "garbage\n", "one.jtl")
    two = jtl(tmp_path, HEADER + "1547676357242,7,home,200,OK,true,1,6,0\n", "two.jtl")
    found = read(one, two)
    assert found.told.bad_lines == 1
    assert found.told.examples[0].file == str(one)


def test_a_line_without_end_is_left_out(tmp_path: Path) -> None:
    good = "1547676357242,7,home,200,OK,true,1,6,0\n"
    found = read(jtl(tmp_path, HEADER + good + "9" * 9_000_000 + "\n" + good))
    assert len(found.requests) == 2
    assert [line for line, _ in found.bad] == [3]


@pytest.mark.parametrize(
    "row",
    [
        "-5,7,home,200,OK,true,1,6,0",
        "1547676357242,-7,home,200,OK,true,1,6,0",
        "9223372036854775807,7,home,200,OK,true,1,6,0",
        "1547676357242,9223372036854775807,home,200,OK,true,1,6,0",
    ],
)
def test_senseless_times_are_left_out_and_counted(tmp_path: Path, row: str) -> None:
    good = "1547676357242,7,home,200,OK,true,1,6,0\n"
    found = read(jtl(tmp_path, f"{HEADER}{good}{row}\n"), tidied=True)
    assert found.extent is not None
    assert found.extent.senseless == 1
    assert len(found.requests) == 1


def test_a_clock_that_jumped_by_years_is_an_error(tmp_path: Path) -> None:
    rows = "1547676357242,7,a,200,OK,true,1,6,0\n1047676357242,7,a,200,OK,true,1,6,0\n"
    with pytest.raises(DataError, match="span 5,787 days: a clock jumped"):
        read(jtl(tmp_path, HEADER + rows), tidied=True)


def test_a_header_alone_holds_no_request(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no request that could be read"):
        read(jtl(tmp_path, HEADER), tidied=True)
