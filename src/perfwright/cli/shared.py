"""Options that several commands have, and how results are printed and written."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

store_option = click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".perfwright"),
    show_default=True,
    metavar="DIR",
    help="Folder in which runs are kept.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on stdout, nothing else."
)

pictures_option = click.option(
    "--pictures",
    type=click.Choice(["svg", "png", "none"]),
    default="svg",
    show_default=True,
    help="With md in a file: what its charts are, drawn beside it.",
)

margin_option = click.option(
    "--margin",
    metavar="PERCENT",
    default="3%",
    show_default=True,
    help="Changes smaller than this are none.",
)

map_option = click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=FIELD,…",
    help="JSON lines: what the fields mean, like time=ts,path=request.uri.",
)

_PERCENT_LEAST = 0.5
"""Of a number without its sign: `0.03` was hardly meant as 0.03%."""


def margin_ratio(text: str) -> float:
    """The ratio that `--margin` means; UsageError where it is no percentage."""
    from perfwright.model.errors import UsageError

    number = text.strip().removesuffix("%")
    try:
        percent = float(number)
    except ValueError:
        percent = -1.0
    meant_as_ratio = number == text.strip() and percent < _PERCENT_LEAST
    if not 0 < percent < 100 or meant_as_ratio:
        raise UsageError(f"--margin: {text!r} is no percentage between 0 and 100; write 3%")
    return percent / 100


def mapped_fields(texts: Sequence[str]) -> dict[str, str]:
    """`time=@timestamp,client=ip`, once or several times, as `--map` takes it."""
    from perfwright.model.errors import UsageError

    pairs = {}
    for pair in filter(None, (part.strip() for text in texts for part in text.split(","))):
        column, equals, field = pair.partition("=")
        if not equals or not column.strip() or not field.strip():
            raise UsageError(f"--map: {pair!r} must be COLUMN=FIELD, like time=ts")
        pairs[column.strip()] = field.strip()
    return pairs


@contextmanager
def writing(option: str, path: Path) -> Iterator[None]:
    """Makes the folder of the file that `option` names; UsageError where it cannot be written."""
    from perfwright.model.errors import UsageError, os_reason

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        told = f"{option}: cannot write {path}: {os_reason(error)}; name another file"
        raise UsageError(told) from error


def print_json(document: Any) -> None:
    """The one document of `--json`."""
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def show_progress(text: str) -> None:
    """What is under way, on one line of the terminal, in the place of what it said before; "" at
    the end. Nothing where stderr is no terminal."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        click.echo(f"\r{text[: shutil.get_terminal_size().columns - 1]}\x1b[K", err=True, nl=False)
