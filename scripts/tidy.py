"""Holds every .py and .rs file to the house's rules: `python scripts/tidy.py [--update]`.

Rules that no file may break:
    a function takes at most 70 lines; a line at most 100 characters; a file at most 400 lines,
    unless one of its first lines says why ("long because …"); a file that is not empty opens with
    what it is (a docstring, `//!`); no unfinished business is left in comments.
Ratchets, kept in tidy.toml and allowed to move in one direction only:
    long_function_percent   functions above 35 lines, of all, rounded up
    long_files              files above 400 lines that say why

Exit code 0: all is well. 1: something grew or broke a rule; each line names place and remedy.
When a ratchet can be lowered this says so, and `--update` lowers it; raising is an edit by hand.
"""

from __future__ import annotations

import ast
import math
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tidy_functions import Function, python_functions, rust_functions, without_rust_tests

ROOT = Path(__file__).resolve().parent.parent
RATCHETS = Path(__file__).with_name("tidy.toml")
MAX_FUNCTION_LINES = 70
LONG_FUNCTION_LINES = 35
MAX_FILE_LINES = 400
MAX_LINE_CHARACTERS = 100
REASON = "long because"
REASON_WITHIN_LINES = 40
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What one file comes to: broken rules as printable lines, and what the ratchets count."""

    problems: tuple[str, ...]
    functions: tuple[Function, ...]
    is_long: bool


def examine(name: str, source: str) -> FileReport:
    """Checks one file against every rule; `name` goes into messages, its suffix is the language."""
    code = without_rust_tests(source) if name.endswith(".rs") else source
    try:
        functions = rust_functions(code) if name.endswith(".rs") else python_functions(code)
    except SyntaxError as error:
        problem = f"{name}:{error.lineno}: {error.msg}"
        return FileReport(problems=(problem,), functions=(), is_long=False)
    is_long = code.count("\n") > MAX_FILE_LINES
    problems = [
        *_line_problems(name, source),
        *_function_problems(name, functions),
        *_head_problems(name, source),
    ]
    if is_long and REASON not in "\n".join(source.splitlines()[:REASON_WITHIN_LINES]).lower():
        lines = code.count("\n")
        problems.append(f'{name}: {lines} lines; split it, or say why at its head ("{REASON} …")')
    return FileReport(problems=tuple(problems), functions=tuple(functions), is_long=is_long)


def _line_problems(name: str, source: str) -> Iterator[str]:
    for number, line in enumerate(source.splitlines(), start=1):
        # Python's line length is ruff's to judge: it knows pragmas and addresses.
        if name.endswith(".rs") and len(line) > MAX_LINE_CHARACTERS:
            yield f"{name}:{number}: {len(line)} characters; break it at {MAX_LINE_CHARACTERS}"
        if unfinished := UNFINISHED.search(line):
            yield f"{name}:{number}: {unfinished[0]}; finish it, or say what is not done"


def _function_problems(name: str, functions: list[Function]) -> Iterator[str]:
    for function in functions:
        if function.lines > MAX_FUNCTION_LINES:
            yield (
                f"{name}:{function.line}: {function.name} takes {function.lines} lines; "
                f"split it below {MAX_FUNCTION_LINES}"
            )


def _head_problems(name: str, source: str) -> Iterator[str]:
    if not source.strip():
        return
    if name.endswith(".rs"):
        if not source.lstrip().startswith("//!"):
            yield f"{name}:1: no head; open the file with //! and what it computes"
    elif ast.get_docstring(ast.parse(source)) is None:
        yield f"{name}:1: no head; open the file with a docstring that says what it computes"


def measure(reports: list[FileReport]) -> dict[str, int]:
    """The ratchets' values over all files."""
    functions = [function for report in reports for function in report.functions]
    long_functions = sum(function.lines > LONG_FUNCTION_LINES for function in functions)
    return {
        "long_function_percent": math.ceil(100 * long_functions / max(1, len(functions))),
        "long_files": sum(report.is_long for report in reports),
    }


def compare(measured: dict[str, int], allowed: dict[str, int]) -> tuple[list[str], list[str]]:
    """What grew past its ratchet, and which ratchets can be lowered."""
    grown = [
        f"{name} is {value}, tidy.toml allows {allowed[name]}; make the new code smaller"
        for name, value in measured.items()
        if value > allowed[name]
    ]
    loose = [
        f"{name} is {value}, tidy.toml still allows {allowed[name]}"
        for name, value in measured.items()
        if value < allowed[name]
    ]
    return grown, loose


def tracked_files() -> list[Path]:
    """Every .py and .rs file that is in git or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        [*command, "--", "*.py", "*.rs"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    names = sorted({name for name in listed.stdout.split("\0") if name})
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def lower(measured: dict[str, int], allowed: dict[str, int]) -> None:
    """Writes tidy.toml with each ratchet at what was measured, where that is lower."""
    heading, _, _ = RATCHETS.read_text().partition("\n\n")
    values = "\n".join(f"{name} = {min(allowed[name], measured[name])}" for name in allowed)
    RATCHETS.write_text(f"{heading}\n\n{values}\n")


def main(arguments: list[str]) -> int:
    reports = [examine(str(path.relative_to(ROOT)), path.read_text()) for path in tracked_files()]
    measured = measure(reports)
    allowed = tomllib.loads(RATCHETS.read_text())
    grown, loose = compare(measured, allowed)
    for problem in [problem for report in reports for problem in report.problems] + grown:
        print(problem)
    if loose and "--update" in arguments:
        lower(measured, allowed)
    elif loose:
        print("tidier than required:", "; ".join(loose), "(python scripts/tidy.py --update)")
    return 1 if grown or any(report.problems for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
