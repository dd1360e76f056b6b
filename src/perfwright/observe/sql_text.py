"""Statements and plans as text: which may be explained, and conditions without their values."""

from __future__ import annotations

import re

from perfwright.model.statements import normalize

_EXPLAINABLE = re.compile(r"(?is)^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|VALUES|TABLE)\b")
_CONDITION = re.compile(
    r"^(\s*(?:[\w ]*(?:Cond|Filter|Key)|Output|Group Key|Order By|Function Call): )(.*)$"
)
_LITERAL = re.compile(r"'(?:[^']|'')*'")


def is_explainable(statement: str) -> bool:
    """Whether it reads or writes rows; what sets, creates or grants has no plan."""
    return _EXPLAINABLE.match(_without_comments(statement)) is not None


def without_values(plan: str) -> str:
    """A plan's text with `?` for the values in its conditions; estimates stay."""
    return "\n".join(_line(line) for line in plan.splitlines())


def condition_text(condition: str, alias: str) -> str:
    """`(o.customer_id = 42)` of alias `o` as `customer_id = ?`."""
    text = normalize(condition).replace(f"{alias}.", "")
    while text.startswith("(") and _closes_at_end(text):
        text = text[1:-1]
    return text


def _line(line: str) -> str:
    match = _CONDITION.match(line)
    return match[1] + normalize(match[2]) if match else _LITERAL.sub("?", line)


def _without_comments(statement: str) -> str:
    return re.sub(r"(?s)^(?:\s+|--[^\n]*\n|/\*.*?\*/|\()+", "", statement)


def _closes_at_end(text: str) -> bool:
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False
