"""Text with variables, and JSON that is written with variables in it.

    "/items/" + Var("id")              Text(("/items/", Var("id")))
    {"n": {{count}}, "s": "{{name}}"}  {"n": Var("count"), "s": Text((Var("name"),))}

A variable between quotes stays text whatever it holds (a `Text` of one variable); one without
quotes keeps its own type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn

from perfwright.model.journey import Text, Value, Var

_QUOTED = "\ue000"
_BARE = "\ue001"
_END = "\ue002"
_LINE_ENDS = re.compile(r"[\r\n\0]+")
_MARKS = re.compile(r"[\ue000-\ue002]|\\u[eE]00[0-2]")


def text_of(parts: Iterable[str | Var]) -> Text:
    """Neighbouring literals become one, empty ones none."""
    joined: list[str | Var] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return Text(tuple(joined))


def value_of(text: Text) -> str | Var | Text:
    """The plainest value that says the same: a literal, a variable, or the text."""
    if not text.parts:
        return ""
    return text.parts[0] if len(text.parts) == 1 else text


def as_text(value: Value) -> Text:
    """A literal, a variable or a text as a text."""
    assert isinstance(value, (str, Var, Text)), value
    return value if isinstance(value, Text) else text_of((value,))


def literal_of(text: Text) -> str | None:
    """The text, where no variable is in it."""
    value = value_of(text)
    return value if isinstance(value, str) else None


def concat(*texts: Text) -> Text:
    return text_of(part for text in texts for part in text.parts)


def map_literals(text: Text, change: Callable[[str], str]) -> Text:
    return text_of(change(part) if isinstance(part, str) else part for part in text.parts)


def header_value(text: Text) -> str | Var | Text:
    """On one line, for a header: line ends in it would begin another one."""
    return value_of(map_literals(text, lambda part: _LINE_ENDS.sub(" ", part)))


def variables_in(value: Value) -> frozenset[str]:
    """The names of all variables in a value."""
    found: set[str] = set()

    def note(variable: Var) -> Var:
        found.add(variable.name)
        return variable

    with_variables(value, note)
    return frozenset(found)


def with_variables(value: Value, change: Callable[[Var], str | Var | Text]) -> Value:
    """The same value with each variable replaced."""
    if isinstance(value, Var):
        return change(value)
    if isinstance(value, Text):
        return text_with_variables(value, change)
    if isinstance(value, Mapping):
        return {name: with_variables(part, change) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(with_variables(part, change) for part in value)
    return value


def text_with_variables(text: Text, change: Callable[[Var], str | Var | Text]) -> Text:
    parts: list[str | Var] = []
    for part in text.parts:
        changed = change(part) if isinstance(part, Var) else part
        parts.extend(changed.parts if isinstance(changed, Text) else (changed,))
    return text_of(parts)


def json_of(text: Text, bare: Callable[[Var], Value]) -> Value:
    """The JSON that a text with variables is. `bare` says what a variable without quotes is.

    ValueError: it is no JSON, has a variable in a name, one name twice (which order would be lost)
    or is nested too deep; it is to be sent as the text that it is. `bare` may raise it, too.
    """
    variables = [part for part in text.parts if isinstance(part, Var)]
    if any(_MARKS.search(part) for part in text.parts if isinstance(part, str)):
        raise ValueError("the text has the marks that variables are replaced by")
    try:
        parsed = json.loads(_marked(text), object_pairs_hook=_members, parse_constant=_no_constant)
        return _unmarked(parsed, variables, bare)
    except RecursionError as error:
        raise ValueError("the text is nested too deep") from error


def _marked(text: Text) -> str:
    """The text with a mark for each variable, quoted where the variable is not."""
    marked: list[str] = []
    quoted = False
    seen = 0
    for part in text.parts:
        if isinstance(part, Var):
            marked.append(f"{_QUOTED}{seen}{_END}" if quoted else f'"{_BARE}{seen}{_END}"')
            seen += 1
        else:
            marked.append(part)
            quoted = _ends_quoted(part, quoted)
    return "".join(marked)


def _ends_quoted(literal: str, quoted: bool) -> bool:
    escaped = False
    for character in literal:
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
    return quoted


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs) or any(_QUOTED in name or _BARE in name for name in members):
        raise ValueError("a name is there twice, or holds a variable")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unmarked(parsed: object, variables: Sequence[Var], bare: Callable[[Var], Value]) -> Value:
    if isinstance(parsed, dict):
        return {name: _unmarked(part, variables, bare) for name, part in parsed.items()}
    if isinstance(parsed, list):
        return tuple(_unmarked(part, variables, bare) for part in parsed)
    if isinstance(parsed, str):
        if parsed.startswith(_BARE):
            return bare(variables[int(parsed[1:-1])])
        return _text_unmarked(parsed, variables)
    assert parsed is None or isinstance(parsed, (bool, int, float))
    return parsed


def _text_unmarked(parsed: str, variables: Sequence[Var]) -> str | Text:
    first, *others = parsed.split(_QUOTED)
    if not others:
        return first
    parts: list[str | Var] = [first]
    for other in others:
        number, _, literal = other.partition(_END)
        parts += (variables[int(number)], literal)
    return text_of(parts)
