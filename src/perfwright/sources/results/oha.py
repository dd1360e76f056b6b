"""oha's JSON (`oha --output-format json`, once `--json`).

https://github.com/hatoo/oha, `schema.json`: times in s. Percentiles are of requests that were
answered; `statusCodeDistribution` counts these, `errorDistribution` those that were not. What the
end of the run cut short (`aborted due to deadline`) is no error there, and none here. Statistics
that had nothing to count are null. The address is not told, so the step has no name of its own.
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
    mapping,
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

_STEP = "all of oha's requests"
_CUT_SHORT = "aborted due to deadline"
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")


class OhaJson:
    tool = "oha"
    name = "oha (JSON)"

    def recognises(self, head: Head) -> bool:
        text = head.text
        return text.lstrip().startswith("{") and all(
            f'"{key}"' in text for key in ("summary", "latencyPercentiles", "requestsPerSec")
        )

    def read(self, files: Sequence[Path], _into: duckdb.DuckDBPyConnection) -> Imported:
        document = document_of(the_only(files, self.name))
        told = mapping(document.get("summary"))
        return Imported(
            summary=Summary(
                duration_s=number(told.get("total")) or 0.0,
                tally=_tally_of(document, told),
                quantiles=(*sorted(_quantiles(document)), 1.0),
            )
        )


def _tally_of(document: Document, told: Document) -> Tally:
    statuses = {
        code: whole(count)
        for code, count in mapping(document.get("statusCodeDistribution")).items()
    }
    failures = {
        message: whole(count)
        for message, count in mapping(document.get("errorDistribution")).items()
    }
    cut_short = failures.pop(_CUT_SHORT, 0)
    kinds: dict[str, int] = {}
    for code, count in statuses.items():
        if kind := kind_of_status(whole(code)):
            kinds[kind] = kinds.get(kind, 0) + count
    for message, count in failures.items():
        kind = kind_of_message(message)
        kinds[kind] = kinds.get(kind, 0) + count
    answered = sum(statuses.values())
    step = StepTally(
        requests=answered + sum(failures.values()),
        errors=sum(kinds.values()),
        error_kinds=kinds,
        statuses=statuses,
        bytes_received=whole(told.get("totalData")),
        measures={"service": _times(document, told, answered)},
    )
    return Tally(
        steps={_STEP: step},
        requests_interrupted=cut_short,
        exemplars=[failure_of(_STEP, kind_of_message(text), text) for text in failures],
    )


def _times(document: Document, told: Document, count: int) -> Histogram:
    def ns(key: str) -> float | None:
        told_s = number(told.get(key))
        return None if told_s is None else told_s * NS_PER_S

    return Histogram.of_quantiles(
        count,
        {q: told_s * NS_PER_S for q, told_s in _quantiles(document).items()},
        mean=ns("average"),
        minimum=ns("fastest"),
        maximum=ns("slowest"),
    )


def _quantiles(document: Document) -> dict[float, float]:
    """In s, by q."""
    found = {}
    for key, value in mapping(document.get("latencyPercentiles")).items():
        match, told_s = _PERCENTILE.fullmatch(key), number(value)
        if match and told_s is not None:
            found[share(float(match[1]))] = told_s
    return found
