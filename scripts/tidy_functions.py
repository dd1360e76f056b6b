"""Finds the functions of a Python or Rust file and how many lines each takes.

A function's length runs from its `def` or `fn` line to its last line, docstring and nested
functions included; decorators and attributes are not. Python is read through `ast`. Rust is
read by a small scanner: comments and literals are blanked, then braces are matched; `#[cfg(test)]`
modules can be cut out first. The scanner trusts that the file compiles.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

RUST_LITERAL = re.compile(
    r"""
      //[^\n]*                                  # line comment
    | /\*.*?\*/                                 # block comment (nested ones are not used here)
    | \b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes)   # raw string
    | \b[bc]?"(?:\\.|[^"\\])*"                  # string after a prefix
    | "(?:\\.|[^"\\])*"                         # string
    | b?'(?:\\(?:x..|u\{[^}]*\}|.)|[^'\\\n])'   # character; a lifetime has no closing quote
    """,
    re.VERBOSE | re.DOTALL,
)
RUST_FUNCTION = re.compile(r"\bfn\s+(?:r\#)?(\w+)")
RUST_TEST_MODULE = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*(?:pub\s+)?mod\s+\w+\s*\{")
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`line` is 1-based; `lines` is the length."""

    name: str
    line: int
    lines: int


def python_functions(source: str) -> list[Function]:
    """Every function and method of a Python source; a SyntaxError is the caller's to report."""
    return [
        Function(name=node.name, line=node.lineno, lines=_last_line(node) - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def rust_functions(source: str) -> list[Function]:
    """Every function of a Rust source that has a body."""
    code = blank_rust_literals(source)
    functions = []
    for match in RUST_FUNCTION.finditer(code):
        body = _find_body(code, match.end())
        if body is None:
            continue
        first = code.count("\n", 0, match.start()) + 1
        last = code.count("\n", 0, _matching_brace(code, body)) + 1
        functions.append(Function(name=match[1], line=first, lines=last - first + 1))
    return functions


def without_rust_tests(source: str) -> str:
    """The source less its `#[cfg(test)] mod … { }` blocks."""
    code = blank_rust_literals(source)
    for match in reversed(list(RUST_TEST_MODULE.finditer(code))):
        end = _matching_brace(code, match.end() - 1)
        source = source[: match.start()] + source[end + 1 :]
    return source


def blank_rust_literals(source: str) -> str:
    """The source with comments, strings and characters as spaces; all else keeps its place."""
    return RUST_LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)


def _last_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return node.end_lineno or node.lineno


def _find_body(code: str, start: int) -> int | None:
    """Where the body's brace opens, or None for a declaration that ends with `;`."""
    depth = 0
    for offset in range(start, len(code)):
        character = code[offset]
        if depth == 0 and character in "{;":
            return offset if character == "{" else None
        depth += (character in OPENING) - (character in CLOSING)
    return None


def _matching_brace(code: str, opening: int) -> int:
    """The offset of the brace that closes the one at `opening` (the end, where none does)."""
    depth = 0
    for offset in range(opening, len(code)):
        depth += (code[offset] == "{") - (code[offset] == "}")
        if depth == 0:
            return offset
    return len(code) - 1
