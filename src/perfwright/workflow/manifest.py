"""A run's manifest: what is known when it starts, and its last form when it has ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from perfwright.model.manifest import RunManifest
from perfwright.model.redaction import redact, redacted
from perfwright.model.result import RunResult
from perfwright.plan.test_plan import TestPlan
from perfwright.workflow.git import git_state
from perfwright.workflow.host import host_facts
from perfwright.workflow.options import RunOptions


def first_manifest(
    run_id: str, plan: TestPlan, options: RunOptions, *, workers: int, notes: Sequence[str]
) -> RunManifest:
    """State "running". Asks git and the host; secrets are taken out of command line and URLs."""
    from perfwright._kernel import BUILD_PROFILE

    test = plan.test
    git = git_state(Path.cwd() if plan.path is None else plan.path.parent)
    return RunManifest(
        run_id=run_id,
        name=options.name or _usual_name(plan),
        state="running",
        started_at=now_utc(),
        tool_version=version("perfwright"),
        build_profile=BUILD_PROFILE,
        git_commit=git.commit,
        git_branch=git.branch,
        git_dirty=git.dirty,
        host=host_facts(),
        command=redacted(options.command),
        test_file=None if plan.path is None else str(plan.path),
        test_source=plan.source or None,
        target=redact(test.target if plan.request is None else plan.request.url),
        kind=options.kind,
        seed=test.seed,
        workers=workers,
        load={name: shape.to_json() for name, shape in test.load.items()},
        judged_s=test.judged_windows(),
        slos=tuple(slo.expr for slo in test.slos),
        tags=options.tags,
        notes=tuple(notes),
    )


def last_manifest(manifest: RunManifest, *, state: str, result: RunResult) -> RunManifest:
    """The form in which a run is kept once it has ended."""
    return dataclasses.replace(
        manifest,
        state=state,
        ended_at=now_utc(),
        slo_results=result.slos,
        verdict=result.verdict,
        result=result.as_json(),
    )


def failed_manifest(manifest: RunManifest, problem: str) -> RunManifest:
    """Of a run that an error ended; its measurements stay, and it has no verdict."""
    return dataclasses.replace(
        manifest, state="failed", ended_at=now_utc(), notes=(*manifest.notes, problem)
    )


def now_utc() -> str:
    """Wall-clock time as the manifest has it: ISO 8601, UTC, to the second."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _usual_name(plan: TestPlan) -> str:
    if plan.request is not None:
        return f"{plan.request.method} {urlsplit(plan.request.url).path or '/'}"
    return plan.path.stem if plan.path is not None else ""
