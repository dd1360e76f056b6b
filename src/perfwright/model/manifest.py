"""`run.json`: what a run was, on what, and how it ended. The tables hold what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perfwright.model.verdict import SloResult, Verdict

FORMAT = 1
OWN_TOOL = "perfwright"
IMPORTED = "imported"
"""The kind of a run that another tool made."""
INTERLEAVED = "interleaved"
"""The tag of a run that was one turn of an interleaved comparison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunManifest:
    """Written when the run starts (state "running"), replaced atomically when it ends.

    `started_at` and `ended_at` are wall-clock ISO 8601 UTC; every other time in the store is
    relative to the run's monotonic origin. `result` is what `run --json` prints (None until the
    run ended).
    `state`: running | finished | stopped (Ctrl-C, stop_if) | failed (the load could not start); a
    running manifest without a held lock reads as *interrupted*.
    """

    run_id: str
    name: str
    state: str
    started_at: str
    ended_at: str | None = None
    tool: str = OWN_TOOL
    tool_version: str = ""
    build_profile: str = ""
    git_commit: str | None = None
    git_branch: str | None = None
    git_dirty: bool = False
    host: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    test_file: str | None = None
    test_source: str | None = None
    target: str = ""
    kind: str = ""
    seed: int = 0
    workers: int = 1
    load: Mapping[str, Any] = field(default_factory=dict)
    """Load shape by scenario ("" = all): `{model, segments: [[from_s, to_s, from, to], …]}`."""
    judged_s: tuple[tuple[float, float], ...] = ()
    """Windows [from, to) in seconds since the origin that SLOs are judged on."""
    quantiles: tuple[float, ...] = ()
    """Which quantiles are known (0..1), where another tool told only some; empty: every one is."""
    slos: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    slo_results: tuple[SloResult, ...] = ()
    verdict: Verdict | None = None
    result: Mapping[str, Any] | None = None
    format: int = FORMAT
