"""Lays code out as `ruff format` would, so that a generated file needs no formatter.

An expression is a small tree of atoms (never broken) and brackets. It stands on one line where it
fits; else its outermost bracket takes one line for each item, each with a trailing comma:

    user.post("/login", json={"name": name})        user.post(
                                                        "/login",
                                                        json={"name": name},
                                                    )

Ruff keeps whatever ends in a trailing comma broken, so breaking is always right, and only standing
on one line must be certain; hence the two ends of `columns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from perfwright.export.scenario_file.literals import WIDTH, columns, quoted

INDENT = "    "


@dataclass(frozen=True)
class Atom:
    """Code that stays on one line. `ascii`: the same code, with escapes for all beyond ASCII."""

    code: str
    ascii: str = ""

    @property
    def flat(self) -> str:
        return self.code


@dataclass(frozen=True)
class Bracket:
    """`opening` (a call's name with it), items, `closing`. Items may be labelled: `name=`,
    `"key": `."""

    opening: str
    items: Sequence[tuple[str, Node]]
    closing: str
    broken: bool = False
    """Never on one line."""
    bare: bool = False
    """Without the brackets where it stands on one line."""

    @cached_property
    def is_broken(self) -> bool:
        inner = (node for _, node in self.items if isinstance(node, Bracket))
        return self.broken or any(node.is_broken for node in inner)

    @cached_property
    def flat(self) -> str:
        inside = ", ".join(label + node.flat for label, node in self.items)
        if self.bare:
            return inside
        comma = "," if self.opening == "(" and len(self.items) == 1 else ""
        return f"{self.opening}{inside}{comma}{self.closing}"


@dataclass(frozen=True)
class Lines:
    """A text of several lines, as string literals that Python joins."""

    joined: Atom
    pieces: tuple[Atom, ...]

    @property
    def flat(self) -> str:
        return self.joined.code


Node: TypeAlias = Atom | Bracket | Lines


def call(function: str, *arguments: Node, **named: Node | None) -> Bracket:
    """A call; arguments that are None are left out."""
    items = [("", node) for node in arguments]
    items += [(f"{name}=", node) for name, node in named.items() if node is not None]
    return Bracket(f"{function}(", items, ")")


def sequence(nodes: Iterable[Node], brackets: str = "[]", *, broken: bool = False) -> Bracket:
    return Bracket(brackets[0], [("", node) for node in nodes], brackets[1], broken)


def mapping(items: Iterable[tuple[str, Node]]) -> Bracket:
    """A dict display."""
    return Bracket("{", [(f"{_key(key)}: ", node) for key, node in items], "}")


def _key(text: str) -> str:
    literal = quoted(text)
    least, most = columns(literal)
    return literal if least == most else quoted(text, ascii_only=True)


def simple(code: str) -> Node:
    """The tree of `name`, `f(a, b)` or `row["column"]`, whose arguments hold no further comma."""
    match = re.fullmatch(r"([\w.]+[(\[])(.*)([)\]])", code)
    if match is None:
        return Atom(code)
    parts = match[2].split(", ") if match[2] else []
    return Bracket(match[1], [("", Atom(part)) for part in parts], match[3])


def fits(text: str, depth: int = 0) -> bool:
    """Whether a line is certainly short enough."""
    return len(INDENT) * depth + columns(text)[1] <= WIDTH


@dataclass
class Block:
    """Lines of code at some depth of indentation."""

    depth: int = 0
    lines: list[str] = field(default_factory=list)

    def line(self, code: str = "") -> None:
        self.lines.append(INDENT * self.depth + code if code else "")

    def statement(self, prefix: str, node: Node, suffix: str = "") -> None:
        """`prefix` (as `answer = await `), the expression, `suffix`."""
        self.lines.extend(_laid_out(prefix, node, suffix, self.depth))

    def assign(self, target: str, node: Node) -> None:
        """`target = node`; a long string goes into parentheses where that makes it fit."""
        prefix = f"{target} = "
        if isinstance(node, Atom) and not fits(prefix + node.code, self.depth):
            atom = Atom(node.ascii or node.code)
            if not fits(prefix + atom.code, self.depth) and fits(atom.code, self.depth + 1):
                self.line(f"{prefix}(")
                self.line(INDENT + atom.code)
                self.line(")")
                return
            node = atom
        self.statement(prefix, node)

    def inside(self) -> Block:
        """A block one level deeper that writes into the same lines."""
        return Block(self.depth + 1, self.lines)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def _laid_out(prefix: str, node: Node, suffix: str, depth: int) -> list[str]:
    whole = prefix + node.flat + suffix
    is_broken = isinstance(node, Bracket) and node.is_broken
    if isinstance(node, Atom) or (not is_broken and fits(whole, depth)):
        return [INDENT * depth + whole]
    if isinstance(node, Lines):
        return _joined_strings(prefix, node, suffix, depth)
    if not node.items:
        return [INDENT * depth + whole]
    lines = [f"{INDENT * depth}{prefix}{node.opening}"]
    comma = "" if node.opening.endswith("[") and len(node.opening) > 1 else ","  # a subscript
    for label, item in node.items:
        lines.extend(_laid_out(label, item, comma, depth + 1))
    return [*lines, f"{INDENT * depth}{node.closing}{suffix}"]


def _joined_strings(prefix: str, node: Lines, suffix: str, depth: int) -> list[str]:
    """Ruff joins what would fit on one line, so ASCII decides where the width is uncertain."""
    joined = prefix + (node.joined.ascii or node.joined.code) + suffix
    if fits(joined, depth):
        return [INDENT * depth + joined]
    pieces = [INDENT * (depth + 1) + (piece.ascii or piece.code) for piece in node.pieces]
    return [f"{INDENT * depth}{prefix}(", *pieces, f"{INDENT * depth}){suffix}"]
