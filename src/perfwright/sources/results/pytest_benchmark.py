"""pytest-benchmark's JSON (`--benchmark-json`, `--benchmark-save`).

https://pytest-benchmark.readthedocs.io: `stats` in s, by benchmark. `data` holds the time of every
round (each the mean of `iterations` calls), where `--benchmark-save-data` or `--benchmark-json`
kept it; without it there are quartiles, extremes and the mean. A benchmark is named by its test,
with the file before it where two files have tests of one name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.frame import StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.imported import Imported, Summary
from perfwright.model.units import NS_PER_S
from perfwright.sources.results.calls import KIND, Call, coarse_notes, insert_calls
from perfwright.sources.results.documents import (
    Document,
    document_of,
    iso,
    mapping,
    mappings,
    moment_of,
    number,
    whole,
)
from perfwright.sources.results.heads import Head
from perfwright.sources.results.one_file import the_only

if TYPE_CHECKING:
    import duckdb

_QUANTILES = {0.25: "q1", 0.5: "median", 0.75: "q3"}
_NO_DATA = "The file holds quartiles, no single times: --benchmark-save-data keeps them."


class PytestBenchmark:
    tool = "pytest-benchmark"
    name = "pytest-benchmark (JSON)"

    def recognises(self, head: Head) -> bool:
        return head.text.lstrip().startswith("{") and all(
            f'"{key}"' in head.text for key in ("machine_info", "commit_info")
        )

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        file = the_only(files, self.name)
        document = document_of(file)
        stats = _stats_by_name(mappings(document.get("benchmarks")))
        if not stats:
            raise DataError(f"import: {file} holds no benchmark")
        began = moment_of(document.get("datetime"))
        if all(told.get("data") for told in stats.values()):
            calls = [call for name, told in stats.items() for call in _calls_of(name, told)]
            notes = insert_calls(into, calls, file=file, began=began)
            return Imported(knows_intended_start=True, notes=notes)
        summary = Summary(
            duration_s=sum(_spent_s(told) for told in stats.values()),
            tally=Tally(steps={name: _step_of(told) for name, told in stats.items()}),
            quantiles=(*_QUANTILES, 1.0),
            started_at=iso(began),
        )
        coarse = coarse_notes(
            (name, (number(told.get("median")) or 0.0) * NS_PER_S) for name, told in stats.items()
        )
        return Imported(summary=summary, knows_intended_start=True, notes=(_NO_DATA, *coarse))


def _stats_by_name(benchmarks: Sequence[Document]) -> dict[str, Document]:
    often = Counter(str(one.get("name")) for one in benchmarks)
    return {
        str(one.get("name" if often[str(one.get("name"))] == 1 else "fullname")): mapping(
            one.get("stats")
        )
        for one in benchmarks
    }


def _calls_of(name: str, told: Document) -> Iterator[Call]:
    for value in told["data"]:
        time_s = number(value)
        if time_s is not None:
            yield Call(step=name, service_ns=time_s * NS_PER_S)


def _spent_s(told: Document) -> float:
    return (number(told.get("total")) or 0.0) * (whole(told.get("iterations")) or 1)


def _step_of(told: Document) -> StepTally:
    def ns(key: str) -> float | None:
        value_s = number(told.get(key))
        return None if value_s is None else value_s * NS_PER_S

    rounds = whole(told.get("rounds"))
    quantiles = {q: value for q, key in _QUANTILES.items() if (value := ns(key)) is not None}
    times = Histogram.of_quantiles(
        rounds, quantiles, mean=ns("mean"), minimum=ns("min"), maximum=ns("max")
    )
    return StepTally(kind=KIND, requests=rounds, measures={"service": times})
