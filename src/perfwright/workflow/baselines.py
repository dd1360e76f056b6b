"""What a run is held against: a name, a file, another run, or the last runs of a branch.

    main              a named baseline: what `perfwright baseline set main RUN` chose
    perf/main.json    a baseline file, committed to the repository; or another tool's results
    20261122-1705     a run: an id, a unique prefix, a folder
    last:5@main       the last five finished runs of the same test on the branch main

Several runs are compared as one, their judged seconds one after the other, of long runs the last
ten minutes. How they differ among themselves tempers the gate's judgement (`analyze/run_spread.py`)
and is noted. Only committed states count as a branch's (no `git_dirty` run), and a run is never its
own past.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from perfwright.analyze.summary import all_requests, times_ms
from perfwright.model.errors import NoHistory, UsageError
from perfwright.model.frame import Frame, Tally, merged
from perfwright.model.manifest import RunManifest
from perfwright.store.baseline_file import is_baseline_file, read_baseline_file
from perfwright.store.baselines import find_baseline, has_baseline
from perfwright.store.reader import Store
from perfwright.store.scratch_run import scratch_run
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.imports import find_run

_LAST = re.compile(r"last:(?P<count>[1-9]\d{0,2})@(?P<branch>\S+)")
_FINISHED = "finished"
_SECONDS_MAX = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """`label`: what it is, in words. `runs`: the ids it is made of. `run`: all of it, as one.
    `lengths`: how many of its judged seconds are of which. `parts`: what was counted in each of
    several runs."""

    label: str
    runs: tuple[str, ...]
    run: StoredRun
    lengths: tuple[int, ...] = ()
    parts: tuple[Tally, ...] = ()
    notes: tuple[str, ...] = ()


@contextmanager
def opened_base(
    store: Path, reference: str, candidate: RunManifest | None = None
) -> Iterator[Base]:
    """The base that `reference` means, to compare `candidate` with, while the context lasts.

    NoHistory: the branch has no run of that test yet. RunNotFound, DataError, StoreError,
    UsageError where the reference means nothing.
    """
    with ExitStack() as stack:
        yield _opened(store, reference, candidate, stack)


def _opened(store: Path, reference: str, candidate: RunManifest | None, stack: ExitStack) -> Base:
    if not has_baseline(store, reference) and is_baseline_file(Path(reference)):
        file = read_baseline_file(Path(reference))
        return Base(
            label=f"{file.head.label} ({file.path})",
            runs=file.head.runs,
            run=stack.enter_context(file.opened()),
            lengths=file.head.lengths,
            parts=_parts(file.frames, file.head.lengths),
            notes=file.head.notes,
        )
    runs = runs_meant(store, reference, candidate)
    ids = tuple(run.manifest.run_id for run in runs)
    if candidate is not None and candidate.run_id in ids:
        raise UsageError(
            f"--baseline: {reference!r} is run {candidate.run_id} itself; name another one"
        )
    label = _label(store, reference, runs)
    if len(runs) == 1:
        return Base(label=label, runs=ids, run=runs[0])
    seconds = [_last_seconds(run) for run in runs]
    frames = [frame for part in seconds for frame in part]
    lengths = tuple(map(len, seconds))
    parts = _parts(frames, lengths)
    newest = replace(runs[-1].manifest, run_id=f"{len(runs)} runs")
    return Base(
        label=label,
        runs=ids,
        run=stack.enter_context(scratch_run(newest, frames)),
        lengths=lengths,
        parts=parts,
        notes=(_spread_note(parts),),
    )


def runs_meant(
    store: Path, reference: str, candidate: RunManifest | None = None
) -> Sequence[StoredRun]:
    """The runs of the store that `reference` means, the oldest first."""
    if reference.startswith("last:"):
        return _last_runs(store, reference, candidate)
    is_run = Path(reference).exists() or _is_run(store, reference)
    if is_run and not has_baseline(store, reference):
        return [find_run(store, reference)]
    return [Store(store).find(run_id) for run_id in find_baseline(store, reference).runs]


def _last_seconds(run: StoredRun) -> Sequence[Frame]:
    return deque((frame for frame in run.frames() if frame.judged), maxlen=_SECONDS_MAX)


def _parts(frames: Sequence[Frame], lengths: Sequence[int]) -> tuple[Tally, ...]:
    """Each run's seconds added up, where there is more than one run."""
    totals = (frame.total for frame in frames)
    parts = tuple(merged(islice(totals, length)) for length in lengths if length)
    return parts if len(parts) > 1 else ()


def _is_run(store: Path, reference: str) -> bool:
    if reference == "latest":
        return True
    return any(run.run_id.startswith(reference) for run in Store(store).list())


def _last_runs(store: Path, reference: str, candidate: RunManifest | None) -> Sequence[StoredRun]:
    match = _LAST.fullmatch(reference)
    if match is None:
        raise UsageError(f"baseline: {reference!r} is unclear; write it like last:5@main")
    branch = match["branch"]
    of_branch = [
        run
        for run in Store(store).list()
        if run.git_branch == branch and run.state == _FINISHED and not run.git_dirty
    ]
    tests = [run for run in of_branch if candidate is None or _is_earlier(run, candidate)]
    if not tests:
        test = f" of {candidate.name!r}" if candidate and candidate.name else ""
        raise NoHistory(
            f"baseline: {store} holds no earlier finished run{test} on branch {branch!r} "
            "(of a committed state); run the test there once, and keep the store"
        )
    newest = tests[0]
    same = [run for run in tests if _test(run) == _test(newest) and run.load == newest.load]
    chosen = same[: int(match["count"])]
    return [Store(store).find(run.run_id) for run in reversed(chosen)]


def _is_earlier(run: RunManifest, candidate: RunManifest) -> bool:
    """Whether it is the same test as the candidate, and was run before it."""
    earlier = (run.started_at, run.run_id) < (candidate.started_at, candidate.run_id)
    return earlier and _test(run) == _test(candidate)


def _test(run: RunManifest) -> tuple[str, str, str]:
    return run.tool, run.kind, run.name


def _label(store: Path, reference: str, runs: Sequence[StoredRun]) -> str:
    ids = [run.manifest.run_id for run in runs]
    made_of = ids[0] if len(ids) == 1 else f"{len(ids)} runs"
    if reference.startswith("last:"):
        branch = reference.partition("@")[2]
        return f"the last of {branch} ({made_of})"
    return f"{reference} ({made_of})" if has_baseline(store, reference) else f"run {made_of}"


def _spread_note(runs: Sequence[Tally]) -> str:
    times = [times_ms(all_requests(tally).measures.get("response")) for tally in runs]
    p95_ms = sorted(ms for ms in (time["p95"] for time in times) if ms is not None)
    if not p95_ms:
        return f"The base is {len(runs)} runs together."
    low, high = p95_ms[0], p95_ms[-1]
    between = f"{high / low - 1:.1%}" if low else "more than can be told"
    return (
        f"The base is {len(runs)} runs together; their p95 lies between {low:.3g} and {high:.3g} "
        f"ms, {between} apart."
    )
