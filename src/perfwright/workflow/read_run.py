"""A stored run as a report needs it: manifest, result and time series, computed from its tables.

A run that ended keeps the verdict it was given. One that did not (interrupted, failed, still
running) is judged on what is there, and its verdict says that it was cut short.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from perfwright.analyze.conclude import conclude
from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
from perfwright.analyze.series import Series, series_of
from perfwright.analyze.slos import window_lengths_s
from perfwright.analyze.summary import summarize
from perfwright.model.manifest import RunManifest
from perfwright.model.result import RunResult
from perfwright.plan.slo import Slo, parse_slo
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.explain import Explained, explained
from perfwright.workflow.imports import find_run
from perfwright.workflow.run_digest import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRun:
    """Everything that a report is made of."""

    manifest: RunManifest
    result: RunResult
    series: Series
    explained: Explained | None = None
    """What limits the system, of a run that was watched."""


def result_of(run: StoredRun) -> RunResult:
    """The result alone, without the course over time."""
    return _result(run, digest_of(run, _slos_of(run)))


def read_run(store: Path, reference: str) -> ReadRun:
    """The run that `reference` means (`find_run`). RunNotFound, DataError, StoreError."""
    return read_stored(find_run(store, reference))


def read_stored(run: StoredRun) -> ReadRun:
    """Of a run at hand. One that was not watched is read a few minutes at a time."""
    watched = run.watched()
    if not watched.samples:
        return ReadRun(manifest=run.manifest, result=result_of(run), series=series_of(run.frames()))
    frames = list(run.frames())
    digest = Digest.of(frames, window_lengths_s=window_lengths_s(_slos_of(run)))
    return ReadRun(
        manifest=run.manifest,
        result=_result(run, digest),
        series=series_of(frames),
        explained=explained(run.manifest, frames, watched) if frames else None,
    )


def _result(run: StoredRun, digest: Digest) -> RunResult:
    manifest = run.manifest
    # Kept apart from the seconds, which hold only the slowest few of each.
    digest.whole.exemplars = run.exemplars()
    facts = _facts(run, digest)
    if manifest.verdict is None:
        return conclude(digest, facts, _slos_of(run))
    return summarize(digest, facts, slos=manifest.slo_results, verdict=manifest.verdict)


def _slos_of(run: StoredRun) -> list[Slo]:
    return [parse_slo(expr) for expr in run.manifest.slos]


def _facts(run: StoredRun, digest: Digest) -> RunFacts:
    manifest = run.manifest
    duration_s = _told(manifest, "totals", "duration_s")
    return RunFacts(
        run_id=manifest.run_id,
        duration_s=float(digest.end) if duration_s is None else duration_s,
        judged_s=manifest.judged_s,
        workers=manifest.workers,
        lost_workers=tuple(e.message for e in run.events() if e.kind == "worker_lost"),
        interrupted=manifest.verdict is None,
        cpu_us_per_request=_told(manifest, "generator", "cpu_us_per_request"),
        quantiles=manifest.quantiles,
        notes=tuple((manifest.result or {}).get("notes", ())),
        path=str(run.path),
    )


def _told(manifest: RunManifest, group: str, name: str) -> float | None:
    """A number of the result that the run ended with; None where it did not end."""
    value = (manifest.result or {}).get(group, {}).get(name)
    return None if value is None else float(value)
