"""`perfwright runs`: what is in the store, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.shared import json_option, print_json, store_option

if TYPE_CHECKING:
    from perfwright.model.manifest import RunManifest

_COLUMNS = ("RUN", "NAME", "STATE", "STARTED (UTC)", "VERDICT", "REQUESTS", "P99", "TAGS")
_NAME_WIDTH = 32


@click.command("runs")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only runs that have this tag.")
@store_option
@json_option
def command(tags: tuple[str, ...], store: Path, as_json: bool) -> None:
    """List the runs in the store, newest first.

    A run that a crash or a kill ended is listed as interrupted; what it had measured is kept.
    """
    from perfwright.store.reader import Store

    runs = [run for run in Store(store).list() if set(tags) <= set(run.tags)]
    if as_json:
        print_json([_document(run, store) for run in runs])
    elif runs:
        click.echo(_table([_COLUMNS, *(_row(run) for run in runs)]))
    else:
        tagged = f" with tag {', '.join(tags)}" if tags else ""
        click.echo(f"{store} holds no runs{tagged}: `perfwright run` makes one", err=True)


def _document(run: RunManifest, store: Path) -> dict[str, Any]:
    result = run.result or {}
    return {
        "run_id": run.run_id,
        "name": run.name,
        "state": run.state,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "target": run.target,
        "verdict": None if run.verdict is None else str(run.verdict.status),
        "reasons": [] if run.verdict is None else list(run.verdict.reasons),
        "totals": result.get("totals"),
        "response_ms": result.get("overall", {}).get("response_ms"),
        "tags": list(run.tags),
        "notes": list(run.notes),
        "path": str(store / "runs" / run.run_id),
    }


def _row(run: RunManifest) -> tuple[str, ...]:
    result = run.result or {}
    requests = result.get("totals", {}).get("requests")
    p99_ms = result.get("overall", {}).get("response_ms", {}).get("p99")
    name = run.name if len(run.name) <= _NAME_WIDTH else f"{run.name[: _NAME_WIDTH - 1]}…"
    return (
        run.run_id,
        name,
        run.state,
        run.started_at.replace("T", " ").rstrip("Z"),
        "–" if run.verdict is None else str(run.verdict.status),
        "–" if requests is None else f"{requests:,}",
        "–" if p99_ms is None else f"{p99_ms:.1f} ms",
        ", ".join(run.tags),
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)
