"""k6's end-of-test summary: what `handleSummary` got, `--summary-export`, and the newer schema.

    handleSummary        metrics.http_reqs.values.count    root_group.checks[]    state.…DurationMs
    --summary-export     metrics.http_reqs.count           root_group.checks{}    no duration
    machine-readable     results.metrics[].values.count    results.checks.results[]  config.duration

https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/. Trends are in ms. Of
`http_req_failed`, `passes` (`matches`) counts what failed. k6's `http_req_duration` goes from the
first byte sent to the last received: service time. Sub-metrics (`…{name:login}`) overlap, so they
are groups, which count in no total; k6 has them only where the script sets a threshold on them.
Connect and handshake times are left aside: they count kept connections as 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.frame import CheckTally, StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.imported import Imported, Summary
from perfwright.model.units import NS_PER_MS
from perfwright.sources.results.documents import (
    Document,
    document_of,
    iso,
    mapping,
    mappings,
    moment_of,
    number,
    share,
    whole,
)
from perfwright.sources.results.heads import Head
from perfwright.sources.results.one_file import the_only

if TYPE_CHECKING:
    import duckdb

Metrics = Mapping[str, Document]
"""The values of each metric, by its name."""

_HTTP, _DURATION, _ITERATION = "http_reqs", "http_req_duration", "iteration_duration"
_MARKS = ('"http_reqs', '"http_req_duration', '"iteration_duration"', '"root_group"')
_PHASES = {"send": "http_req_sending", "wait": "http_req_waiting", "receive": "http_req_receiving"}
_TAGGED = re.compile(r"(?P<metric>\w+)\{(?P<tags>.+)\}")
_PERCENTILE = re.compile(r"p\(?(\d+(?:\.\d+)?)\)?")
_UNCOUNTED = 1000
"""How many values stand for a sub-metric of which k6 tells no count: enough for its percentiles."""


class K6Summary:
    tool = "k6"
    name = "k6 summary (JSON)"

    def recognises(self, head: Head) -> bool:
        text = head.text
        is_document = text.lstrip().startswith("{") and '"metrics"' in text
        return is_document and any(mark in text for mark in _MARKS) and '"Point"' not in text

    def read(self, files: Sequence[Path], _into: duckdb.DuckDBPyConnection) -> Imported:
        file = the_only(files, self.name)
        document = document_of(file)
        metrics = _metrics_of(document)
        if _HTTP not in metrics and _ITERATION not in metrics:
            raise DataError(f"import: {file} tells of no request and no iteration")
        duration_s = _duration_s(document, metrics)
        tally, uncounted = _tally_of(document, metrics)
        main = metrics.get(_DURATION) or metrics.get(_ITERATION, {})
        summary = Summary(
            duration_s=duration_s,
            tally=tally,
            quantiles=tuple(_quantiles(main)),
            started_at=_started_at(document, duration_s),
        )
        return Imported(summary=summary, notes=tuple(_notes(tally, uncounted)))


def _metrics_of(document: Document) -> Metrics:
    results = mapping(document.get("results"))
    if results:
        listed = mappings(results.get("metrics"))
        return {str(one.get("name")): mapping(one.get("values")) for one in listed}
    metrics = mapping(document.get("metrics"))
    return {name: mapping(mapping(one).get("values", one)) for name, one in metrics.items()}


def _duration_s(document: Document, metrics: Metrics) -> float:
    """As told, else from a count and its rate; 0 where the file has neither."""
    told_ms = number(mapping(document.get("state")).get("testRunDurationMs"))
    if told_ms is not None:
        return told_ms / 1e3
    told_s = number(mapping(document.get("config")).get("duration"))
    if told_s is not None:
        return told_s
    for name in (_HTTP, "iterations"):
        counted = metrics.get(name, {})
        count, rate = number(counted.get("count")), number(counted.get("rate"))
        if count and rate:
            return count / rate
    return 0.0


def _started_at(document: Document, duration_s: float) -> str:
    """Only the newer schema has a clock."""
    ended = moment_of(mapping(document.get("metadata")).get("generatedAt"))
    return iso(ended - timedelta(seconds=duration_s)) if ended else ""


def _tally_of(document: Document, metrics: Metrics) -> tuple[Tally, list[str]]:
    """Everything counted, and the steps of which k6 told no count."""
    tally = Tally(
        checks=_checks_of(document),
        iterations_completed=whole(metrics.get("iterations", {}).get("count")),
        dropped=whole(metrics.get("dropped_iterations", {}).get("count")),
        users_active=whole(metrics.get("vus", {}).get("max")),
    )
    tally.iterations_started = tally.iterations_completed
    if _HTTP in metrics:
        tally.steps["HTTP requests"] = _all_requests(metrics)
    else:
        count = tally.iterations_completed
        times = _trend(metrics[_ITERATION], count)
        tally.steps["iteration"] = StepTally(
            kind="call", requests=count, measures={"service": times}
        )
    uncounted = []
    for name, values in metrics.items():
        tagged = _TAGGED.fullmatch(name)
        if tagged is not None and tagged["metric"] in (_DURATION, "group_duration"):
            step = _step_name(tagged["metric"], tagged["tags"])
            tally.steps[step] = _part(metrics, tagged["metric"], tagged["tags"], values)
            if not tally.steps[step].requests:
                uncounted.append(step)
    return tally, uncounted


def _all_requests(metrics: Metrics) -> StepTally:
    requests = whole(metrics[_HTTP].get("count"))
    failed = min(requests, _failed(metrics.get("http_req_failed", {}), requests))
    measures = {"service": _trend(metrics.get(_DURATION, {}), requests)}
    for phase, name in _PHASES.items():
        if name in metrics:
            measures[phase] = _trend(metrics[name], requests)
    return StepTally(
        requests=requests,
        errors=failed,
        error_kinds={"check": failed} if failed else {},
        bytes_sent=whole(metrics.get("data_sent", {}).get("count")),
        bytes_received=whole(metrics.get("data_received", {}).get("count")),
        measures=measures,
    )


def _part(metrics: Metrics, metric: str, tags: str, values: Document) -> StepTally:
    """A sub-metric, with its count where another sub-metric of the same tags tells it."""
    failures = metrics.get(f"http_req_failed{{{tags}}}", {})
    requests = (
        whole(values.get("count"))
        or whole(metrics.get(f"{_HTTP}{{{tags}}}", {}).get("count"))
        or _sampled(failures)
    )
    if tags == "expected_response:true":  # by k6's definition those that did not fail
        everything = metrics.get("http_req_failed", {})
        requests = requests or _sampled(everything) - _failed(everything, _sampled(everything))
    failed = min(requests, _failed(failures, requests)) if metric == _DURATION else 0
    return StepTally(
        kind="group",
        requests=requests,
        errors=failed,
        error_kinds={"check": failed} if failed else {},
        measures={"service": _trend(values, requests or _UNCOUNTED)},
    )


def _sampled(rate: Document) -> int:
    """How often a rate was told: both outcomes together."""
    return whole(rate.get("total")) or whole(rate.get("passes")) + whole(rate.get("fails"))


def _failed(rate: Document, requests: int) -> int:
    for key in ("matches", "passes"):
        if number(rate.get(key)) is not None:
            return whole(rate.get(key))
    share = number(rate.get("rate", rate.get("value")))
    return round(min(1.0, share or 0.0) * requests)


def _trend(values: Document, count: int) -> Histogram:
    def ns(key: str) -> float | None:
        told_ms = number(values.get(key))
        return None if told_ms is None else told_ms * NS_PER_MS

    quantiles = {q: told_ms * NS_PER_MS for q, told_ms in _quantiles(values).items() if q < 1}
    return Histogram.of_quantiles(
        count, quantiles, mean=ns("avg"), minimum=ns("min"), maximum=ns("max")
    )


def _quantiles(values: Document) -> dict[float, float]:
    """In ms, by q; the maximum is that of 1."""
    names = {"med": 0.5, "max": 1.0}
    found = {}
    for key, value in values.items():
        match = _PERCENTILE.fullmatch(key)
        q = share(float(match[1])) if match else names.get(key)
        told = number(value)
        if q is not None and q <= 1 and told is not None:
            found[q] = told
    return found


def _step_name(metric: str, tags: str) -> str:
    """`name:login` → `login`; the time of a whole group → the group's name; else the tags."""
    is_one = "," not in tags
    if is_one and tags.startswith("name:"):
        return tags.removeprefix("name:")
    if is_one and metric == "group_duration" and tags.startswith("group:::"):
        return tags.removeprefix("group:::")
    return tags.replace(":::", ":")


def _checks_of(document: Document) -> dict[str, CheckTally]:
    results = mapping(mapping(document.get("results")).get("checks"))
    checks: dict[str, CheckTally] = {}
    _add_checks(checks, {"checks": results.get("results")}, "")
    _add_checks(checks, mapping(document.get("root_group")), "")
    return checks


def _add_checks(into: dict[str, CheckTally], group: Document, path: str) -> None:
    """Those of a group and of the groups in it; older exports hold them by name."""
    for check in mappings(group.get("checks")):
        name = f"{path}{check.get('name', '')}"
        into[name] = CheckTally(passed=whole(check.get("passes")), failed=whole(check.get("fails")))
    for inner in mappings(group.get("groups")):
        _add_checks(into, inner, f"{path}{inner.get('name', '')} › ")


def _notes(tally: Tally, uncounted: Sequence[str]) -> list[str]:
    notes = []
    if any(step.errors for step in tally.steps.values()):
        notes.append("k6's summary does not say why requests failed: they are listed as check.")
    if uncounted:
        listed = ", ".join(sorted(uncounted))
        notes.append(
            f"k6 did not tell how many requests these had, so 0 is shown: {listed}. A threshold on"
            " http_reqs{…} with the same tags makes it tell."
        )
    return notes
