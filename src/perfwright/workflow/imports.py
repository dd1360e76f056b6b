"""Result files of other tools become a run, so that everything else works on them.

    files ──► recognise ──► reader ──► samples (scratch) ──► tables ─┐
                               └─────► summary ──────────► one frame ├─► verdict ──► run.json
                                                                     ┘
A run's id is made of what the files hold: the same files are the same run, imported once. What such
a run cannot tell is said in its notes, and, where it matters to the verdict, in its reasons.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.analyze.conclude import conclude
from perfwright.analyze.facts import RunFacts
from perfwright.analyze.summary import is_told
from perfwright.model.errors import DataError, RunNotFound
from perfwright.model.frame import Frame, Tally
from perfwright.model.imported import Imported, Summary
from perfwright.model.manifest import IMPORTED, RunManifest
from perfwright.model.result import PERCENTILES
from perfwright.model.units import format_duration
from perfwright.plan.slo import parse_slo
from perfwright.sources.results.mapped_csv import MappedCsv
from perfwright.sources.results.mapping import parse_mapping
from perfwright.sources.results.recognising import recognise
from perfwright.sources.results.result_format import ResultFormat
from perfwright.store.imported import Extent, discard, extent_of, scratch
from perfwright.store.imported_tables import write_tables
from perfwright.store.reader import Store
from perfwright.store.stored_run import StoredRun
from perfwright.store.writer import RunWriter
from perfwright.workflow.manifest import last_manifest
from perfwright.workflow.run_digest import digest_of

if TYPE_CHECKING:
    import duckdb

_FINISHED = "finished"
_CHUNK_BYTES = 1 << 20
_LONG_S = 60
_OMISSION = (
    "{tool} keeps no intended start: response time is service time here, and what a stalled system"
    " kept from being sent is not in it (coordinated omission)."
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """`slos` are judged as those of a run are. `mapping`: what the columns of a CSV file of no
    known format mean (`sources/results/mapping.py`)."""

    store: Path
    name: str = ""
    slos: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    mapping: str = ""


def find_run(store: Path, reference: str) -> StoredRun:
    """The run that `reference` means: one of the store, or a result file of another tool, which is
    imported on the fly. RunNotFound, DataError, StoreError."""
    if Path(reference).is_file():
        return import_results([Path(reference)], ImportOptions(store=store))
    return Store(store).find(reference)


def import_results(files: Sequence[Path], options: ImportOptions) -> StoredRun:
    """The run that the files are. UsageError: the mapping or an SLO is wrong; DataError: they
    cannot be read; StoreError."""
    slos = tuple(parse_slo(expr).expr for expr in options.slos)
    mapped = MappedCsv(parse_mapping(options.mapping)) if options.mapping else None
    found = mapped or recognise(files)
    run_id = _id_of(files, (*slos, options.mapping) if mapped else slos)
    with suppress(RunNotFound):
        known = Store(options.store).find(run_id)
        if known.manifest.state == _FINISHED:
            return known
        discard(known.path)
    manifest = RunManifest(
        run_id=run_id,
        name=options.name or files[0].stem,
        state="running",
        started_at="",
        tool=found.tool,
        command=options.command,
        test_file=", ".join(map(str, files)),
        kind=IMPORTED,
        slos=slos,
        tags=options.tags,
    )
    with scratch(options.store) as samples:
        told = found.read(files, samples)
        extent = _extent(samples, told) if told.summary is None else None
        writer = RunWriter(options.store)
        with ExitStack() as undo:
            manifest = dataclasses.replace(
                manifest,
                started_at=_started_at(told, extent) or _written_at(files),
                quantiles=told.summary.quantiles if told.summary else (),
            )
            writer.start(manifest)
            undo.callback(discard, writer.path)
            silent_s = 0
            if extent is not None:
                silent_s = write_tables(samples, writer.path, extent)
            elif told.summary is not None:
                tally = _with_response_times(told.summary.tally)
                writer.frame(Frame.of_workers(0, {0: tally}, judged=True))
            notes = (*_notes(found, told, extent), *_notes_of_silence(silent_s, extent))
            run = StoredRun(path=writer.path, manifest=manifest)
            writer.stop(_last(run, found, told, extent, notes))
            undo.pop_all()
    return Store(options.store).find(run_id)


def _extent(samples: duckdb.DuckDBPyConnection, told: Imported) -> Extent:
    try:
        return extent_of(samples)
    except DataError as error:
        if not told.bad_lines:
            raise
        raise DataError(f"{error}. {_left_out(told)}") from error


def _started_at(told: Imported, extent: Extent | None) -> str:
    """ISO 8601 UTC; "" where the files do not say."""
    if extent is None:
        return told.summary.started_at if told.summary else ""
    return _iso(extent.origin_s)


def _written_at(files: Sequence[Path]) -> str:
    return _iso(min(file.stat().st_mtime for file in files))


def _iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _with_response_times(tally: Tally) -> Tally:
    """Service time stands for response time where that is not known, as in runs with requests."""
    for step in tally.steps.values():
        if "response" not in step.measures and "service" in step.measures:
            step.measures["response"] = step.measures["service"].copy()
    return tally


def _last(
    run: StoredRun,
    found: ResultFormat,
    told: Imported,
    extent: Extent | None,
    notes: tuple[str, ...],
) -> RunManifest:
    """The manifest in its last form: the SLOs judged, the verdict given, its doubts told."""
    duration_s = extent.duration_s if extent else told.summary.duration_s if told.summary else 0.0
    slos = [parse_slo(expr) for expr in run.manifest.slos]
    judged_s = ((0.0, duration_s),)
    facts = RunFacts(
        run_id=run.manifest.run_id,
        duration_s=duration_s,
        judged_s=judged_s,
        quantiles=run.manifest.quantiles,
        dropped_because=f"{found.tool} had no user free for them",
        notes=notes,
        path=str(run.path),
    )
    result = conclude(digest_of(run, slos), facts, slos)
    if not told.knows_intended_start:
        reasons = (*result.verdict.reasons, _OMISSION.format(tool=found.tool))
        verdict = dataclasses.replace(result.verdict, reasons=reasons)
        result = dataclasses.replace(result, verdict=verdict)
    manifest = dataclasses.replace(run.manifest, judged_s=judged_s)
    return last_manifest(manifest, state=_FINISHED, result=result)


def _notes(found: ResultFormat, told: Imported, extent: Extent | None) -> list[str]:
    notes = [f"Imported from {found.name}.", *told.notes]
    if told.summary is not None:
        notes += _notes_of_summary(told.summary)
    if told.bad_lines:
        notes.append(_left_out(told))
    if extent and extent.senseless:
        notes.append(
            "Records left out, for a time that is negative or no number, or a start before 1970 or"
            f" after 2100: {extent.senseless:,}"
        )
    if extent and extent.folded:
        notes.append(
            f"Names of steps: {extent.folded:,}, too many to be judged each by itself. Ids in them"
            " became {id}; what is then not among the most frequent is one step."
        )
    if extent and extent.shortened:
        notes.append(
            f"Requests whose step has a name too long, which was cut: {extent.shortened:,}"
        )
    return notes


def _notes_of_silence(silent_s: int, extent: Extent | None) -> Iterator[str]:
    """What a clock that jumped within a run looks like, and two runs in one file."""
    if extent is not None and silent_s >= _LONG_S and silent_s > extent.duration_s / 2:
        yield (
            f"For {format_duration(silent_s)} of {format_duration(extent.duration_s)} no request"
            " ended: a clock jumped, or these are several runs. Rates count that time as well."
        )


def _notes_of_summary(summary: Summary) -> Iterator[str]:
    if summary.quantiles:
        wanted = {**{f"p{100 * q:g}": q for q in PERCENTILES.values()}, "the maximum": 1.0}
        missing = [name for name, q in wanted.items() if not is_told(q, summary.quantiles)]
        if missing:
            yield f"Not in the file, so neither shown nor judged: {', '.join(missing)}."
    if not summary.duration_s:
        yield "The file does not tell how long the run was, so its throughput is not known."
    if not summary.started_at:
        yield "The file does not tell when the run was: the time of its writing stands for it."


def _left_out(told: Imported) -> str:
    shown = "; ".join(
        f"{bad.file}:{bad.line}: {bad.why}" + (f" in {bad.text!r}" if bad.text else "")
        for bad in told.examples
    )
    return f"Lines that could not be read and were left out: {told.bad_lines:,} ({shown})"


def _id_of(files: Sequence[Path], slos: Sequence[str]) -> str:
    """Of the files' bytes and the objectives they are judged by."""
    digest = hashlib.sha256("\n".join(slos).encode())
    for file in files:
        try:
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    digest.update(chunk)
        except OSError as error:
            raise DataError(f"import: cannot read {file}: {error}") from error
    return f"imported-{digest.hexdigest()[:10]}"
