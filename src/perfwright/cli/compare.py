"""`perfwright compare BASE CANDIDATE`: what changed between two runs, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.interleaving import InterleaveArguments, interleave_options, interleaved
from perfwright.cli.shared import (
    json_option,
    margin_option,
    margin_ratio,
    pictures_option,
    print_json,
    store_option,
    writing,
)

if TYPE_CHECKING:
    from perfwright.report.markdown import Draw
    from perfwright.workflow.compare import Compared

_SUFFIXES = {"html": ".html", "md": ".md"}
_STDOUT = "-"


@click.command("compare")
@click.argument("base", required=False)
@click.argument("candidate", required=False)
@margin_option
@click.option(
    "--format",
    "kind",
    type=click.Choice(["terminal", *_SUFFIXES]),
    default="terminal",
    show_default=True,
    help="html: one offline file with charts; md: for a pull request.",
)
@click.option(
    "--out",
    metavar="FILE",
    help="Where to write html or md; - is stdout. By default reports/ in the store.",
)
@pictures_option
@interleave_options
@store_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    /,
    base: str | None,
    candidate: str | None,
    margin: str,
    kind: str,
    out: str | None,
    pictures: str,
    store: Path,
    as_json: bool,
    **interleaving: Any,
) -> None:
    """Compare the run CANDIDATE (by default `latest`) with the run BASE, step by step: faster,
    slower, same or unknown. With --interleave, measure two targets in turn and compare them.

    A run is an id, a unique prefix of one, `latest`, a folder, or a result file of another tool.
    `same` is proven within the margin; `unknown` says how much more to measure. False alarms of a
    whole comparison are held below 2%. Exit codes: 0 same or faster, 98 slower, 97 unknown.
    """
    arguments = InterleaveArguments(**interleaving)
    if as_json and out == _STDOUT:
        raise click.UsageError("--json and --out -: both want stdout; leave one of them out")
    if out and kind == "terminal":
        raise click.UsageError("--out: the terminal's text is not written; add --format html or md")
    if arguments.interleave:
        if base:
            raise click.UsageError("BASE: --interleave makes its own runs; leave it out")
        command_line = context.find_root().obj
        compared = interleaved(arguments, store, command_line, margin=margin_ratio(margin))
    else:
        compared = _compared(store, base, candidate or "latest", margin_ratio(margin))
    is_file = kind != "terminal" and out != _STDOUT
    path = str(_written(compared, kind, store, out, pictures)) if is_file else ""
    if as_json:
        print_json({**compared.as_json(), **({"path": path} if path else {})})
    elif path:
        click.echo(path)
    else:
        click.echo(_rendered(compared, kind), nl=False)
    context.exit(_exit_code(compared))


def _compared(store: Path, base: str | None, candidate: str, margin: float) -> Compared:
    from perfwright.workflow.compare import compare

    if base is None:
        raise click.UsageError("Missing argument 'BASE': a run, or --interleave TEST.py.")
    return compare(store, base, candidate, margin=margin)


def _exit_code(compared: Compared) -> int:
    from perfwright.model.comparison import Judged
    from perfwright.model.verdict import EXIT_CODES, EXIT_REGRESSION, Status

    codes = {Judged.SLOWER: EXIT_REGRESSION, Judged.UNKNOWN: EXIT_CODES[Status.INCONCLUSIVE]}
    return codes.get(compared.comparison.verdict, 0)


def _rendered(compared: Compared, kind: str, draw: Draw | None = None) -> str:
    """`draw`: how a Markdown file shows its charts."""
    if kind == "terminal":
        return _text(compared)
    from perfwright.report.comparison_document import comparison_document

    document = comparison_document(compared, charts=kind == "html" or draw is not None)
    if kind == "md":
        from perfwright.report.markdown import render_markdown

        return render_markdown(document, draw) if draw else render_markdown(document)
    from perfwright.report.html import render_html

    return render_html(document)


def _text(compared: Compared) -> str:
    import shutil
    import sys

    from perfwright.report.comparison_text import render_comparison
    from perfwright.report.console import wants_color

    width = shutil.get_terminal_size().columns
    return render_comparison(compared, width=width, color=wants_color(sys.stdout))


def _written(compared: Compared, kind: str, store: Path, out: str | None, pictures: str) -> Path:
    from perfwright.report.pictures import beside

    name = f"{compared.base.run_id}-{compared.candidate.run_id}{_SUFFIXES[kind]}"
    path = Path(out) if out else store / "reports" / name
    with writing("--out", path):
        draw = beside(path, pictures) if kind == "md" and pictures != "none" else None
        path.write_text(_rendered(compared, kind, draw), encoding="utf-8")
    return path
