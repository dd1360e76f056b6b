"""One figure of one test across the runs in a store, oldest first: a series to seek changes in.

Runs belong together when name and kind (smoke, load, …) are the same, and the branch if one is
asked for; only those that ended on their own count, and turns of an interleaved comparison only
where their name is asked for. The figure is that of the judged seconds, as
`run --json` tells it. A run that lacks it (an unknown step, no requests) is a missing value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.model.errors import UsageError
from perfwright.model.manifest import INTERLEAVED, RunManifest
from perfwright.model.trend import NamedSeries
from perfwright.sources.series.times import seconds_of
from perfwright.store.reader import Store

RESPONSE = ("p50", "p90", "p95", "p99", "p999", "mean", "max")
METRICS = (*RESPONSE, "throughput", "errors")
_UNITS = {"throughput": "1/s", "errors": "%"}
ALL_REQUESTS = "all requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs, which figure. Empty: the newest run's name, all requests, every branch, all."""

    metric: str = "p95"
    step: str = ""
    name: str = ""
    branch: str = ""
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`runs` are the rows of `series`."""

    test: str
    runs: tuple[RunManifest, ...]
    series: NamedSeries


def history(directory: Path, wanted: Wanted) -> History:
    """UsageError: no such runs, or none that has the step. StoreError."""
    ended = [
        run
        for run in Store(directory).list()
        if run.state == "finished" and run.result and (wanted.name or INTERLEAVED not in run.tags)
    ]
    runs = _runs(ended, directory, wanted)
    values = [_value(run, wanted) for run in runs]
    step = wanted.step or ALL_REQUESTS
    if all(value is None for value in values):
        known = sorted({name for run in runs for name in _steps(run)})
        raise UsageError(
            f"STEP: none of {len(runs)} runs of {runs[-1].name!r} has {wanted.metric} of {step!r}; "
            f"they have {', '.join(known[:12]) or 'no steps'}"
        )
    seconds = [seconds_of(run.started_at) for run in runs]
    series = NamedSeries(
        name=f"{wanted.metric} of {step}",
        unit=_UNITS.get(wanted.metric, "ms"),
        times=[run.started_at for run in runs],
        values=[float("nan") if value is None else value for value in values],
        seconds=None if None in seconds else [second or 0.0 for second in seconds],
        notes=tuple(_notes(values, len(ended) - len(runs), wanted)),
    )
    return History(test=runs[-1].name, runs=runs, series=series)


def _runs(ended: Sequence[RunManifest], directory: Path, wanted: Wanted) -> tuple[RunManifest, ...]:
    named = [run for run in ended if not wanted.name or run.name == wanted.name]
    if not named:
        names = sorted({run.name for run in ended})
        told = f"it has runs of {', '.join(names[:12])}" if names else "`perfwright run` makes one"
        of = f" of {wanted.name!r}" if wanted.name else ""
        raise UsageError(f"{directory} holds no finished runs{of}; {told}")
    newest = named[0]
    alike = [
        run for run in named
        if (run.name, run.kind) == (newest.name, newest.kind)
        and (not wanted.branch or run.git_branch == wanted.branch)
    ]  # fmt: skip
    if not alike:
        branches = sorted({run.git_branch for run in named if run.git_branch})
        raise UsageError(
            f"--branch: no run of {newest.name!r} was made on {wanted.branch!r}; there are "
            f"{', '.join(branches[:12]) or 'no branches'}"
        )
    return tuple(reversed(alike[: wanted.last]))


def _notes(values: Sequence[float | None], others: int, wanted: Wanted) -> Iterator[str]:
    missing = sum(value is None for value in values)
    if missing:
        yield f"{missing} of {len(values)} runs have no such figure"
    if others and not (wanted.name or wanted.branch or wanted.last):
        yield f"{others} other finished runs are of another name or kind; --name chooses"


def _value(run: RunManifest, wanted: Wanted) -> float | None:
    """In ms, 1/s or percent."""
    step = _steps(run).get(wanted.step) if wanted.step else (run.result or {}).get("overall")
    if not step or not step.get("requests"):
        return None
    if wanted.metric == "throughput":
        return float(step["throughput_per_s"])
    if wanted.metric == "errors":
        return 100.0 * float(step["errors"]) / float(step["requests"])
    value = step["response_ms"].get(wanted.metric)
    return None if value is None else float(value)


def _steps(run: RunManifest) -> Mapping[str, Mapping[str, Any]]:
    result = run.result or {}
    steps = result.get("judged_steps") or result.get("steps") or ()
    return {step["name"]: step for step in steps}
