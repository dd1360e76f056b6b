"""Two stored runs beside each other: what changed, how sure that is, and where it comes from.

frames ─► judged seconds of each step ─► pairs ─► verdicts ─┐
manifests ─► what makes it unfair ──────────────────────────┼─► Comparison
phases, statements, stacks, spans ─► what grew, if slower ──┘
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.analyze.comparing import comparison_of
from perfwright.analyze.judging import MARGIN, StepPair, pairs_of
from perfwright.analyze.step_seconds import StepSeconds, steps_of
from perfwright.analyze.what_grew import (
    Side,
    functions_grown,
    phases_grown,
    spans_grown,
    statements_grown,
)
from perfwright.model.comparison import Comparison, Judged
from perfwright.model.frame import Frame, merged
from perfwright.model.manifest import RunManifest
from perfwright.model.watched import Reading
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.comparison_notes import notes_of, same_load
from perfwright.workflow.imports import find_run
from perfwright.workflow.run_digest import length_of_sums_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison with what it was made of. `sides`: the runs' judged seconds, base first."""

    base: RunManifest
    candidate: RunManifest
    comparison: Comparison
    pairs: tuple[StepPair, ...]
    sides: tuple[Side, Side]

    def as_json(self) -> dict[str, Any]:
        """What `compare --json` prints."""
        return {
            "base": self.base.run_id,
            "candidate": self.candidate.run_id,
            **self.comparison.as_json(),
        }


def compare(store: Path, base: str, candidate: str, *, margin: float = MARGIN) -> Compared:
    """The runs that the references mean (`find_run`). RunNotFound, DataError, StoreError."""
    return compare_runs(find_run(store, base), find_run(store, candidate), margin=margin)


def compare_runs(base: StoredRun, candidate: StoredRun, *, margin: float = MARGIN) -> Compared:
    """`margin`: changes within ± this ratio are the same. StoreError."""
    frames = (judged_frames(base), judged_frames(candidate))
    steps = (
        _lasting(steps_of(frames[0]), base.manifest),
        _lasting(steps_of(frames[1]), candidate.manifest),
    )
    return compared(
        (base.manifest, candidate.manifest),
        pairs_of(*steps),
        (side_of(frames[0], base.watched()), side_of(frames[1], candidate.watched())),
        margin=margin,
        notes=notes_of(base.manifest, candidate.manifest, steps),
    )


def compared(
    manifests: tuple[RunManifest, RunManifest],
    pairs: tuple[StepPair, ...],
    sides: tuple[Side, Side],
    *,
    margin: float,
    notes: Sequence[str],
) -> Compared:
    """The verdicts on `pairs`, and what grew. `manifests` stand for base and candidate."""
    base, candidate = manifests
    closed = _is_closed(base) and same_load(base, candidate)
    comparison = comparison_of(pairs, margin=margin, throughput_decides=closed, notes=notes)
    attribution = tuple(_attribution(comparison, sides))
    return Compared(
        base=base,
        candidate=candidate,
        comparison=dataclasses.replace(comparison, attribution=attribution),
        pairs=pairs,
        sides=sides,
    )


def _lasting(steps: Mapping[str, StepSeconds], manifest: RunManifest) -> dict[str, StepSeconds]:
    """The steps, as long as their run was where it is one frame of another tool's sums."""
    length_s = length_of_sums_s(manifest) or 1.0
    return {
        name: dataclasses.replace(step, seconds=step.seconds * length_s)
        for name, step in steps.items()
    }


def judged_frames(run: StoredRun) -> list[Frame]:
    """What counts for a comparison."""
    return [frame for frame in run.frames() if frame.judged]


def side_of(frames: Sequence[Frame], watched: Reading) -> Side:
    """Of judged frames."""
    return Side(
        tally=merged((frame.total for frame in frames), gauges="last"),
        watched=watched,
        seconds=frozenset(frame.second for frame in frames),
        duration_s=float(len(frames)),
    )


def _attribution(comparison: Comparison, sides: tuple[Side, Side]) -> Iterator[str]:
    """What grew: of each step that is slower its phases, then what the whole system spends."""
    slower = [step.name for step in comparison.steps if step.verdict is Judged.SLOWER]
    if not slower:
        return
    base, candidate = (side.tally.steps for side in sides)
    yield from filter(None, (phases_grown(name, base[name], candidate[name]) for name in slower))
    for grown in (spans_grown, statements_grown, functions_grown):
        yield from grown(*sides)


def _is_closed(manifest: RunManifest) -> bool:
    return bool(manifest.load) and all(
        shape.get("model") == "closed" for shape in manifest.load.values()
    )
