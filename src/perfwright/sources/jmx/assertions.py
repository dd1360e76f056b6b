"""JMeter's assertions as expectations: response code and text, duration, JSON.

A pattern that must not be there becomes one that fails where it is:  \\A(?!.*pattern)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from perfwright.model.journey import Expectation
from perfwright.sources.drafting.names import clean
from perfwright.sources.jmx.json_paths import pointer_of
from perfwright.sources.jmx.ledger import Ledger
from perfwright.sources.jmx.tree import Element
from perfwright.sources.jmx.variables import Variables

_MATCHES, _CONTAINS, _NOT, _EQUALS, _SUBSTRING, _OR = 1, 2, 4, 8, 16, 32
_BODY = ("Assertion.response_data", "Assertion.response_data_as_document")
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_LEADING_FLAGS = re.compile(r"\(\?([aimsux]+)\)")


def expectations_of(
    element: Element, variables: Variables, ledger: Ledger
) -> Iterator[Expectation]:
    match element.kind:
        case "DurationAssertion":
            limit = variables.number(element.text("DurationAssertion.duration", "0"), 0.0)
            found = [Expectation(element.name, "within_ms", (limit,))] if limit > 0 else []
        case "JSONPathAssertion":
            found = _json(element, variables)
        case _:
            found = _response(element, variables)
    if found:
        ledger.translated(element)
    elif element.kind == "ResponseAssertion" and element.flag("Assertion.assume_success"):
        ledger.told(element, "ignores the status, which the test does not")
    else:
        ledger.told(element, "is not translated")
    yield from found


def _response(element: Element, variables: Variables) -> list[Expectation]:
    field = element.text("Assertion.test_field")
    kind = int(variables.number(element.text("Assertion.test_type", "2"), 2.0))
    rows = element.rows("Asserion.test_strings") or element.rows("Assertion.test_strings")
    wanted = [variables.literal(row.text) for row in rows]
    literals = [each for each in wanted if each is not None]
    if not literals or len(literals) < len(wanted):
        return []
    if field == "Assertion.response_code":
        return _status(element.name, kind, literals)
    if field in _BODY:
        return _text(element.name, kind, literals)
    return []


def _status(name: str, kind: int, wanted: list[str]) -> list[Expectation]:
    """The codes that fulfil it: any of several under "or", and of one alone."""
    fulfilled: list[set[int]] = []
    for each in wanted:
        tested = {code for code in range(100, 600) if _fulfils(str(code), kind, each.strip())}
        fulfilled.append(set(range(100, 600)) - tested if kind & _NOT else tested)
    codes = set.union(*fulfilled) if kind & _OR else set.intersection(*fulfilled)
    return [Expectation(name, "status", tuple(sorted(codes)))] if 0 < len(codes) <= 100 else []


def _fulfils(code: str, kind: int, wanted: str) -> bool:
    if kind & _EQUALS:
        return code == wanted
    if kind & _SUBSTRING:
        return wanted in code
    try:
        pattern = re.compile(wanted[:200])
    except (re.error, RecursionError, OverflowError):
        return False
    return (pattern.fullmatch(code) if kind & _MATCHES else pattern.search(code)) is not None


def _text(name: str, kind: int, wanted: list[str]) -> list[Expectation]:
    plain = not any(_SPECIAL.search(each) for each in wanted)
    literal = kind & _SUBSTRING or (kind & _CONTAINS and plain)
    if literal and not kind & (_NOT | _OR):
        return [Expectation(_named(name, each, wanted), "contains", (each,)) for each in wanted]
    patterns = [_pattern(kind, each) for each in wanted]
    said = [pattern for pattern in patterns if pattern is not None]
    if len(said) < len(patterns):
        return []
    if kind & _OR:
        said = [f"(?s){'|'.join(f'(?:{_local(each)})' for each in said)}"]
    return [
        Expectation(_named(name, each, wanted), "matches", (pattern,))
        for each, pattern in zip(wanted, said, strict=False)
    ]


def _named(name: str, each: str, wanted: list[str]) -> str:
    return name if len(wanted) == 1 else clean(f"{name}: {each}", name)


def _pattern(kind: int, wanted: str) -> str | None:
    plain = kind & (_SUBSTRING | _EQUALS)
    inner = re.escape(wanted) if plain else wanted
    flags = "" if plain else "".join(_LEADING_FLAGS.findall(wanted)[:1])
    inner = _LEADING_FLAGS.sub("", inner, count=1) if flags else inner
    if kind & (_EQUALS | _MATCHES):
        inner = rf"\A(?:{inner})\Z"
    if kind & _NOT:
        inner = rf"\A(?!(?s:.)*(?:{inner}))"
    pattern = f"(?{flags}){inner}" if flags else inner
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None
    return pattern


def _local(pattern: str) -> str:
    """Flags at the beginning, made to hold for this pattern only."""
    flags = _LEADING_FLAGS.match(pattern)
    return f"(?{flags[1]}:{pattern[flags.end() :]})" if flags else pattern


def _json(element: Element, variables: Variables) -> list[Expectation]:
    path = variables.literal(element.text("JSON_PATH"))
    pointer = pointer_of(path) if path else None
    if pointer is None or element.flag("INVERT"):
        return []
    if element.flag("EXPECT_NULL"):
        return [Expectation(element.name, "json_equals", (pointer, None))]
    if not element.flag("JSONVALIDATION"):
        return [Expectation(element.name, "json_has", (pointer,))]
    wanted = variables.literal(element.text("EXPECTED_VALUE"))
    if wanted is None or (element.flag("ISREGEX") and re.search(r"[\\^$.|?*+()\[\]{}]", wanted)):
        return []
    return [Expectation(element.name, "json_equals", (pointer, _scalar(wanted)))]


def _scalar(wanted: str) -> int | float | str | bool | None:
    try:
        value = json.loads(wanted)
    except (ValueError, RecursionError):
        return wanted
    return value if value is None or isinstance(value, (bool, int, float, str)) else wanted
