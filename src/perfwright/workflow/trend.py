"""What a test's runs, or any series in a CSV file, did over time: read, examined, and traced back.

Of runs, each change names the runs on either side of it, the commits between them and whatever else
changed there (host, target, load): a change of machine is no change of the program.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.analyze.trend.examine import examine
from perfwright.model.manifest import RunManifest
from perfwright.model.trend import ChangePoint, Trend
from perfwright.sources.series.csv_series import read_series
from perfwright.workflow.commits import commits_between
from perfwright.workflow.trend_history import Wanted, history

_HIGHER_IS_BETTER = ("throughput",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Between which runs a change lies. `commits`: one line each, newest first; empty where they
    are not known. `also`: what else is different between the two."""

    run_before: str
    run: str
    commit_before: str | None
    commit: str | None
    commits: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trended:
    """`subject`: the test's name, or the file. `key`: what alerts remember the series by. `rows`:
    what a row is. `origins`: one per change; empty of a file. `higher_is_better`: None where nobody
    knows."""

    subject: str
    key: str
    trend: Trend
    rows: str = "row"
    origins: tuple[Origin, ...] = ()
    higher_is_better: bool | None = None

    def is_worse(self, change: ChangePoint) -> bool | None:
        """Whether the change is for the worse; None where nobody knows."""
        if self.higher_is_better is None or change.magnitude == 0:
            return None
        return (change.magnitude < 0) is self.higher_is_better

    def as_json(self) -> dict[str, Any]:
        """The document of `trend --json`; plain types only."""
        document = {"subject": self.subject, **self.trend.as_json()}
        changes = [
            {**told, "worse": self.is_worse(change)}
            for told, change in zip(
                document["change_points"], self.trend.change_points, strict=True
            )
        ]
        if self.origins:
            changes = [
                {**told, **dataclasses.asdict(origin)}
                for told, origin in zip(changes, self.origins, strict=True)
            ]
        return {**document, "change_points": changes}


def trend_of_file(path: Path, *, column: str = "", last: int | None = None) -> Trended:
    """DataError: the file holds no series."""
    series = read_series(path, column=column)
    if last is not None:
        series = dataclasses.replace(
            series,
            times=series.times[-last:],
            values=series.values[-last:],
            seconds=None if series.seconds is None else series.seconds[-last:],
        )
    return Trended(
        subject=path.name, key=f"csv {path.resolve()} {series.name}", trend=examine(series)
    )


def trend_of_store(store: Path, wanted: Wanted, *, repository: Path) -> Trended:
    """`repository`: a folder in it. UsageError: no runs or no such step. StoreError."""
    past = history(store, wanted)
    trend = examine(past.series)
    kind = past.runs[-1].kind
    return Trended(
        subject=past.test,
        key=" ".join(("runs", past.test, kind, wanted.branch, past.series.name)),
        trend=trend,
        rows="run",
        origins=tuple(_origin(past.runs, change, repository) for change in trend.change_points),
        higher_is_better=wanted.metric in _HIGHER_IS_BETTER,
    )


def _origin(runs: tuple[RunManifest, ...], change: ChangePoint, repository: Path) -> Origin:
    before, after = runs[max(0, change.index - 1)], runs[change.index]
    return Origin(
        run_before=before.run_id,
        run=after.run_id,
        commit_before=before.git_commit,
        commit=after.git_commit,
        commits=commits_between(repository, before.git_commit, after.git_commit),
        also=tuple(_differences(before, after)),
    )


def _differences(before: RunManifest, after: RunManifest) -> list[str]:
    pairs = {
        "host": (before.host.get("name"), after.host.get("name")),
        "cores": (before.host.get("cores"), after.host.get("cores")),
        "target": (before.target, after.target),
        "load": (dict(before.load), dict(after.load)),
        "workers": (before.workers, after.workers),
        "tool": (_tool(before), _tool(after)),
        "uncommitted changes": (before.git_dirty, after.git_dirty),
    }
    return [name for name, (old, new) in pairs.items() if old != new]


def _tool(run: RunManifest) -> str:
    return f"{run.tool} {run.tool_version} {run.build_profile}".strip()
