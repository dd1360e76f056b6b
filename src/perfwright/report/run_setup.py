"""How a run was run: everything needed to repeat it, from its manifest."""

from __future__ import annotations

import shlex

from perfwright.model.manifest import OWN_TOOL, RunManifest
from perfwright.report.document import Block, Cell, Code, Column, Section, Table
from perfwright.report.load_words import load_of


def setup_section(manifest: RunManifest) -> Section:
    rows = tuple(
        (Cell(text=name), Cell(text=value, code=name in ("Command", "Git commit")))
        for name, value in _facts(manifest)
        if value
    )
    table = Table(
        caption="How to repeat this run",
        columns=(Column(title="What"), Column(title="Value")),
        rows=rows,
    )
    blocks: tuple[Block, ...] = (table,)
    if manifest.test_source:
        caption = f"The test, {manifest.test_file or 'as it was run'}"
        blocks = (*blocks, Code(caption=caption, text=manifest.test_source, folded=True))
    return Section(key="setup", title="How it was run", blocks=blocks)


def _facts(manifest: RunManifest) -> tuple[tuple[str, str], ...]:
    version = f"{manifest.tool} {manifest.tool_version}".strip()
    is_own = manifest.tool == OWN_TOOL
    build = f" ({manifest.build_profile} build)" if manifest.build_profile else ""
    return (
        ("Command", shlex.join(manifest.command)),
        ("Test file", manifest.test_file or ""),
        ("Target", manifest.target),
        ("Load", load_of(manifest)),
        ("Kind", manifest.kind),
        ("Workers", str(manifest.workers) if is_own else ""),
        ("Seed", str(manifest.seed) if is_own else ""),
        ("Git commit", _git(manifest)),
        ("Made with", f"{version}{build}"),
        *((f"Host: {name}", str(value)) for name, value in manifest.host.items()),
        ("Tags", ", ".join(manifest.tags)),
        ("Run", manifest.run_id),
    )


def _git(manifest: RunManifest) -> str:
    if manifest.git_commit is None:
        return ""
    branch = f" on {manifest.git_branch}" if manifest.git_branch else ""
    dirty = ", with uncommitted changes" if manifest.git_dirty else ""
    return f"{manifest.git_commit[:12]}{branch}{dirty}"
