"""A frame as rows of the store's tables, and back.

    Frame ──rows_of──► {table: [row, …]} ──► JSON lines ──► Parquet
    Frame ◄─frame_of── the rows of one second

A worker's row in `load` is written last and says that its second is whole: what a crash left of a
second without that row is not read back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from perfwright.model.frame import (
    CheckTally,
    Exemplar,
    Frame,
    Hold,
    RecordTally,
    ScenarioError,
    StepTally,
    Tally,
)
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_S, format_duration
from perfwright.model.watched import Reading, Sample
from perfwright.store import layout
from perfwright.store.layout import LineTable
from perfwright.store.watched_rows import Row, Rows, add_watched

LATENESS = "lateness"
"""The measure of an iteration's start, not of a step's requests: its step is ""."""

HOLD = "hold"
SCENARIO_ERROR = "scenario_error"
_LOAD_FIELDS = tuple(
    name for name in layout.LOAD.columns if name not in ("second", "worker", "judged")
)


def rows_of(frame: Frame) -> Rows:
    """Every row of one second, by table name."""
    rows: Rows = {table.name: [] for table in layout.LINE_TABLES}
    for worker, tally in frame.by_worker.items():
        _add_worker(rows, {"second": frame.second, "worker": worker}, tally)
        rows["load"][-1] = {**rows["load"][-1], "judged": frame.judged}
    add_watched(rows, frame.second, frame.watched)
    return rows


def event_row(
    second: int, worker: int | None, kind: str, message: str, data: Mapping[str, Any]
) -> Row:
    return {"second": second, "worker": worker, "kind": kind, "message": message, "data": data}


@dataclass(slots=True, kw_only=True)
class SecondRows:
    """The rows of one second as they are read back, by table. Those of `measures` carry the
    histogram's `buckets` and their `counts`, one list each."""

    second: int
    by_table: Rows = field(default_factory=dict)

    def of(self, table: LineTable) -> Iterable[Row]:
        return self.by_table.get(table.name, ())


def frame_of(rows: SecondRows) -> Frame:
    """The frame that the rows were written from."""
    by_worker: dict[int, Tally] = {}
    judged = False
    for row in rows.of(layout.LOAD):
        judged = judged or row["judged"]
        by_worker[row["worker"]] = Tally(**{name: row[name] for name in _LOAD_FIELDS})
    for table, restore in _RESTORERS.items():
        for row in rows.by_table.get(table, ()):
            if row["worker"] in by_worker:
                restore(by_worker[row["worker"]], row)
    bare = Frame.of_workers(rows.second, by_worker, judged=judged)
    watched = Reading(samples=tuple(Sample(**row) for row in rows.of(layout.SAMPLES)))
    return Frame(
        second=rows.second, by_worker=by_worker, total=bare.total, watched=watched, judged=judged
    )


def _add_worker(rows: Rows, key: Row, tally: Tally) -> None:
    for name, step in tally.steps.items():
        counts = {column: getattr(step, column) for column in _STEP_FIELDS}
        rows["steps"].append({**key, "step": name, **counts})
        for measure, histogram in step.measures.items():
            rows["measures"].append(_series(key, name, measure, histogram))
    rows["measures"].append(_series(key, "", LATENESS, tally.lateness))
    for name, check in tally.checks.items():
        rows["checks"].append({**key, "name": name, **asdict(check)})
    for name, record in tally.records.items():
        rows["records"].append({**key, "name": name, **_finite(asdict(record))})
    rows["exemplars"] += [asdict(exemplar) for exemplar in tally.exemplars]
    rows["events"] += [_hold_event(key, hold) for hold in tally.holds]
    rows["events"] += [_error_event(key, error) for error in tally.scenario_errors]
    rows["load"].append({**key, **{name: getattr(tally, name) for name in _LOAD_FIELDS}})


_STEP_FIELDS = tuple(
    name for name in layout.STEPS.columns if name not in ("second", "worker", "step")
)


def _series(key: Row, step: str, measure: str, histogram: Histogram) -> Row:
    return {
        **key,
        "step": step,
        "measure": measure,
        "count": histogram.count,
        "total": histogram.total,
        "maximum": histogram.maximum,
        "buckets": histogram.pairs(),
    }


def _finite(record: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no infinities; as text, DuckDB reads them back into a DOUBLE."""
    return {
        key: str(value) if isinstance(value, float) and value - value != 0 else value
        for key, value in record.items()
    }


def _hold_event(key: Row, hold: Hold) -> Row:
    longest = format_duration(hold.longest_ns / NS_PER_S)
    message = f"{hold.file}:{hold.line} held the loop for {longest}, {hold.count} times"
    return event_row(key["second"], key["worker"], HOLD, message, asdict(hold))


def _error_event(key: Row, error: ScenarioError) -> Row:
    message = f"{error.where}: {error.type}: {error.message}"
    return event_row(key["second"], key["worker"], SCENARIO_ERROR, message, asdict(error))


def _restore_step(tally: Tally, row: Row) -> None:
    tally.steps[row["step"]] = StepTally(**{name: row[name] for name in _STEP_FIELDS})


def _restore_measure(tally: Tally, row: Row) -> None:
    pairs = zip(row["buckets"] or (), row["counts"] or (), strict=True)
    histogram = Histogram.from_pairs(pairs, row["total"], row["maximum"])
    if row["measure"] == LATENESS:
        tally.lateness = histogram
    else:
        tally.steps[row["step"]].measures[row["measure"]] = histogram


def _restore_check(tally: Tally, row: Row) -> None:
    tally.checks[row["name"]] = CheckTally(passed=row["passed"], failed=row["failed"])


def _restore_record(tally: Tally, row: Row) -> None:
    tally.records[row["name"]] = RecordTally(
        **{name: row[name] for name in ("unit", "count", "total", "minimum", "maximum")}
    )


def _restore_exemplar(tally: Tally, row: Row) -> None:
    tally.exemplars.append(Exemplar(**row))


def _restore_event(tally: Tally, row: Row) -> None:
    if row["kind"] == HOLD:
        tally.holds.append(Hold(**json.loads(row["data"])))
    elif row["kind"] == SCENARIO_ERROR:
        tally.scenario_errors.append(ScenarioError(**json.loads(row["data"])))


_RESTORERS = {
    "steps": _restore_step,
    "measures": _restore_measure,
    "checks": _restore_check,
    "records": _restore_record,
    "exemplars": _restore_exemplar,
    "events": _restore_event,
}
