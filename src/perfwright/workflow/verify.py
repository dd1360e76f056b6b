"""Proves a fix: the same test again, with the same seed, held against the run that found the fault.

An investigation is made again and passes the old knee on its way, so that both runs have a stage of
the same load to compare. Any other run is repeated as it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from perfwright.analyze.verification import (
    Change,
    Outcome,
    outcome_of,
    response_change,
    throughput_change,
)
from perfwright.model.errors import UsageError
from perfwright.model.finding import Finding
from perfwright.model.frame import Frame, in_windows
from perfwright.model.protocols import Sink
from perfwright.model.stage import Stage
from perfwright.plan.test_plan import TestPlan
from perfwright.store.reader import Store
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.explain import Explained, explained, explained_run
from perfwright.workflow.investigate import investigate
from perfwright.workflow.options import RunOptions
from perfwright.workflow.run import FinishedRun, run_test

_SAME_LOAD = 1.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """`finding`: whose fix this is; None where none was named. `outcome` of all `changes`."""

    before_id: str
    after: FinishedRun
    finding: Finding | None
    changes: tuple[Change, ...]
    outcome: Outcome

    def as_json(self) -> dict[str, Any]:
        """What `verify --json` prints."""
        return {
            "before": self.before_id,
            "after": self.after.result.run_id,
            "finding": None if self.finding is None else self.finding.as_json(),
            "changes": [
                {**dataclasses.asdict(change), "gain": change.gain, "outcome": change.outcome}
                for change in self.changes
            ],
            "verdict": self.outcome,
            "path": self.after.result.path,
        }


def verify(
    before: StoredRun,
    rank: int | None,
    plan: TestPlan,
    options: RunOptions,
    sinks: Sequence[Sink] = (),
    *,
    budget_s: float,
) -> Verified:
    """`plan`: of the run `before`, seed and all. `rank`: the finding whose fix it is."""
    frames = list(before.frames())
    old = explained(before.manifest, frames, before.watched())
    finding = _finding(old, rank)
    knee = old.view.knee
    if knee is None:
        finished = run_test(plan, options, sinks)
    else:
        found = investigate(plan, options, sinks, budget_s=budget_s, visits=(knee.low,))
        finished = found.finished
    after = Store(options.store).find(finished.result.run_id)
    changes = _changes(old, frames, after, finding)
    return Verified(
        before_id=before.manifest.run_id,
        after=finished,
        finding=finding,
        changes=changes,
        outcome=outcome_of(changes),
    )


def _finding(old: Explained, rank: int | None) -> Finding | None:
    if rank is None:
        return old.findings[0] if old.findings else None
    for finding in old.findings:
        if finding.rank == rank:
            return finding
    raise UsageError(
        f"#{rank}: run {old.manifest.run_id} has {len(old.findings)} findings; see perfwright "
        f"explain {old.manifest.run_id}"
    )


def _changes(
    old: Explained, old_frames: Sequence[Frame], after: StoredRun, finding: Finding | None
) -> tuple[Change, ...]:
    promise = finding.impact if finding else None
    new_frames = list(after.frames())
    seed = old.manifest.seed
    if old.view.knee is None:
        windows = old.manifest.judged_s
        pair = (_inside(old_frames, windows), _inside(new_frames, windows))
        change = response_change(*pair, promise=promise, seed=seed)
        return () if change is None else (change,)
    new = explained_run(after)
    changes = []
    stage = old.view.at_knee
    if same := _of_load(new.view.stages, stage.offered):
        pair = (_during(old_frames, stage), _during(new_frames, same))
        change = response_change(*pair, promise=promise, seed=seed)
        changes += [change] if change else []
    if new.view.knee is not None:
        changes.append(throughput_change(old.view.knee, new.view.knee, promise=promise))
    return tuple(changes)


def _of_load(stages: Sequence[Stage], offered: float) -> Stage | None:
    """The last stage under (nearly) this load."""
    same = [s for s in stages if offered / _SAME_LOAD <= s.offered <= offered * _SAME_LOAD]
    return same[-1] if same else None


def _during(frames: Sequence[Frame], stage: Stage) -> list[Frame]:
    return _inside(frames, ((stage.from_s, stage.to_s),))


def _inside(frames: Sequence[Frame], windows: Sequence[tuple[float, float]]) -> list[Frame]:
    return [frame for frame in frames if in_windows(frame.second, windows)]
