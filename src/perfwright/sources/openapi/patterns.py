"""Texts that a regular expression matches.

Python's own parser takes the expression apart (`re._parser`), each piece is answered at random
within its repeats, and the whole is tried: `re.search` has the last word, since anchors in odd
places, look-arounds and back references are only guessed at.

    ^[A-Z]{2}-\\d+$   ─►   "QX-481"

ECMA's expressions, which JSON Schema means, differ little; what does not parse as Python's has no
text here (None). The expression is a stranger's and could take for ever to try, so the more its
repeats nest and follow one another, the shorter the texts that it is tried on; beyond a point it
counts as unknown.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

MAX_PATTERN_CHARACTERS = 1_000
MAX_WRITTEN_PIECES = 5_000
_MAX_REPEATS = 200
_FEW = 4
"""A repeat of at most so many, or of a fixed number, costs nothing to try."""
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_parser: Any = importlib.import_module("re._parser")
_SETS = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_NOT_DIGIT": "abcdefghijklmnopqrstuvwxyz",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "abcdefghijklmnopqrstuvwxyz0123456789",
    "CATEGORY_WORD": "abcdefghijklmnopqrstuvwxyz0123456789",
    "CATEGORY_NOT_WORD": "-",
}
_ANY = "abcdefghijklmnopqrstuvwxyz0123456789"
_PRINTABLE = [chr(code) for code in range(32, 127)]
_SLASHED = re.compile(r"/(.*)/([dgimsuvy]*)", re.DOTALL)
_PROPERTY = re.compile(r"\\p(?:\{(\w+)\}|([LN]))")
_PROPERTIES = {
    "L": "a-zA-Z", "Lu": "A-Z", "Ll": "a-z", "N": "0-9", "Nd": "0-9", "Alpha": "a-zA-Z",
    "Digit": "0-9", "Alnum": "a-zA-Z0-9", "XDigit": "0-9a-fA-F", "Upper": "A-Z", "Lower": "a-z",
    "ASCII": "a-zA-Z0-9", "Letter": "a-zA-Z",
}  # fmt: skip
_LONG_CLASSES = (("[:alpha:]", "a-zA-Z"), ("[:digit:]", "0-9"), ("[:alnum:]", "a-zA-Z0-9"))


def text_of_pattern(pattern: str, random: Random, shortest: int, longest: int) -> str | None:
    """A text of `shortest` to `longest` characters that `pattern` is found in, or None."""
    expression = expression_of(pattern)
    if expression is None:
        return None
    least = len(_Writer(random, 0, longest).text(expression.tree))
    short_by = max(0, shortest - least)
    for extra in (
        1,
        0,
        0,
        short_by,
        short_by + 1,
        short_by // 2,
        short_by // 2 + 1,
        2,
        3,
        5,
        8,
        13,
    ):
        made = _Writer(random, extra, longest).text(expression.tree)
        if len(made) < shortest and not pattern.endswith("$"):
            made += "".join(random.choices(_ANY, k=shortest - len(made)))
        if shortest <= len(made) <= longest and found(pattern, made) is not False:
            return made
    return None


def found(pattern: str, text: str) -> bool | None:
    """Whether the text holds the pattern; None: that can't be told (in bounded time)."""
    expression = expression_of(pattern)
    if expression is None or len(text) > expression.longest_tried:
        return None
    return expression.compiled.search(text) is not None


@dataclass(frozen=True, slots=True)
class Expression:
    """`longest_tried`: characters of a text that it may be tried on."""

    compiled: re.Pattern[str]
    tree: Any
    longest_tried: int


