"""Runs to compare, of known truth: log-normal times whose level wanders from second to second.

    level_s = φ level_{s-1} + noise     time = median · slower · exp(level_s + 0.3 N(0, 1))

Under a Poisson load. `slower` multiplies every time; the same seed gives the same run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from support.runs import demo_manifest
from support.stores import open_run

from perfwright.model.frame import Frame, StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_MS
from perfwright.model.watched import NOTHING, Reading

STEPS = {"GET /items": 20.0, "POST /orders": 45.0}


def wandering(
    seed: int,
    *,
    steps: Mapping[str, float] = STEPS,
    slower: float | Mapping[str, float] = 1.0,
    seconds: int = 30,
    per_s: float = 60.0,
    phi: float = 0.5,
    level: float = 0.02,
    error_ratio: float = 0.0,
    watched: Reading = NOTHING,
) -> list[Frame]:
    """Judged frames; `level`: the standard deviation of the level's noise; `watched` is told in the
    first second."""
    random = np.random.default_rng(seed)
    frames, state = [], 0.0
    for second in range(seconds):
        state = phi * state + level * float(random.standard_normal())
        tally = Tally()
        for name, median_ms in steps.items():
            factor = slower if isinstance(slower, float) else slower.get(name, 1.0)
            spread = np.exp(state + 0.3 * random.standard_normal(random.poisson(per_s)))
            tally.steps[name] = _step(median_ms * factor * spread, error_ratio, random)
        frames.append(
            Frame(
                second=second,
                by_worker={0: tally},
                total=tally,
                watched=watched if second == 0 else NOTHING,
                judged=True,
            )
        )
    return frames


def stored(store: Path, run_id: str, frames: Sequence[Frame], **fields: Any) -> str:
    """A finished run of these frames; its id. `fields` replace the manifest's."""
    writer = open_run(store, frames, run_id=run_id)
    manifest = dataclasses.replace(
        demo_manifest(run_id=run_id), state="finished", verdict=None, result=None, **fields
    )
    writer.stop(manifest)
    return run_id


def _step(times_ms: np.ndarray, error_ratio: float, random: np.random.Generator) -> StepTally:
    times_ns = (times_ms * NS_PER_MS).astype(np.int64)
    response, errors = histogram_of(times_ns), int(random.binomial(len(times_ns), error_ratio))
    return StepTally(
        requests=len(times_ns),
        errors=errors,
        error_kinds={"http_5xx": errors} if errors else {},
        measures={
            "response": response,
            "service": response.copy(),
            "wait": histogram_of(times_ns * 9 // 10),
            "receive": histogram_of(times_ns // 10),
        },
    )


def histogram_of(values: np.ndarray) -> Histogram:
    """`Histogram.of` of whole numbers from 512 on, many at once."""
    shifts = np.floor(np.log2(values)).astype(np.int64) - 8
    buckets, counts = np.unique(256 * shifts + (values >> shifts), return_counts=True)
    pairs = zip(buckets.tolist(), counts.tolist(), strict=True)
    return Histogram.from_pairs(pairs, int(values.sum()), int(values.max(initial=0)))
