"""Which format a file has: the first that recognises its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perfwright.model.errors import DataError
from perfwright.sources.results.gatling_log import GatlingLog, GatlingOther
from perfwright.sources.results.google_benchmark import GoogleBenchmark
from perfwright.sources.results.heads import Head, head_of
from perfwright.sources.results.hey_csv import HeyCsv
from perfwright.sources.results.hyperfine import Hyperfine
from perfwright.sources.results.jmeter_csv import JMeterCsv
from perfwright.sources.results.jmeter_xml import JMeterXml
from perfwright.sources.results.k6_csv import K6Csv
from perfwright.sources.results.k6_ndjson import K6Ndjson
from perfwright.sources.results.k6_summary import K6Summary
from perfwright.sources.results.loadrunner_csv import LoadRunnerCsv
from perfwright.sources.results.locust import Locust
from perfwright.sources.results.oha import OhaJson
from perfwright.sources.results.pytest_benchmark import PytestBenchmark
from perfwright.sources.results.result_format import ResultFormat
from perfwright.sources.results.vegeta_json import VegetaJson
from perfwright.sources.results.vegeta_report import VegetaReport
from perfwright.sources.results.wrk import Wrk, Wrk2

FORMATS: tuple[ResultFormat, ...] = (
    JMeterXml(),
    GatlingLog(),
    GatlingOther(),
    K6Ndjson(),
    VegetaJson(),
    K6Csv(),
    HeyCsv(),
    LoadRunnerCsv(),
    JMeterCsv(),
    Locust(),
    K6Summary(),
    OhaJson(),
    VegetaReport(),
    Wrk2(),
    Wrk(),
    PytestBenchmark(),
    GoogleBenchmark(),
    Hyperfine(),
)
"""Asked in this order: the more a format demands, the earlier it comes."""


def recognise(files: Sequence[Path]) -> ResultFormat:
    """The one format that all files have. DataError: it is not known, or they differ."""
    found = [_format_of(head_of(file)) for file in files]
    if len({one.name for one in found}) > 1:
        told = ", ".join(f"{file} ({one.name})" for file, one in zip(files, found, strict=True))
        raise DataError(
            f"import: files of several tools or formats: {told}; import each on its own"
        )
    return found[0]


def _format_of(head: Head) -> ResultFormat:
    for one in FORMATS:
        if one.recognises(head):
            return one
    known = ", ".join(one.name for one in FORMATS)
    raise DataError(
        f"import: {head.path} is of no known format; it begins {head.first_line[:80]!r}, and these"
        f" are known: {known}; any other CSV file can be imported with --map"
    )
