"""vegeta's report (`vegeta report -type=json`): the sums of an attack.

https://github.com/tsenart/vegeta, lib/metrics.go: latencies in ns, `duration` from the first
request's start to the last's, `wait` from there to the last answer. `status_codes` counts by
status, 0 for requests without an answer; `errors` lists each message once, without a count. The
address is not told, so the step has no name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.frame import StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.imported import Imported, Summary
from perfwright.model.units import NS_PER_S
from perfwright.sources.results.documents import (
    Document,
    document_of,
    iso,
    mapping,
    moment_of,
    number,
    share,
    whole,
)
from perfwright.sources.results.error_kinds import kind_of_message, kind_of_status
from perfwright.sources.results.failure_notes import failure_of
from perfwright.sources.results.heads import Head
from perfwright.sources.results.one_file import the_only

if TYPE_CHECKING:
    import duckdb

_STEP = "all of vegeta's requests"
_PERCENTILE = re.compile(r"(\d+(?:\.\d+)?)th")
_MARKS = ("latencies", "bytes_in", "bytes_out", "status_codes", "50th")
_UNANSWERED = "0"


class VegetaReport:
    tool = "vegeta"
    name = "vegeta report (JSON)"

    def recognises(self, head: Head) -> bool:
        text = head.text
        return text.lstrip().startswith("{") and all(f'"{mark}"' in text for mark in _MARKS)

    def read(self, files: Sequence[Path], _into: duckdb.DuckDBPyConnection) -> Imported:
        document = document_of(the_only(files, self.name))
        latencies = mapping(document.get("latencies"))
        length_ns = (number(document.get("duration")) or 0) + (number(document.get("wait")) or 0)
        return Imported(
            summary=Summary(
                duration_s=length_ns / NS_PER_S,
                tally=_tally_of(document, latencies),
                quantiles=(*sorted(_quantiles(latencies)), 1.0),
                started_at=iso(moment_of(document.get("earliest"))),
            )
        )


def _tally_of(document: Document, latencies: Document) -> Tally:
    statuses = {code: whole(count) for code, count in mapping(document.get("status_codes")).items()}
    told = document.get("errors")
    messages = [str(message) for message in told] if isinstance(told, list) else []
    without_answer = [text for text in messages if not kind_of_status(whole(text[:3]))]
    kinds: dict[str, int] = {}
    for code, count in statuses.items():
        kind = kind_of_status(whole(code))
        if code == _UNANSWERED:
            found = {kind_of_message(text) for text in without_answer}
            kind = found.pop() if len(found) == 1 else "exception"
        if kind:
            kinds[kind] = kinds.get(kind, 0) + count
    step = StepTally(
        requests=whole(document.get("requests")),
        errors=sum(kinds.values()),
        error_kinds=kinds,
        statuses={code: count for code, count in statuses.items() if code != _UNANSWERED},
        bytes_sent=whole(mapping(document.get("bytes_out")).get("total")),
        bytes_received=whole(mapping(document.get("bytes_in")).get("total")),
        measures={"service": _times(latencies, whole(document.get("requests")))},
    )
    failures = [failure_of(_STEP, kind_of_message(text), text) for text in messages]
    return Tally(steps={_STEP: step}, exemplars=failures)


def _times(latencies: Document, count: int) -> Histogram:
    return Histogram.of_quantiles(
        count,
        _quantiles(latencies),
        mean=number(latencies.get("mean")),
        minimum=number(latencies.get("min")),
        maximum=number(latencies.get("max")),
    )


def _quantiles(latencies: Document) -> dict[float, float]:
    """In ns, by q."""
    found = {}
    for key, value in latencies.items():
        match, told = _PERCENTILE.fullmatch(key), number(value)
        if match and told is not None:
            found[share(float(match[1]))] = told
    return found