@lru_cache(maxsize=1_000)
def expression_of(pattern: str) -> Expression | None:
    """The expression as Python's, or None where it is no such, or could take for ever."""
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        return None
    said = _as_python(pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(said)
            tree = _parser.parse(said)
        nesting, repeats = _cost(tree)
    except (re.error, OverflowError, RecursionError):
        return None
    if nesting > 2 or repeats > 8:
        return None
    return Expression(compiled, tree, 24 if nesting == 2 or repeats > 3 else 200)


def _as_python(pattern: str) -> str:
    """ECMA's spelling as Python's: named groups, classes of Unicode, `/…/i` as in JavaScript."""
    said = pattern
    if quoted := _SLASHED.fullmatch(said):
        said = f"(?i:{quoted[1]})" if "i" in quoted[2] else quoted[1]
    said = said.replace("\\/", "/").replace("(?<", "(?P<")
    said = said.replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    for name, characters in _LONG_CLASSES:
        said = said.replace(name, characters)
    return _PROPERTY.sub(lambda found: _property(said, found), said)


def _property(said: str, found: re.Match[str]) -> str:
    """`\\p{Alpha}` as a range: within brackets, or with its own."""
    characters = _PROPERTIES.get(found[1] or found[2])
    if characters is None:
        return found[0]
    before = said[: found.start()]
    return characters if before.rfind("[") > before.rfind("]") else f"[{characters}]"


def _cost(tree: Any) -> tuple[int, int]:
    """How deep open repeats nest (alternatives inside of one count too), and how many there are."""
    deepest = repeats = 0
    for operation, argument in tree:
        name = str(operation)
        if name in _REPEATS:
            least, most, inner = argument
            nesting, inside = _cost(inner)
            if most > _FEW and least != most:
                nesting, inside = nesting + 1 + _has_branch(inner), inside + 1
        else:
            costs = [_cost(part) for part in _parts(name, argument)]
            nesting = max((cost[0] for cost in costs), default=0)
            inside = sum(cost[1] for cost in costs)
        deepest, repeats = max(deepest, nesting), repeats + inside
    return deepest, repeats


def _has_branch(tree: Any) -> bool:
    return any(
        str(operation) == "BRANCH" or any(map(_has_branch, _parts(str(operation), argument)))
        for operation, argument in tree
    )


def _parts(name: str, argument: Any) -> Iterator[Any]:
    if name == "SUBPATTERN":
        yield argument[-1]
    elif name == "BRANCH":
        yield from argument[1]
    elif name in ("ASSERT", "ASSERT_NOT"):
        yield argument[1]
    elif name == "ATOMIC_GROUP":
        yield argument


class _Writer:
    """`extra`: how often to repeat what may be repeated more than that, if allowed."""

    def __init__(self, random: Random, extra: int, longest: int) -> None:
        self._random = random
        self._extra = extra
        self._longest = longest
        self._pieces = 0
        self._groups: dict[int, str] = {}
        self._sets: dict[int, list[str]] = {}

    def text(self, tree: Any) -> str:
        return "".join(self._piece(str(operation), argument) for operation, argument in tree)

    def _piece(self, name: str, argument: Any) -> str:
        self._pieces += 1
        if self._pieces > MAX_WRITTEN_PIECES:
            return ""
        match name:
            case "LITERAL":
                return chr(argument)
            case "NOT_LITERAL":
                return self._random.choice([c for c in _ANY if ord(c) != argument])
            case "ANY":
                return self._random.choice(_ANY)
            case "IN":
                return self._one_of(argument)
            case "BRANCH":
                return self.text(self._random.choice(argument[1]))
            case "SUBPATTERN":
                group, *_, inner = argument
                made = self.text(inner)
                if group is not None:
                    self._groups[group] = made
                return made
            case "ATOMIC_GROUP":
                return self.text(argument)
            case "GROUPREF":
                return self._groups.get(argument, "")
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = argument
                return "".join(self.text(inner) for _ in range(self._times(int(least), int(most))))
            case _:  # anchors and look-arounds: the search decides
                return ""

    def _times(self, least: int, most: int) -> int:
        least = min(least, _MAX_REPEATS)
        return max(least, min(most, self._extra, self._longest, _MAX_REPEATS))

    def _one_of(self, entries: Any) -> str:
        if id(entries) not in self._sets:
            self._sets[id(entries)] = self._characters(entries)
        return self._random.choice(self._sets[id(entries)])

    def _characters(self, entries: Any) -> list[str]:
        allowed: list[str] = []
        negated = False
        for operation, argument in entries:
            match str(operation):
                case "NEGATE":
                    negated = True
                case "LITERAL":
                    allowed.append(chr(argument))
                case "RANGE":
                    low, high = argument
                    allowed.extend(chr(code) for code in range(low, min(high, low + 255) + 1))
                case "CATEGORY":
                    allowed.extend(_SETS.get(str(argument), _ANY))
        if negated:
            refused = set(allowed)
            allowed = [c for c in (*_ANY, *_PRINTABLE) if c not in refused] or ["é"]
        return [c for c in allowed if c in _ANY] or allowed
