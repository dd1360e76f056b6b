"""Google Benchmark's JSON (`--benchmark_format=json`, `--benchmark_out=FILE`).

https://github.com/google/benchmark/blob/main/docs/user_guide.md: a row a repetition, whose
`real_time` (in `time_unit`) is the mean of `iterations` calls, and rows of aggregates (`run_type`;
in older files they are told by the name's end). Aggregates are left out where there are
repetitions; where there are none (`--benchmark_report_aggregates_only`), mean and median are all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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

_UNITS_NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
_AGGREGATES = ("mean", "median", "stddev", "cv", "BigO", "RMS", "min", "max")
_AGGREGATED = "The file holds aggregates of its repetitions only: mean and median are known."


class GoogleBenchmark:
    tool = "Google Benchmark"
    name = "Google Benchmark (JSON)"

    def recognises(self, head: Head) -> bool:
        return head.text.lstrip().startswith("{") and all(
            f'"{key}"' in head.text for key in ("context", "benchmarks", "real_time", "time_unit")
        )

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        file = the_only(files, self.name)
        document = document_of(file)
        rows = mappings(document.get("benchmarks"))
        began = moment_of(mapping(document.get("context")).get("date"))
        repetitions = [row for row in rows if _aggregate_of(row) is None]
        if repetitions:
            calls = [call for row in repetitions for call in _calls_of(row)]
            notes = insert_calls(into, calls, file=file, began=began)
            return Imported(knows_intended_start=True, notes=notes)
        return _of_aggregates(file, rows, iso(began))


def _aggregate_of(row: Document) -> str | None:
    """Which aggregate a row is; None of a repetition."""
    if row.get("run_type") == "iteration":
        return None
    told = row.get("aggregate_name") or str(row.get("name", "")).rpartition("_")[2]
    return str(told) if row.get("run_type") == "aggregate" or told in _AGGREGATES else None


def _name_of(row: Document) -> str:
    return str(row.get("run_name") or row.get("name", ""))


def _ns(row: Document) -> float | None:
    time, unit = number(row.get("real_time")), _UNITS_NS.get(str(row.get("time_unit", "ns")))
    return None if time is None or unit is None else time * unit


def _calls_of(row: Document) -> Iterator[Call]:
    name, time_ns = _name_of(row), _ns(row)
    if row.get("error_occurred"):
        message = str(row.get("error_message", ""))
        yield Call(step=name, service_ns=0.0, error="exception", message=message)
    elif time_ns is not None and not row.get("skipped"):
        yield Call(step=name, service_ns=time_ns)


def _of_aggregates(file: Path, rows: Sequence[Document], started_at: str) -> Imported:
    by_name: dict[str, dict[str, Document]] = {}
    for row in rows:
        kind = _aggregate_of(row) or ""
        name = str(row.get("run_name") or str(row.get("name", "")).removesuffix(f"_{kind}"))
        by_name.setdefault(name, {})[kind] = row
    if not any("mean" in told or "median" in told for told in by_name.values()):
        raise DataError(f"import: {file} holds no measured time")
    steps = {name: _step_of(told) for name, told in by_name.items()}
    times = {name: step.measures["service"] for name, step in steps.items()}
    summary = Summary(
        duration_s=sum(histogram.total for histogram in times.values()) / NS_PER_S,
        tally=Tally(steps=steps),
        quantiles=(0.5,),
        started_at=started_at,
    )
    coarse = coarse_notes((name, histogram.mean() or 0.0) for name, histogram in times.items())
    return Imported(summary=summary, knows_intended_start=True, notes=(_AGGREGATED, *coarse))


def _step_of(told: Mapping[str, Document]) -> StepTally:
    mean, median = told.get("mean", {}), told.get("median", {})
    count = whole((mean or median).get("repetitions")) or 1
    middle = _ns(median)
    times = Histogram.of_quantiles(count, {} if middle is None else {0.5: middle}, mean=_ns(mean))
    return StepTally(kind=KIND, requests=count, measures={"service": times})
