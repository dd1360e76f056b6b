"""The checks of Postman's test scripts that are understood: a pattern each, and what it expects.

Old scripts say `tests["name"] = responseCode.code === 200`, newer ones `pm.response.to.have…` and
`pm.expect(…)` with the words of Chai (https://www.chaijs.com/api/bdd/).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from perfwright.model.json_pointer import pointer_to
from perfwright.sources.postman.javascript import STRING, literal_value, pointer_of, string_of

Scalar = int | float | str | bool | None
Kind = Literal["status", "contains", "matches", "json_has", "json_type", "json_equals", "within_ms"]
Expected = tuple[Kind, tuple[Scalar, ...], str]
"""Kind, what is expected, and a name for a check that has none."""
PointerOf = Callable[[str], str | None]
Found = Callable[[re.Match[str], PointerOf], Expected | None]

_CODE = r"(?:pm\.response\.code|pm\.response\.status|responseCode\.code|response\.code)"
_TIME = r"(?:pm\.response\.responseTime|responseTime)"
_TEXT = r"(?:pm\.response\.text\(\s*\)|responseBody)"
_BE = r"(?:\.(?:to|be|been|is|that|which|and|has|have|with|at|of|same|deep|strictly)){0,6}"
_EQUAL = r"\.(?:eql|equal|equals|eq|eqls)"
_BELOW = r"\.(?:below|lessThan|lt|most|lte|lessThanOrEqual)"
_SUBJECT = r"pm\.expect\(\s*([A-Za-z_$][\w$.?\[\]\"'() ]{0,300}?)\s*(?:,\s*" + STRING + r"\s*)?\)"
_VALUE = r"(" + STRING[1:-1] + r"|-?\d{1,15}(?:\.\d{1,15})?|true|false|null)"
_NOT_EMPTY = r"(?:\.(?:that|and)(?:\.is)?\.not(?:\.be)?\.(?:empty|null|undefined)(?:\(\))?)?"
_END = r"\s*(?=[;\n})]|$)"
_NAMED = {
    "ok": (200,), "success": (200, 201, 202, 203, 204, 205, 206), "accepted": (202,),
    "badRequest": (400,), "unauthorized": (401,), "forbidden": (403,), "notFound": (404,),
    "rateLimited": (429,),
}  # fmt: skip
_TYPES = {
    "string": "string", "number": "number", "boolean": "boolean", "object": "object",
    "array": "array", "null": "null",
}  # fmt: skip
_OLD_TEST = rf"tests\[\s*{STRING}\s*\]\s*=\s*"


def _status(match: re.Match[str], _: PointerOf) -> Expected | None:
    codes = tuple(int(code) for code in re.findall(r"\d{3}", match[1]))
    return ("status", codes, f"status {match[1].strip()}") if codes else None


def _named_status(match: re.Match[str], _: PointerOf) -> Expected:
    return "status", _NAMED[match[1]], f"status {match[1]}"


def _old_status(match: re.Match[str], _: PointerOf) -> Expected:
    return "status", (int(match[2]),), string_of(match[1])


def _time(match: re.Match[str], _: PointerOf) -> Expected:
    return "within_ms", (int(match[1]),), f"within {match[1]} ms"


def _old_time(match: re.Match[str], _: PointerOf) -> Expected:
    return "within_ms", (int(match[2]),), string_of(match[1])


def _contains(match: re.Match[str], _: PointerOf) -> Expected:
    text = string_of(match[1])
    return "contains", (text,), f"contains {text[:40]!r}"


def _old_contains(match: re.Match[str], _: PointerOf) -> Expected:
    return "contains", (string_of(match[2]),), string_of(match[1])


def _body(match: re.Match[str], _: PointerOf) -> Expected:
    return "matches", (rf"\A{re.escape(string_of(match[1]))}\Z",), "body"


def _json_body(match: re.Match[str], _: PointerOf) -> Expected:
    pointer = pointer_of("." + string_of(match[1]))
    return "json_has", (pointer,), f"has {pointer}"


def _json(_: re.Match[str], __: PointerOf) -> Expected:
    return "json_has", ("",), "is JSON"


def _property(match: re.Match[str], pointer_in: PointerOf) -> Expected | None:
    pointer = pointer_in(match[1])
    if pointer is None:
        return None
    name = string_of(match[3])
    inner = pointer + (pointer_of("." + name) if "." in name else pointer_to((name,)))
    if match[4]:
        return "json_equals", (inner, literal_value(match[4])), f"{inner} is as expected"
    return "json_has", (inner,), f"has {inner}"


def _equals(match: re.Match[str], pointer_in: PointerOf) -> Expected | None:
    pointer = pointer_in(match[1])
    if pointer is None:
        return None
    return "json_equals", (pointer, literal_value(match[3])), f"{pointer} is as expected"


def _type(match: re.Match[str], pointer_in: PointerOf) -> Expected | None:
    pointer = pointer_in(match[1])
    kind = _TYPES.get(string_of(match[3]))
    return (
        ("json_type", (pointer, kind), f"{pointer} is a {kind}")
        if pointer is not None and kind
        else None
    )


def _exists(match: re.Match[str], pointer_in: PointerOf) -> Expected | None:
    pointer = pointer_in(match[1])
    return ("json_has", (pointer,), f"has {pointer}") if pointer else None


CHECKS: tuple[tuple[re.Pattern[str], Found], ...] = tuple(
    (re.compile(pattern + _END), found)
    for pattern, found in (
        (r"pm\.response\.to\.have\.status\(\s*(\d{3})\s*\)", _status),
        (rf"pm\.response\.to\.be\.({'|'.join(_NAMED)})(?:\(\))?", _named_status),
        (rf"pm\.expect\(\s*{_CODE}\s*\){_BE}{_EQUAL}\(\s*(\d{{3}})\s*\)", _status),
        (rf"pm\.expect\(\s*{_CODE}\s*\){_BE}\.oneOf\(\s*\[([\d,\s]{{3,200}})\]\s*\)", _status),
        (
            rf"pm\.expect\(\s*\[([\d,\s]{{3,200}})\]\s*\){_BE}\.(?:include|contain)s?\(\s*{_CODE}\s*\)",
            _status,
        ),
        (rf"pm\.expect\(\s*{_TIME}\s*\){_BE}{_BELOW}\(\s*(\d{{1,9}})\s*\)", _time),
        (rf"pm\.expect\(\s*{_TEXT}\s*\){_BE}\.(?:include|contain)s?\(\s*{STRING}\s*\)", _contains),
        (rf"pm\.response\.to\.have\.body\(\s*{STRING}\s*\)", _body),
        (rf"pm\.response\.to\.have\.jsonBody\(\s*{STRING}\s*\)", _json_body),
        (
            rf"{_SUBJECT}{_BE}\.(?:nested\.)?property\(\s*{STRING}\s*(?:,\s*{_VALUE}\s*)?\)",
            _property,
        ),
        (rf"{_SUBJECT}{_BE}{_EQUAL}\(\s*{_VALUE}\s*\)", _equals),
        (rf"{_SUBJECT}{_BE}\.an?\(\s*{STRING}\s*\){_NOT_EMPTY}", _type),
        (rf"{_SUBJECT}{_BE}\.(true|false)", _equals),
        (r"pm\.response\.to\.be\.json", _json),
        (rf"{_SUBJECT}{_BE}(?:\.exist|\.ok|\.not\.be\.(?:undefined|null|empty))", _exists),
        (rf"{_OLD_TEST}responseCode\.code\s*={{2,3}}\s*(\d{{3}})", _old_status),
        (rf"{_OLD_TEST}responseTime\s*<=?\s*(\d{{1,9}})", _old_time),
        (rf"{_OLD_TEST}responseBody\.(?:has|includes)\(\s*{STRING}\s*\)", _old_contains),
    )
)
