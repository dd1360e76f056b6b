"""Stored runs for a gate: of known truth, judged by SLOs, on a branch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.judged_runs import wandering
from support.runs import demo_manifest
from support.stores import open_run

from perfwright.analyze.conclude import conclude
from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
from perfwright.plan.slo import parse_slo

SECONDS = 40
PER_S = 200.0


def kept_run(
    store: Path,
    run_id: str,
    *,
    seed: int = 1,
    slower: float | Mapping[str, float] = 1.0,
    slos: tuple[str, ...] = ("p95 < 200ms",),
    seconds: int = SECONDS,
    per_s: float = PER_S,
    level: float = 0.0,
    error_ratio: float = 0.0,
    **fields: Any,
) -> str:
    """A finished run, its verdict given; `level` 0: seconds that do not depend on one another. Its
    id tells when it started. `fields` replace the manifest's."""
    frames = wandering(
        seed, slower=slower, seconds=seconds, per_s=per_s, level=level, error_ratio=error_ratio
    )
    windows = ((0.0, float(seconds)),)
    facts = RunFacts(run_id=run_id, duration_s=float(seconds), judged_s=windows)
    result = conclude(Digest.of(frames), facts, [parse_slo(slo) for slo in slos])
    day, time = run_id.split("-")[:2]
    started_at = f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}Z"
    writer = open_run(store, frames, run_id=run_id)
    manifest = dataclasses.replace(
        demo_manifest(run_id=run_id),
        state="finished",
        started_at=started_at,
        judged_s=windows,
        slos=slos,
        slo_results=result.slos,
        verdict=result.verdict,
        result=result.as_json(),
        load={},
        tags=(),
        notes=(),
    )
    writer.stop(dataclasses.replace(manifest, **fields))
    return run_id
