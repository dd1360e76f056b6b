"""Readers of files that hold sums and percentiles: k6's summary, Locust, oha, wrk and wrk2."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.results import RESULTS, read_into, summary_of

from perfwright.model.errors import DataError
from perfwright.model.frame import CheckTally
from perfwright.model.histogram import Histogram
from perfwright.model.imported import Imported
from perfwright.sources.results.error_kinds import kind_of_message, kind_of_status
from perfwright.sources.results.heads import head_of
from perfwright.sources.results.recognising import FORMATS, recognise

TOOLS = {
    "k6_handle_summary.json": "k6",
    "k6_summary_export.json": "k6",
    "k6_machine_readable.json": "k6",
    "locust_stats.csv": "Locust",
    "locust_failures.csv": "Locust",
    "locust_stats_history.csv": "Locust",
    "locust_exceptions.csv": "Locust",
    "oha.json": "oha",
    "oha_unanswered.json": "oha",
    "vegeta_report.json": "vegeta",
    "wrk.txt": "wrk",
    "wrk_overloaded.txt": "wrk",
    "wrk2.txt": "wrk2",
    "hyperfine.json": "hyperfine",
    "pytest_benchmark.json": "pytest-benchmark",
    "pytest_benchmark_quartiles.json": "pytest-benchmark",
    "google_benchmark.json": "Google Benchmark",
    "google_benchmark_aggregates.json": "Google Benchmark",
}


def ms(histogram: Histogram, q: float) -> float:
    value = histogram.quantile(q)
    assert value is not None
    return value / 1e6


def read_text(folder: Path, text: str) -> Imported:
    file = folder / "results"
    file.write_text(text)
    with read_into(folder, file) as (imported, _):
        return imported


def edited(folder: Path, name: str, pattern: str, text: str) -> Imported:
    """The file's reading with every match of `pattern` replaced."""
    changed, number = re.subn(pattern, text, (RESULTS / name).read_text())
    assert number
    return read_text(folder, changed)


