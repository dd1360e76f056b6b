"""CSV Data Set Config: the file beside the test plan, copied, or its columns with one example row.

Only files in the plan's own folder (or under it) are read: an absolute path or one with `..` is
looked for there by its name.
"""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path

from perfwright.model.journey import DataFile, FromData
from perfwright.sources.drafting.names import clean
from perfwright.sources.jmx.ledger import Ledger
from perfwright.sources.jmx.tree import Element
from perfwright.sources.jmx.variables import Variables

CSV_KINDS = frozenset({"CSVDataSet", "RandomCSVDataSetConfig"})
_MOST_ROWS = 1_000_000
_LARGEST_BYTES = 256 * 1024 * 1024
_MOST_COLUMNS = 500


def read_data(element: Element, folder: Path, variables: Variables, ledger: Ledger) -> None:
    """Declares the columns as variables. Whatever is not as in JMeter is told."""
    named = variables.literal(element.text("filename")) or element.text("filename")
    short = re.split(r"[/\\]", named)[-1]
    path = beside(folder, named)
    names = (variables.literal(element.text("variableNames")) or "").split(",")
    columns = [name.strip() for name in names if name.strip()][:_MOST_COLUMNS]
    rows = _rows(path, element) if path is not None else None
    if rows is None:
        rows = [] if columns else [["value"]]
        columns = columns or ["value"]
        missing = clean(short, "a file")
        ledger.told(
            element,
            f"needs {missing!r}, which is not beside the test plan: fill its rows in, one example "
            f"stands there",
        )
    elif not columns:
        columns, rows = [name.strip() for name in rows[0]][:_MOST_COLUMNS], rows[1:]
    elif element.flag("ignoreFirstLine"):
        rows = rows[1:]
    ledger.translated(element)
    if len(rows) >= _MOST_ROWS:
        ledger.told(element, f"has more than {_MOST_ROWS:,} rows; the first ones were copied")
    once = element.text("recycle", "true") == "false" and element.flag("stopThread")
    file = variables.new_file_name(re.sub(r"\.\w{1,5}$", "", short) or element.name)
    variables.files.append(
        DataFile(
            name=file,
            columns=tuple(columns),
            rows=_fitted(rows, columns),
            order="random" if element.flag("randomOrder") else "sequential",
            unique=once,
        )
    )
    for name in columns:
        variables.fill(name, FromData(file, name))


def beside(folder: Path, named: str) -> Path | None:
    """A file in the folder or under it; by its name alone where the path leads elsewhere."""
    parts = [part for part in re.split(r"[/\\]", named) if part not in ("", ".")]
    if not parts or "\0" in named or "$" in parts[-1]:
        return None
    home = folder.resolve()
    candidates = [parts, parts[-1:]] if ".." not in parts else [parts[-1:]]
    for candidate in candidates:
        try:
            path = home.joinpath(*candidate).resolve()
            if path.is_relative_to(home) and path.is_file():
                return path
        except (OSError, ValueError, RuntimeError):
            continue
    return None


def _rows(path: Path, element: Element) -> list[list[str]] | None:
    delimiter = element.text("delimiter", ",")
    delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)
    encoding = element.text("fileEncoding", "utf-8-sig").lower().replace("utf-8", "utf-8-sig")
    quoted = element.text("quotedData", "true") == "true"
    try:
        codecs.lookup(encoding := encoding.replace("-sig-sig", "-sig"))
    except LookupError:
        encoding = "utf-8-sig"
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return None
        with path.open(newline="", encoding=encoding, errors="replace") as stream:
            reader = csv.reader(
                (line.replace("\0", "") for line in stream),
                delimiter=delimiter if len(delimiter) == 1 and delimiter not in '"\r\n' else ",",
                quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            )
            rows = [row for _, row in zip(range(_MOST_ROWS), reader, strict=False) if row]
    except (OSError, csv.Error):
        return None
    return rows or None


def _fitted(rows: list[list[str]], columns: list[str]) -> list[tuple[str, ...]]:
    """Each row as long as the columns are; one example where there is none."""
    width = len(columns)
    fitted = [tuple((*row, *[""] * width)[:width]) for row in rows]
    return fitted or [tuple(f"{clean(name, 'value')} 1" for name in columns)]
