"""JMeter's XML results: nesting, failures, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.samples import DATA, read

from perfwright.model.errors import DataError
from perfwright.sources.results.jmeter_xml import JMeterXml

OPENS = '<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n'
SAMPLE = '<httpSample t="7" lt="6" ct="2" ts="1298457003722" s="true" lb="home" rc="200" by="5"/>\n'


def jtl(folder: Path, text: str) -> Path:
    file = folder / "results.jtl"
    file.write_text(text)
    return file


def test_samples_are_requests() -> None:
    found = read(DATA / "jmeter.xml")
    assert [(row["step"], row["service_ns"]) for row in found.rows] == [
        ("Home", 645_000_000),
        ("Home", 449_000_000),
        ("Workgroup", 342_000_000),
    ]
    assert found.told.bad_lines == 0


def test_a_sample_that_holds_samples_is_a_group_and_they_are_requests() -> None:
    group, request = read(DATA / "jmeter-transaction.xml").rows
    assert (group["step"], group["kind"]) == ("Home Page", "group")
    assert request["step"] == "/Home.aspx"
    assert "kind" not in request


def test_a_transaction_cut_short_by_the_end_is_still_a_group(tmp_path: Path) -> None:
    whole = f'<sample t="9" ts="1298457003720" s="true" lb="trip">{SAMPLE}</sample>'
    cut = (
        '<sample t="0" ts="1298457003799" s="true" lb="trip" rc="" rm="" tn="g 1-3" dt="" by="0"/>'
    )
    rows = read(jtl(tmp_path, f"{OPENS}{whole}{cut}</testResults>")).rows
    assert [row.get("kind") for row in rows if row["step"] == "trip"] == ["group", "group"]


def test_redirects_of_a_request_are_part_of_it(tmp_path: Path) -> None:
    text = f'{OPENS}<httpSample t="9" ts="1298457003722" s="true" lb="all">{SAMPLE}</httpSample>'
    found = read(jtl(tmp_path, f"{text}</testResults>"))
    assert [row["step"] for row in found.rows] == ["all"]
    assert found.told.notes == ("Redirects and embedded resources, parts of requests: 1",)


def test_a_failure_tells_its_assertion_and_its_address(tmp_path: Path) -> None:
    text = (
        f'{OPENS}<httpSample t="9" ts="1298457003722" s="false" lb="pay" rc="200" rm="OK">'
        "<assertionResult><name>n</name><failure>true</failure>"
        "<failureMessage>expected &quot;paid&quot;</failureMessage></assertionResult>"
        "<responseData class='java.lang.String'>a very long page</responseData>"
        "<java.net.URL>http://shop/pay</java.net.URL></httpSample></testResults>"
    )
    failed = read(jtl(tmp_path, text)).one("pay")
    assert failed["error"] == "check"
    assert failed["message"] == 'expected "paid"'
    assert failed["url"] == "http://shop/pay"


def test_blank_lines_before_the_xml_are_borne(tmp_path: Path) -> None:
    assert len(read(jtl(tmp_path, f"\n \n{OPENS}{SAMPLE}</testResults>")).rows) == 1


def test_a_file_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    found = read(jtl(tmp_path, OPENS + SAMPLE + SAMPLE + '<httpSample t="7" l'))
    assert len(found.rows) == 2
    assert found.told.bad_lines == 1
    assert found.told.examples[0].line == 5
    assert "what follows was not read" in found.told.examples[0].why


def test_a_sample_without_a_time_is_told_by_its_line(tmp_path: Path) -> None:
    bad = '<httpSample t="NaN" ts="1298457003722" lb="odd"/>\n'
    found = read(jtl(tmp_path, f"{OPENS}{SAMPLE}{bad}{SAMPLE}</testResults>"))
    assert len(found.rows) == 2
    assert [(bad.line, bad.why) for bad in found.told.examples] == [(4, "has no start or no time")]


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
    ids=["bomb", "file", "address"],
)
def test_a_document_type_is_refused(tmp_path: Path, declared: str) -> None:
    text = OPENS.replace("<testResults", f"{declared}<testResults") + SAMPLE + "</testResults>"
    with pytest.raises(DataError, match="declares a document type"):
        read(jtl(tmp_path, text), by=JMeterXml())


def test_elements_nested_without_end_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="more than 200 deep"):
        read(jtl(tmp_path, OPENS + "<sample>" * 10_000))


def test_a_tag_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a single tag of more than 16 MB"):
        read(jtl(tmp_path, f'{OPENS}<httpSample lb="{"x" * 20_000_000}'))