class TestRecognising:
    @pytest.mark.parametrize(("name", "tool"), TOOLS.items())
    def test_a_file_is_of_one_format_only(self, name: str, tool: str) -> None:
        head = head_of(RESULTS / name)
        assert [one.tool for one in FORMATS if one.recognises(head)] == [tool]

    def test_files_of_two_tools_are_refused(self) -> None:
        with pytest.raises(DataError, match="files of several tools"):
            recognise([RESULTS / "wrk2.txt", RESULTS / "oha.json"])

    def test_two_summaries_are_two_runs(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="a run of its own"):
            summary_of(tmp_path, "oha.json", "oha_unanswered.json")

    @pytest.mark.parametrize("name", ["oha.json", "k6_handle_summary.json", "hyperfine.json"])
    def test_a_document_that_is_cut_short_is_refused(self, tmp_path: Path, name: str) -> None:
        text = (RESULTS / name).read_text()
        with pytest.raises(DataError, match="no whole JSON document"):
            read_text(tmp_path, text[: len(text) * 9 // 10])


class TestK6:
    SHAPES = ("k6_handle_summary.json", "k6_summary_export.json", "k6_machine_readable.json")

    @pytest.mark.parametrize("name", SHAPES)
    def test_every_shape_tells_the_same(self, tmp_path: Path, name: str) -> None:
        summary = summary_of(tmp_path, name)
        step = summary.tally.steps["HTTP requests"]
        assert (step.requests, step.errors, step.bytes_received) == (2507, 0, 9902248)
        assert ms(step.measures["service"], 0.5) == pytest.approx(82.146, rel=0.004)
        assert ms(step.measures["service"], 0.95) == pytest.approx(476.335, rel=0.004)
        assert ms(step.measures["service"], 1) == pytest.approx(923.617, abs=0.001)
        assert ms(step.measures["wait"], 0.9) == pytest.approx(308.236, rel=0.004)
        assert summary.duration_s == pytest.approx(20.05, abs=0.01)
        assert sorted(summary.quantiles) == [0.5, 0.9, 0.95, 1.0]
        assert summary.tally.checks == {"is status 200": CheckTally(passed=2507, failed=0)}
        assert (summary.tally.iterations_completed, summary.tally.users_active) == (2507, 29)

    def test_only_the_newer_schema_knows_when_it_was(self, tmp_path: Path) -> None:
        assert summary_of(tmp_path, self.SHAPES[2]).started_at == "2026-09-06T09:30:00Z"
        assert summary_of(tmp_path, self.SHAPES[0]).started_at == ""

    def test_requests_that_met_expectations_are_a_group(self, tmp_path: Path) -> None:
        step = summary_of(tmp_path, self.SHAPES[0]).tally.steps["expected_response:true"]
        assert (step.kind, step.requests) == ("group", 2507)

    def test_what_passed_as_failed_is_an_error(self, tmp_path: Path) -> None:
        summary = edited(
            tmp_path, self.SHAPES[1], r'"passes": 0,\s+"fails": 2507', '"passes": 7, "fails": 2500'
        ).summary
        assert summary is not None
        step = summary.tally.steps["HTTP requests"]
        assert (step.errors, step.error_kinds) == (7, {"check": 7})

    def test_sub_metrics_are_groups_named_by_their_tag(self, tmp_path: Path) -> None:
        document = json.loads((RESULTS / self.SHAPES[0]).read_text())
        metrics = document["metrics"]
        metrics["http_req_duration{name:login}"] = metrics["http_req_duration"]
        metrics["http_reqs{name:login}"] = {"values": {"count": 40, "rate": 2}}
        metrics["group_duration{group:::buy}"] = metrics["http_req_duration"]
        imported = read_text(tmp_path, json.dumps(document))
        assert imported.summary is not None
        steps = imported.summary.tally.steps
        assert (steps["login"].kind, steps["login"].requests) == ("group", 40)
        assert (steps["buy"].kind, steps["buy"].requests) == ("group", 0)
        assert ms(steps["buy"].measures["service"], 0.95) == pytest.approx(476.3, rel=0.004)
        assert any("did not tell how many requests these had" in note for note in imported.notes)

    def test_checks_of_groups_are_told_apart(self, tmp_path: Path) -> None:
        document = json.loads((RESULTS / self.SHAPES[0]).read_text())
        root = document["root_group"]
        root["groups"] = [{"name": "login", "groups": [], "checks": root["checks"]}]
        imported = read_text(tmp_path, json.dumps(document))
        assert imported.summary is not None
        assert list(imported.summary.tally.checks) == ["is status 200", "login › is status 200"]

    def test_a_script_without_http_is_measured_by_iteration(self, tmp_path: Path) -> None:
        document = json.loads((RESULTS / self.SHAPES[0]).read_text())
        kept = {k: v for k, v in document["metrics"].items() if k.startswith("iteration")}
        imported = read_text(tmp_path, json.dumps({**document, "metrics": kept}))
        assert imported.summary is not None
        step = imported.summary.tally.steps["iteration"]
        assert (step.kind, step.requests) == ("call", 2507)


class TestOha:
    def test_what_the_end_cut_short_is_no_error(self, tmp_path: Path) -> None:
        summary = summary_of(tmp_path, "oha.json")
        (step,) = summary.tally.steps.values()
        assert (step.requests, step.errors, step.statuses) == (21636, 0, {"200": 21636})
        assert summary.tally.requests_interrupted == 9
        assert ms(step.measures["service"], 0.99) == pytest.approx(31.0088, rel=0.004)
        assert ms(step.measures["service"], 0.9999) == pytest.approx(213.68, rel=0.004)
        assert step.measures["service"].mean() == pytest.approx(1378558.9, abs=1)
        assert summary.duration_s == 3.003860875

    def test_errors_have_kinds_and_messages(self, tmp_path: Path) -> None:
        counts = (
            '"statusCodeDistribution": {"200": 90, "503": 6},'
            '"errorDistribution": {"Connection refused (os error 111)": 4}}'
        )
        summary = edited(tmp_path, "oha.json", r'"statusCode.*', counts).summary
        assert summary is not None
        (step,) = summary.tally.steps.values()
        assert (step.requests, step.errors) == (100, 10)
        assert step.error_kinds == {"http_5xx": 6, "connect_refused": 4}
        assert [one.message for one in summary.tally.exemplars] == [
            "Connection refused (os error 111)"
        ]

    def test_a_run_without_an_answer_has_no_times(self, tmp_path: Path) -> None:
        (step,) = summary_of(tmp_path, "oha_unanswered.json").tally.steps.values()
        assert (step.requests, step.measures["service"].count) == (0, 0)


class TestWrk:
    def test_percentiles_and_rate_are_read(self, tmp_path: Path) -> None:
        text = (RESULTS / "wrk.txt").read_text()
        summary = summary_of(tmp_path, "wrk.txt")
        (step,) = summary.tally.steps.values()
        answered = re.search(r"(\d+) requests in", text)
        rate = re.search(r"Requests/sec: +([\d.]+)", text)
        assert answered is not None
        assert rate is not None
        assert (step.requests, step.errors) == (int(answered[1]), 0)
        assert step.requests / summary.duration_s == pytest.approx(float(rate[1]))
        assert set(summary.quantiles) == {0.5, 0.75, 0.9, 0.99, 1.0}

    def test_socket_errors_have_kinds(self, tmp_path: Path) -> None:
        summary = summary_of(tmp_path, "wrk_overloaded.txt")
        step = summary.tally.steps["/api"]
        assert step.requests == 323 + 88542
        assert step.error_kinds == {"connect_failed": 88542, "timeout": 292}
        assert ms(step.measures["service"], 0.5) == pytest.approx(6320, rel=0.004)
        assert summary.duration_s == 300

    def test_without_latency_the_mean_is_all(self, tmp_path: Path) -> None:
        text = re.sub(r"  Latency Distr[^/]*(?=  323 requests)", "",
                      (RESULTS / "wrk_overloaded.txt").read_text())  # fmt: skip
        summary = read_text(tmp_path, text).summary
        assert summary is not None
        assert summary.quantiles == (1.0,)
        mean = summary.tally.steps["/api"].measures["service"].mean()
        assert mean == pytest.approx(5.87e9)

    def test_several_outputs_are_one_run(self, tmp_path: Path) -> None:
        text = (RESULTS / "wrk_overloaded.txt").read_text()
        summary = read_text(tmp_path, text + text.replace("/api", "/other")).summary
        assert summary is not None
        assert (list(summary.tally.steps), summary.duration_s) == (["/api", "/other"], 600)

    def test_what_was_interrupted_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cut short"):
            read_text(tmp_path, "Running 30s test @ http://127.0.0.1/\n  2 threads\n")


class TestWrk2:
    def test_its_times_count_from_when_a_request_was_due(self, tmp_path: Path) -> None:
        with read_into(tmp_path, RESULTS / "wrk2.txt") as (imported, _):
            pass
        assert imported.knows_intended_start
        assert any("was due" in note for note in imported.notes)
        assert imported.summary is not None
        step = imported.summary.tally.steps["/index.html"]
        assert list(step.measures) == ["response"]
        assert step.requests == 60018
        times = step.measures["response"]
        assert (times.count, times.maximum, times.mean()) == (39500, 12_496_000, 6_602_000)
        assert ms(times, 0.95) == pytest.approx(10.015, rel=0.004)
        assert ms(times, 0.99) == pytest.approx(11.18, rel=0.004)

    def test_the_uncorrected_spectrum_is_service_time(self, tmp_path: Path) -> None:
        text = (RESULTS / "wrk2.txt").read_text()
        spectrum = text[text.index("  Latency Distribution") : text.index("-----")]
        uncorrected = spectrum.replace(
            "Recorded Latency", "Uncorrected Latency (measured without taking delayed starts)"
        ).replace("6.602", "1.250")
        summary = read_text(tmp_path, text.replace("-----\n", f"-----\n\n{uncorrected}", 1)).summary
        assert summary is not None
        measures = summary.tally.steps["/index.html"].measures
        assert measures["service"].mean() == 1_250_000
        assert measures["response"].mean() == 6_602_000


@pytest.mark.parametrize(
    ("message", "kind"),
    {
        "HTTPError('429 Client Error: Too Many Requests for url: /x')": "http_4xx",
        "BadStatusCode('http://a/', code=503)": "http_5xx",
        "ConnectionRefusedError(111, 'Connection refused')": "connect_refused",
        "RemoteDisconnected('Remote end closed connection without response')": "closed_early",
        "ConnectionResetError(104, 'Connection reset by peer')": "reset",
        "ConnectTimeout()": "connect_timeout",
        "operation timed out": "timeout",
        "gaierror(-2, 'Name or service not known')": "dns",
        "certificate verify failed": "tls",
        "KeyError('token')": "exception",
    }.items(),
)
def test_messages_tell_the_kind_of_an_error(message: str, kind: str) -> None:
    assert kind_of_message(message) == kind


def test_statuses_tell_the_kind_of_an_error() -> None:
    assert [kind_of_status(status) for status in (200, 304, 404, 503)] == [
        None, None, "http_4xx", "http_5xx",
    ]  # fmt: skip


class TestVegetaReport:
    def test_figures_are_those_of_the_file(self, tmp_path: Path) -> None:
        document = json.loads((RESULTS / "vegeta_report.json").read_text())
        summary = summary_of(tmp_path, "vegeta_report.json")
        (step,) = summary.tally.steps.values()
        times = step.measures["service"]
        assert step.requests == document["requests"]
        assert step.statuses == {"200": 20, "500": 20}
        assert step.error_kinds == {"connect_refused": 20, "http_5xx": 20}
        assert times.maximum == document["latencies"]["max"]
        assert times.quantile(0.95) == pytest.approx(document["latencies"]["95th"], rel=0.004)
        assert summary.quantiles == (0.5, 0.9, 0.95, 0.99, 1.0)
        assert summary.started_at == document["earliest"][:19] + "Z"
        assert summary.duration_s == (document["duration"] + document["wait"]) / 1e9
        assert len(summary.tally.exemplars) == len(document["errors"])
