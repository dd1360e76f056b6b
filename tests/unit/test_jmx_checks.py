"""JMeter's extractors and assertions become extractions and checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.jmx import collection, element, only_call, prop, read, sampler, thread_group

from perfwright.model.journey import Expectation, Extraction

EXTRACTORS = [
    (element("JSONPostProcessor", "e", prop("JSONPostProcessor.referenceNames", "a;b"),
             prop("JSONPostProcessor.jsonPathExprs", "$.x[0]['y/z'];$..token")),
     [Extraction("a", "json", "/x/0/y~1z"), Extraction("b", "regex",
      r'"token"\s*:\s*"?([^",}\]\s]+)')]),
    (element("RegexExtractor", "e", prop("RegexExtractor.refname", "a"),
             prop("RegexExtractor.regex", r"(x|y)=(\d+)"), prop("RegexExtractor.template", "$2$")),
     [Extraction("a", "regex", r"(?:x|y)=(\d+)")]),
    (element("RegexExtractor", "e", prop("RegexExtractor.refname", "a"),
             prop("RegexExtractor.useHeaders", "true"),
             prop("RegexExtractor.regex", r"Location: (.+)")),
     [Extraction("a", "header", "Location")]),
    (element("RegexExtractor", "e", prop("RegexExtractor.refname", "a"),
             prop("RegexExtractor.useHeaders", "true"),
             prop("RegexExtractor.regex", "Set-Cookie: sid=([^;]+);")),
     [Extraction("a", "cookie", "sid")]),
    (element("RegexExtractor", "e", prop("RegexExtractor.refname", "a"),
             prop("RegexExtractor.useHeaders", "true"),
             prop("RegexExtractor.regex", r"Location: .*/orders/(\d+)")),
     [Extraction("a", "header", "Location", r".*/orders/(\d+)")]),
    (element("RegexExtractor", "e", prop("RegexExtractor.refname", "a"),
             prop("RegexExtractor.useHeaders", "URL"),
             prop("RegexExtractor.regex", "code=([^&]+)")),
     [Extraction("a", "url", "code=([^&]+)")]),
    (element("BoundaryExtractor", "e", prop("BoundaryExtractor.refname", "a"),
             prop("BoundaryExtractor.lboundary", "["), prop("BoundaryExtractor.rboundary", "]")),
     [Extraction("a", "regex", r"(?s)\[(.*?)\]")]),
    (element("HtmlExtractor", "e", prop("HtmlExtractor.refname", "a"),
             prop("HtmlExtractor.expr", "input[name=csrf]"),
             prop("HtmlExtractor.attribute", "value")),
     [Extraction("a", "regex", "<input\\b(?=[^>]*\\bname\\s*=\\s*[\"']?csrf[\"'\\s/>])[^>]*"
                 "\\bvalue\\s*=\\s*[\"']([^\"']*)")]),
]  # fmt: skip


@pytest.mark.parametrize(("extractor", "expected"), EXTRACTORS)
def test_extractors_become_extractions(
    tmp_path: Path, extractor: str, expected: list[Extraction]
) -> None:
    draft = read(tmp_path, thread_group(sampler("/a", extractor)))
    assert list(only_call(draft).extracts) == expected


def response(pattern: str, kind: int, field: str = "Assertion.response_data") -> str:
    return element(
        "ResponseAssertion",
        "check",
        collection("Asserion.test_strings", prop("1", pattern)),
        prop("Assertion.test_field", field),
        prop("Assertion.test_type", kind, "intProp"),
    )


ASSERTIONS = [
    (response("200", 8, "Assertion.response_code"), Expectation("check", "status", (200,))),
    (response("200|404", 1, "Assertion.response_code"),
     Expectation("check", "status", (200, 404))),
    (response("all (well)", 16), Expectation("check", "contains", ("all (well)",))),
    (response("a.c", 2), Expectation("check", "matches", ("a.c",))),
    (response("a.c", 1), Expectation("check", "matches", (r"\A(?:a.c)\Z",))),
    (response("error", 2 | 4), Expectation("check", "matches", (r"\A(?!(?s:.)*(?:error))",))),
    (element("DurationAssertion", "check", prop("DurationAssertion.duration", 250)),
     Expectation("check", "within_ms", (250.0,))),
    (element("JSONPathAssertion", "check", prop("JSON_PATH", "$.a.b"),
             prop("EXPECTED_VALUE", "7"), prop("JSONVALIDATION", True, "boolProp")),
     Expectation("check", "json_equals", ("/a/b", 7))),
]  # fmt: skip


@pytest.mark.parametrize(("assertion", "expected"), ASSERTIONS)
def test_assertions_become_expectations(
    tmp_path: Path, assertion: str, expected: Expectation
) -> None:
    draft = read(tmp_path, thread_group(sampler("/a", assertion)))
    assert only_call(draft).expects == (expected,)


def test_an_expected_failure_is_no_error(tmp_path: Path) -> None:
    missing = response("404", 8, "Assertion.response_code")
    assert only_call(read(tmp_path, thread_group(sampler("/a", missing)))).statuses == (404,)
