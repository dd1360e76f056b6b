"""The lines that no format fits: the first few, each with its place in its file, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from perfwright.model.access import TABLE
from perfwright.model.imported import BadLine
from perfwright.sources.access_logs.inputs import LogFile
from perfwright.sources.access_logs.line_format import KEPT
from perfwright.sources.access_logs.lines import clean_text, numbered

if TYPE_CHECKING:
    import duckdb

_EXAMPLES = 5
_SHOWN = 120
_COMPARED = 4096


def bad_examples(
    connection: duckdb.DuckDBPyConnection, files: Sequence[LogFile], *, told: bool
) -> list[BadLine]:
    """`files`: by their numbers in the table. `told`: the format was given by hand."""
    left = connection.execute(
        f"SELECT file, {KEPT}[:{_COMPARED}] FROM {TABLE} WHERE {KEPT} IS NOT NULL"
        f" ORDER BY rowid LIMIT {_EXAMPLES}"
    ).fetchall()
    examples: list[BadLine] = []
    for place, of_file in groupby(left, key=lambda row: row[0]):
        texts = [clean_text(text) for _, text in of_file]
        examples += _located(files[place], texts, told)
    return examples


def _located(file: LogFile, texts: Sequence[str], told: bool) -> Iterator[BadLine]:
    """The first line of each text."""
    missing = list(texts)
    for number, whole in numbered(file.path):
        text = clean_text(file.wrapper.text(whole))[:_COMPARED]
        if text in missing:
            missing.remove(text)
            yield BadLine(file.name, number, text[:_SHOWN], _why(text, told))
        if not missing:
            return


def _why(line: str, told: bool) -> str:
    if line.count("\ufffd") > len(line) // 10:
        return "is no text"
    if line.lstrip().startswith("{"):
        return "is no JSON object that tells the time and the target of a request"
    return "does not fit the log format" if told else "fits no known format"
