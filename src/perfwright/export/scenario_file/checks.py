"""Expectations of a draft as checks: `user.check("logged in", answer.status == 200)`.

What is too long for the condition is named on a line before it, so that conditions stay short.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfwright.export.scenario_file.layout import Atom, Block, Node, call
from perfwright.export.scenario_file.literals import number, quoted, rounded
from perfwright.export.scenario_file.pointers import found_node, keys
from perfwright.export.scenario_file.scope import Scope
from perfwright.export.scenario_file.values import string_node
from perfwright.model.journey import Expectation

_SHORT = 24
_TYPES = {
    "string": "str",
    "number": "(int, float)",
    "integer": "int",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
}


def write_checks(expectations: Sequence[Expectation], scope: Scope, block: Block) -> bool:
    """Whether there was anything to check in the end."""
    before = len(block.lines)
    for expectation in expectations:
        for condition in _conditions(expectation, scope, block):
            check = call("user.check", string_node(expectation.name), condition)
            block.statement("", check)
    return len(block.lines) > before


def _conditions(expectation: Expectation, scope: Scope, block: Block) -> Iterator[Node]:
    """The code of each condition, after writing what it needs into `block`."""
    expected = expectation.expected
    match expectation.kind:
        case "status":
            yield Atom(_status(expected, scope))
        case "contains":
            for text in map(str, expected):
                yield Atom(f"{_named('expected', text, block)} in answer.text")
        case "matches":
            for pattern in map(str, expected):
                compiled = scope.file.pattern(expectation.name, pattern)
                if compiled:
                    yield call(f"{compiled}.search", Atom("answer.text"))
        case "json_has":
            yield from _has(list(map(str, expected)), scope, block)
        case "json_type":
            for path, kind in _pairs(expected):
                yield from _type(str(path), str(kind), scope, block)
        case "json_equals":
            for path, value in _pairs(expected):
                yield Atom(_equals(_found(str(path), scope, block), value, block))
        case "within_ms":
            for limit in expected:
                if isinstance(limit, (int, float)):
                    yield Atom(f"answer.elapsed_s < {rounded(limit / 1000)}")


def _status(expected: Sequence[object], scope: Scope) -> str:
    statuses = sorted({int(s) for s in expected if isinstance(s, int) and 0 <= s < 1000})
    if len(statuses) == 1:
        return f"answer.status == {statuses[0]}"
    if not statuses:
        return "answer.ok"
    if len(statuses) > 6:
        scope.file.note("a check allows many statuses; it was written as lowest to highest")
        return f"{statuses[0]} <= answer.status <= {statuses[-1]}"
    return f"answer.status in {{{', '.join(map(str, statuses))}}}"


def _has(pointers: Sequence[str], scope: Scope, block: Block) -> Iterator[Node]:
    """One call for several keys of the document itself, else one for each pointer."""
    paths = list(map(keys, pointers))
    if len(paths) > 1 and all(len(path) == 1 and not path[0].isdigit() for path in paths):
        scope.file.needs.add("has_keys")
        yield call("has_keys", Atom("answer"), *(Atom(path[0]) for path in paths))
        return
    for pointer in pointers:
        yield Atom(_found(pointer, scope, block, "has"))


def _type(pointer: str, kind: str, scope: Scope, block: Block) -> Iterator[Node]:
    if kind in _TYPES:
        yield Atom(f"isinstance({_found(pointer, scope, block)}, {_TYPES[kind]})")
    elif kind == "null":
        yield Atom(f"{_found(pointer, scope, block)} is None")
    else:
        scope.file.note(f"a check for the JSON type {kind[:40]} was left out: there is none")


def _equals(found: str, value: object, block: Block) -> str:
    if value is None or isinstance(value, bool):
        return f"{found} is {value!r}"
    if isinstance(value, (int, float)):
        written = number(value)
        return f"{found} == {written if len(written) <= _SHORT else 'None'}"
    return f"{found} == {_named('expected', str(value), block)}"


def _found(pointer: str, scope: Scope, block: Block, function: str = "found") -> str:
    scope.file.needs.add(function)
    node = found_node(pointer, function)
    if len(node.flat) <= _SHORT:
        return node.flat
    block.statement("value = ", node)
    return "value"


def _named(name: str, text: str, block: Block) -> str:
    """The text as a literal where it is short, else a local name that holds it."""
    literal = quoted(text, ascii_only=True)
    if len(literal) <= _SHORT:
        return quoted(text)
    block.assign(name, Atom(quoted(text), literal))
    return name


def _pairs(values: Sequence[object]) -> Iterator[tuple[object, object]]:
    """(a, b, c, d) or ((a, b), (c, d)) as pairs."""
    if values and all(isinstance(value, tuple) and len(value) == 2 for value in values):
        yield from values  # type: ignore[misc]
    else:
        yield from zip(values[::2], values[1::2], strict=False)
