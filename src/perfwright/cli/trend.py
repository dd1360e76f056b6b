"""`perfwright trend [STEP]`: what changed over time, when, by how much, and by which commits."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.shared import json_option, pictures_option, print_json, store_option, writing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfwright.export.alerts import Channel
    from perfwright.workflow.trend import Trended
    from perfwright.workflow.trend_alerts import AlertResult

_METRICS = ("p50", "p90", "p95", "p99", "p999", "mean", "max", "throughput", "errors")
_FORMATS = ("html", "md", "svg", "png")


@click.command("trend")
@click.argument("step", default="")
@click.option(
    "--metric", type=click.Choice(_METRICS), default="p95", show_default=True,
    help="Response time in ms, requests completed a second, or failed requests in percent.",
)  # fmt: skip
@click.option("--name", default="", help="Which test's runs.  [default: the newest run's]")
@click.option("--branch", default="", help="Only runs made on this git branch.")
@click.option(
    "--last", type=click.IntRange(min=1), metavar="N", help="Only the last N runs or rows."
)
@click.option(
    "--csv", "csv", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A series of any origin instead of runs: a header, a time (ISO 8601 or epoch), a value.",
)  # fmt: skip
@click.option("--column", default="", help="With --csv: the name of the value column.")
@click.option(
    "--alert", "alerts", multiple=True, metavar="CHANNEL",
    help="webhook:URL, slack:URL or cmd:COMMAND; told once of each lasting change. Repeatable.",
)  # fmt: skip
@click.option(
    "--format", "kind", type=click.Choice(_FORMATS),
    help="Write a report instead of text.  [default: by the suffix of --out]",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Where the report goes.  [default: trend.html, trend.md, …]")  # fmt: skip
@pictures_option
@store_option
@json_option
def command(
    step: str,
    metric: str,
    name: str,
    branch: str,
    last: int | None,
    csv: Path | None,
    column: str,
    alerts: tuple[str, ...],
    kind: str | None,
    out: Path | None,
    pictures: str,
    store: Path,
    as_json: bool,
) -> None:
    """Find lasting changes in the history of STEP (by default all requests) across the runs in the
    store, each with its size, its certainty and the commits between.

    With --csv: of any series, its season taken out, and its anomalies.
    """
    from perfwright.export.alerts import parse_channel
    from perfwright.model.errors import UsageError
    from perfwright.workflow.trend import trend_of_file, trend_of_store
    from perfwright.workflow.trend_history import Wanted

    channels = [parse_channel(text) for text in alerts]
    if csv is not None and (step or name or branch):
        raise UsageError("--csv: STEP, --name and --branch choose runs; a file has none of them")
    if csv is None and column:
        raise UsageError("--column: it names a column of a file; give --csv FILE")
    if csv is not None:
        trended = trend_of_file(csv, column=column, last=last)
    else:
        wanted = Wanted(metric=metric, step=step, name=name, branch=branch, last=last)
        trended = trend_of_store(store, wanted, repository=Path())
    told = _alerted(trended, channels, store)
    written = _written(trended, kind, out, pictures)
    if as_json:
        alerted = [dataclasses.asdict(result) for result in told]
        print_json({**trended.as_json(), "alerts": alerted, "path": _text(written)})
    elif written is not None:
        click.echo(written)
    else:
        from perfwright.report.console import wants_color
        from perfwright.report.trend_text import render_trend

        width = shutil.get_terminal_size().columns
        click.echo(render_trend(trended, width=width, color=wants_color(sys.stdout)), nl=False)


def _alerted(trended: Trended, channels: Sequence[Channel], store: Path) -> tuple[AlertResult, ...]:
    """What was told now; failures are said on stderr."""
    if not channels:
        return ()
    from perfwright.report.trend_words import alert_sentence
    from perfwright.workflow.trend_alerts import alert

    changes = trended.trend.change_points
    origins: Any = trended.origins or (None,) * len(changes)
    sentences = [
        alert_sentence(trended, change, origin)
        for change, origin in zip(changes, origins, strict=True)
    ]
    results = alert(trended, sentences, channels, store)
    for result in results:
        if result.error is not None:
            click.echo(f"alert: {result.error}", err=True)
    return results


def _written(trended: Trended, kind: str | None, out: Path | None, pictures: str) -> Path | None:
    """The report's file, where one was asked for. UsageError where it cannot be written."""
    if kind is None and out is None:
        return None
    from perfwright.model.errors import UsageError

    kind = kind or (out.suffix.lstrip(".").lower() if out else "html")
    if kind not in _FORMATS:
        raise UsageError(f"--out: {out} has no suffix of {', '.join(_FORMATS)}; give --format too")
    path = out or Path(f"trend.{kind}")
    with writing("--out", path):
        path.write_bytes(_rendered(trended, kind, path, pictures))
    return path


def _rendered(trended: Trended, kind: str, path: Path, pictures: str) -> bytes:
    from perfwright.model.errors import UsageError
    from perfwright.report.trend_charts import trend_chart
    from perfwright.report.trend_document import trend_document

    chart = trend_chart(trended)
    if kind == "md":
        from perfwright.report.markdown import render_markdown
        from perfwright.report.pictures import beside

        if pictures == "none":
            return render_markdown(trend_document(trended, None)).encode()
        return render_markdown(trend_document(trended, chart), beside(path, pictures)).encode()
    if kind == "html":
        from perfwright.report.html import render_html

        return render_html(trend_document(trended, chart)).encode()
    from perfwright.report.pictures import png_of, svg_of

    if chart is None:
        raise UsageError(f"--format {kind}: there are no values to draw")
    return png_of(chart) if kind == "png" else svg_of(chart).encode()


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
