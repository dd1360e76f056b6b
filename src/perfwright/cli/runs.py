"""`perfwright runs`: what is in the store, newest first."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.shared import json_option, print_json, store_option

if TYPE_CHECKING:
    from perfwright.model.manifest import RunManifest

_COLUMNS = ("RUN", "NAME", "STATE", "STARTED (UTC)", "VERDICT", "REQUESTS", "P99", "TAGS")
_NAME_WIDTH = 32
_NAME_WIDTH_LEAST = 10


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
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(runs_table([_COLUMNS, *(_row(run) for run in runs)], width))
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
    return (
        run.run_id,
        _cut(run.name, _NAME_WIDTH),
        run.state,
        run.started_at.replace("T", " ").rstrip("Z"),
        "–" if run.verdict is None else str(run.verdict.status),
        "–" if requests is None else f"{requests:,}",
        "–" if p99_ms is None else f"{p99_ms:.1f} ms",
        ", ".join(run.tags),
    )


def runs_table(rows: Sequence[Sequence[str]], width: int | None) -> str:
    """The rows in columns. Where they are wider than the terminal the start is left out, for a
    run's id begins with it, and tags where there are none; then names are cut. None: for a pipe,
    which has no width."""
    if width is not None and _table_width(rows) > width:
        tagged = any(row[-1] for row in rows[1:])
        rows = [(*row[:3], *row[4 : len(row) if tagged else -1]) for row in rows]
        longest = max(len(row[1]) for row in rows)
        names = max(_NAME_WIDTH_LEAST, longest - max(0, _table_width(rows) - width))
        rows = [(row[0], _cut(row[1], names), *row[2:]) for row in rows]
    widths = _widths(rows)
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _table_width(rows: Sequence[Sequence[str]]) -> int:
    widths = _widths(rows)
    return sum(widths) + 2 * (len(widths) - 1)


def _cut(name: str, length: int) -> str:
    return name if len(name) <= length else f"{name[: length - 1]}…"
