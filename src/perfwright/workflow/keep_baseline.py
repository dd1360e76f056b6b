"""Choosing what later runs are held against: a name for runs, or a file made of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from perfwright.analyze.digest import Digest
from perfwright.analyze.summary import steps_of
from perfwright.model.errors import UsageError
from perfwright.store.baseline_file import BaselineHead, is_baseline_file, write_baseline_file
from perfwright.store.baselines import Baseline, set_baseline
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.baselines import opened_base, runs_meant
from perfwright.workflow.manifest import now_utc
from perfwright.workflow.run_digest import length_of_sums_s

Figures = dict[str, float | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Of the newest of its runs: when it was, at which commit, against which target. `steps`: what
    all of them came to."""

    label: str
    runs: tuple[str, ...]
    started_at: str
    git_commit: str
    git_branch: str
    target: str
    steps: dict[str, Figures]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def keep_baseline(store: Path, name: str, reference: str) -> Baseline:
    """Call the runs that `reference` means `name`, from now on."""
    if is_baseline_file(Path(reference)):
        raise UsageError(f"RUN: {reference} is a baseline already; give it to --baseline as it is")
    runs = [run.manifest.run_id for run in runs_meant(store, reference)]
    baseline = Baseline(name=name, runs=tuple(runs), set_at=now_utc())
    set_baseline(store, baseline)
    return baseline


def pack_baseline(store: Path, name: str, reference: str, path: Path) -> BaselineHead:
    """Write what `reference` means into one file, to be committed."""
    with opened_base(store, reference) as base:
        head = BaselineHead(
            label=name,
            runs=base.runs,
            lengths=base.lengths,
            notes=base.notes,
            steps=_figures(base.run),
        )
        return write_baseline_file(path, head, base.run)


def described_baseline(store: Path, reference: str) -> Described:
    """What a baseline is made of and what it came to."""
    with opened_base(store, reference) as base:
        manifest = base.run.manifest
        return Described(
            label=base.label,
            runs=base.runs,
            started_at=manifest.started_at,
            git_commit=manifest.git_commit or "",
            git_branch=manifest.git_branch or "",
            target=manifest.target,
            steps=_figures(base.run),
            notes=base.notes,
        )


def _figures(run: StoredRun) -> dict[str, Figures]:
    """By step, rounded: what a person looks for in a diff."""
    digest = Digest.of(run.frames())
    length_s = length_of_sums_s(run.manifest) or float(digest.judged.seconds)
    steps = steps_of(digest.judged.tally, duration_s=length_s, told=run.manifest.quantiles)
    return {
        step.name: {
            "requests": step.requests,
            "errors": step.errors,
            "throughput_per_s": round(step.throughput_per_s, 2),
            **{
                f"response_ms_{name}": None if value is None else round(value, 3)
                for name, value in step.response_ms.items()
                if name in ("p50", "p95", "p99", "mean", "max")
            },
        }
        for step in steps
    }
