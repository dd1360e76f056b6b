"""Values of a draft as expressions: JSON whose leaves may be variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from perfwright.export.scenario_file.layout import (
    Atom,
    Lines,
    Node,
    fits,
    mapping,
    sequence,
    simple,
)
from perfwright.export.scenario_file.literals import number, quoted, template
from perfwright.export.scenario_file.scope import Scope
from perfwright.model.journey import Text, Value, Var

DEEPEST = 60
"""Python's parser takes at most 200 nested brackets; a value nested deeper than this is cut."""


def value_node(value: Value, scope: Scope, depth: int = 0) -> Node:
    """The expression that makes `value`."""
    match value:
        case None | bool():
            return Atom(repr(value))
        case int() | float():
            return Atom(number(value))
        case str():
            return string_node(value)
        case Var(name):
            return simple(scope.known(name).code)
        case Text():
            return text_node(value, scope)
    if depth >= DEEPEST:
        scope.file.note(f"values nested deeper than {DEEPEST} levels were cut to None")
        return Atom("None")
    if isinstance(value, Mapping):
        return mapping((str(k), value_node(item, scope, depth + 1)) for k, item in value.items())
    return sequence(value_node(item, scope, depth + 1) for item in value)


def string_node(text: str) -> Node:
    """A string; one of several lines is written as such where it is long."""
    atom = Atom(quoted(text), quoted(text, ascii_only=True))
    lines = text.splitlines(keepends=True) if "\n" in text else []
    if len(lines) < 2 or fits(atom.code, 3):
        return atom
    pieces = tuple(Atom(quoted(line), quoted(line, ascii_only=True)) for line in lines)
    return Lines(atom, pieces)


def text_node(text: Text, scope: Scope) -> Node:
    """A string of literal pieces and variables."""
    parts = [(part, False) if isinstance(part, str) else (part.name, True) for part in text.parts]
    if not any(is_variable for _, is_variable in parts):
        return string_node("".join(part for part, _ in parts))
    parts = [(scope.known(part).code if is_var else part, is_var) for part, is_var in parts if part]
    if len(text.parts) == 1 and isinstance(text.parts[0], Var):
        known = scope.known(text.parts[0].name)
        if known.is_text:
            return simple(known.code)
    atom = Atom(template(parts), template(parts, ascii_only=True))
    literal = "".join(part for part, is_variable in parts if not is_variable)
    lines = _split_at_line_ends(parts) if not ('"' in literal and "'" in literal) else []
    if len(lines) < 2 or fits(atom.code, 3):
        return atom
    return Lines(atom, tuple(map(_piece, lines)))


def header_node(value: Value, scope: Scope) -> Node:
    """Like `value_node`, but always text: headers hold nothing else."""
    match value:
        case Var():
            return text_node(Text((value,)), scope)
        case str() | Text():
            return value_node(value, scope)
        case bool() | int() | float():
            return Atom(quoted(str(value).lower() if isinstance(value, bool) else str(value)))
    return Atom(quoted("")) if value is None else string_node(str(value))


def pairs_node(pairs: Iterable[tuple[str, Value]], scope: Scope) -> Node | None:
    """A dict, or pairs where a name repeats; None where there are none."""
    listed = list(pairs)
    if not listed:
        return None
    if len({name for name, _ in listed}) == len(listed):
        return mapping((name, value_node(value, scope)) for name, value in listed)
    return sequence(
        sequence([string_node(name), value_node(value, scope)], "()") for name, value in listed
    )


def form_pairs(value: Value) -> list[tuple[str, Value]]:
    """Names and values of a form, which sources give as a mapping or as pairs."""
    if isinstance(value, Mapping):
        return [(str(name), item) for name, item in value.items()]
    pairs = []
    for item in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
        if isinstance(item, Sequence) and not isinstance(item, str) and len(item) == 2:
            pairs.append((str(item[0]), item[1]))
    return pairs


def _split_at_line_ends(parts: list[tuple[str, bool]]) -> list[list[tuple[str, bool]]]:
    lines: list[list[tuple[str, bool]]] = [[]]
    for text, is_expression in parts:
        pieces = [text] if is_expression else text.splitlines(keepends=True)
        for piece in pieces:
            lines[-1].append((piece, is_expression))
            if not is_expression and piece.endswith("\n"):
                lines.append([])
    return [line for line in lines if line]


def _piece(parts: list[tuple[str, bool]]) -> Atom:
    if any(is_expression for _, is_expression in parts):
        return Atom(template(parts), template(parts, ascii_only=True))
    literal = "".join(text for text, _ in parts)
    return Atom(quoted(literal), quoted(literal, ascii_only=True))
