"""A store with many small finished runs of one test, for the tests of trends.

Only manifests: the history of runs is read from nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.runs import demo_manifest

from perfwright.store.layout import MANIFEST, RUNS
from perfwright.store.manifest_json import write_manifest

START = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)


def stored_history(
    store: Path,
    p95_ms: Sequence[float | None],
    *,
    commits: Sequence[str] | None = None,
    **changed: Any,
) -> list[str]:
    """A finished run a day; of each the p95 of all requests and of step `login` in ms (None: it had
    no requests). `changed`: fields of the manifests. Ids, oldest first."""
    ids = []
    for day, value in enumerate(p95_ms):
        started = START + timedelta(days=day)
        run_id = f"{started:%Y%m%d-%H%M%S}-{day:04d}"
        manifest = dataclasses.replace(
            demo_manifest(run_id=run_id),
            state="finished",
            started_at=f"{started:%Y-%m-%dT%H:%M:%SZ}",
            git_commit=commits[day] if commits else f"{day:040x}",
            result=_result(value),
            **changed,
        )
        folder = store / RUNS / run_id
        folder.mkdir(parents=True)
        write_manifest(folder / MANIFEST, manifest)
        ids.append(run_id)
    return ids


def _result(p95_ms: float | None) -> dict[str, Any]:
    step = {
        "name": "login",
        "requests": 0 if p95_ms is None else 1000,
        "errors": 0 if p95_ms is None else 5,
        "throughput_per_s": 50.0,
        "response_ms": {"p50": None if p95_ms is None else p95_ms / 2, "p95": p95_ms},
    }
    return {"overall": {**step, "name": ""}, "judged_steps": [step], "steps": [step]}
