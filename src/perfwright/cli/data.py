"""`perfwright data SPEC`: synthetic test data from a description of its tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfwright.cli.shared import json_option, print_json, show_progress

if TYPE_CHECKING:
    from perfwright.export.synthetic.writers import Format


@click.command("data")
@click.argument("spec", metavar="SPEC", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--rows",
    multiple=True,
    metavar="N|TABLE=N",
    help="Rows of every table, or of one, instead of the spec's. Repeatable.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    help="Instead of the spec's: the same seed makes the same bytes.",
)
@click.option("--locale", metavar="LOCALE", help="Of names and addresses, like de_DE.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    metavar="DIR",
    help="Folder for the files, one a table.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "parquet"]),
    default="csv",
    show_default=True,
    help="How they are written; test files read all three.",
)
@json_option
def command(
    spec: Path,
    rows: tuple[str, ...],
    seed: int | None,
    locale: str | None,
    out: Path,
    form: Format,
    as_json: bool,
) -> None:
    """Make test data: SPEC (YAML, JSON or TOML) names tables and how their columns are distributed.

    \b
    perfwright data shop.yaml
    perfwright data shop.yaml --rows users=1000000 --format parquet --seed 7

    See docs/data.md for what a column can be: Faker's providers, distributions, choices, patterns,
    templates, keys of other tables, correlation.
    """
    from perfwright.model.units import format_count, format_duration
    from perfwright.plan.data_file import read_data_spec
    from perfwright.workflow.data import with_rows, write_data

    asked = with_rows(read_data_spec(spec, seed=seed, locale=locale), _rows(rows))
    try:
        written = write_data(asked, out, form, on_rows=_show_rows)
    finally:
        show_progress("")
    if as_json:
        print_json({"seed": asked.seed, "tables": [table.as_json() for table in written]})
        return
    for table in written:
        click.echo(
            f"{table.path}: {format_count(table.rows)} rows in {format_duration(table.taken_s)}"
        )


def _show_rows(name: str, rows: int) -> None:
    from perfwright.model.units import format_count

    show_progress(f"{name}: {format_count(rows)} rows")


def _rows(given: tuple[str, ...]) -> dict[str, int]:
    from perfwright.model.errors import UsageError
    from perfwright.plan.data_file import checked_rows

    rows = {}
    for text in given:
        name, _, number = text.rpartition("=")
        digits = number.replace("_", "").replace(",", "")
        if not digits.isdecimal():
            raise UsageError(f"--rows: {text!r} is no number of rows; write 1000 or users=1000")
        rows[name] = checked_rows("--rows", int(digits))
    return rows
