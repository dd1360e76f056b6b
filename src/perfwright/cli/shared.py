"""Options that several commands have, and how results are printed."""

from __future__ import annotations

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


def print_json(document: Any) -> None:
    """The one document of `--json`."""
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
