"""How a file of lines is named in SQL; and literals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_IN_NO_TEXT = "\x01"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(literal, texts)) + "]"


def read_lines(
    file: Path, *, compression: str = "none", strict: bool = True, encoding: str = "utf-8"
) -> str:
    """What to write after FROM for the table of one column, `line`; NULL for an empty one. Strict:
    DuckDB gives up on control characters, mixed ends of lines, lines above 2 MB."""
    return (
        f"read_csv({literal(str(file))}, columns={{'line': 'VARCHAR'}}, header=false,"
        f" delim={literal(_IN_NO_TEXT)}, quote='', escape='', auto_detect=false,"
        f" compression='{compression}', encoding='{encoding}', strict_mode={str(strict).lower()})"
    )
