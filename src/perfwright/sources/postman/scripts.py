"""Postman's scripts, read by pattern and never run: what they extract and what they expect.

    var data = pm.response.json();                  an alias
    pm.environment.set("token", data.token);        Extraction(token, json, /token)
    pm.test("made", () => {
        pm.response.to.have.status(201); });        Expectation(made, status, 201)

Each pattern that is found is cut out of the script; what is left, but for brackets and the like, is
listed line by line in `left`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from perfwright.model.journey import Expectation, Extraction, Made, Origin
from perfwright.model.json_pointer import pointer_to
from perfwright.sources.drafting.names import clean
from perfwright.sources.postman.javascript import (
    NAME,
    PATH,
    STRING,
    closed_at,
    pointer_of,
    string_of,
    without_comments,
)
from perfwright.sources.postman.script_checks import CHECKS, Found

_LARGEST = 200_000
_LONGEST_LEFT = 120
_WHOLE = (
    r"(?:pm\.response\.json\(\s*\)"
    r"|JSON\.parse\(\s*(?:responseBody|pm\.response\.text\(\))\s*\))"
)
_ALIAS = re.compile(
    rf"\b(?:(?:var|let|const)\s+)?(?<![.\w]){NAME}\s*=\s*{_WHOLE}{PATH}\s*(?=[;\n]|$)"
)
_ALIAS_OF_ALIAS = re.compile(rf"\b(?:var|let|const)\s+{NAME}\s*=\s*{NAME}{PATH}\s*(?=[;\n]|$)")
_TAKEN_APART = re.compile(
    rf"\b(?:var|let|const)\s*\{{([^{{}}]{{1,500}})\}}\s*=\s*{_WHOLE}{PATH}\s*(?=[;\n]|$)"
)
_SETTER = (
    r"(?:pm\.(?:environment|collectionVariables|globals|variables)\.set"
    r"|postman\.set(?:Environment|Global)Variable)"
)
_SET = re.compile(rf"{_SETTER}\(\s*{STRING}\s*,\s*([^;\n]{{1,500}}?)\s*\)\s*(?=[;\n}}]|$)")
_WRAPPED = re.compile(
    r"(?:String|JSON\.stringify|parseInt|Number)\(\s*(.*?)\s*\)|(.*?)\.toString\(\s*\)", re.DOTALL
)
_ALONE = re.compile(rf"(?<![=\w.(])\s*{_WHOLE}\s*;")
_HEADER = re.compile(
    rf"(?:pm\.response\.headers\.get|postman\.getResponseHeader)\(\s*{STRING}\s*\)"
)
_COOKIE = re.compile(
    rf"pm\.cookies\.get\(\s*{STRING}\s*\)|postman\.getResponseCookie\(\s*{STRING}\s*\)\.value"
)
_TEST = re.compile(rf"\bpm\.test\(\s*{STRING}")
_NOW = r"(?:Date\.now\(\)|\+?new Date\(\)(?:\.(?:getTime|valueOf)\(\))?)"
_MADE: tuple[tuple[re.Pattern[str], Origin], ...] = (
    (re.compile(_NOW), Made("now_epoch_ms")),
    (re.compile(rf"Math\.(?:floor|round)\(\s*{_NOW}\s*/\s*1000\s*\)"), Made("now_epoch_s")),
    (re.compile(r"(?:moment|\(?new Date)\(\)\)?\.(?:toISOString|format)\(\)"), Made("now_iso")),
    (re.compile(r"(?:crypto\.randomUUID|uuid(?:\.?v4)?|require\(.uuid.\)\.v4)\(\)"), Made("uuid")),
)
_RANDOM = re.compile(
    r"Math\.(?:floor|round|ceil|trunc)\(\s*Math\.random\(\)\s*\*\s*\(?(\d{1,12})\)?\s*\)(?:\s*\+\s*(\d{1,12}))?"
)
_REPLACED = re.compile(rf"pm\.variables\.replaceIn\(\s*{STRING}\s*\)")
_BRACKETS = r"[\s{}()\[\];,]{0,80}"
_STRUCTURE = re.compile(
    rf"{_BRACKETS}(?:(?:pm\.test\(\s*{STRING}\s*,\s*)?"
    r"(?:async\s+)?(?:function\s*\w*\s*\(\s*\w*\s*\)|\(\s*\w*\s*\)\s*=>)"
    rf"|else|try|['\"]use strict['\"]|return)?{_BRACKETS}"
)


@dataclass(slots=True, kw_only=True)
class Script:
    """`sets`: variables that a script gives a literal, or something made anew, before the request
    or after it; `templates`: those that get text with dynamic variables."""

    extracts: list[Extraction] = field(default_factory=list)
    expects: list[Expectation] = field(default_factory=list)
    sets: dict[str, Origin] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def read_script(source: str) -> Script:
    """Reads a script of tests, or one that runs before a request."""
    script = Script()
    if len(source) > _LARGEST:
        script.left.append(f"(a script of {len(source):,} characters)")
        return script
    reader = _Reader(without_comments(source), script)
    reader.read()
    return script


class _Reader:
    def __init__(self, text: str, script: Script) -> None:
        self._text = text
        self._script = script
        self._tests = [
            (match.start(), closed_at(text, match.end()), clean(string_of(match[1]), "check"))
            for match in _TEST.finditer(text)
        ]
        self._aliases: dict[str, str] = {}

    def read(self) -> None:
        self._cut(_ALIAS, self._alias)
        self._cut(_TAKEN_APART, self._taken_apart)
        self._cut(_ALIAS_OF_ALIAS, self._alias_of_alias)
        self._cut(_SET, self._set)
        self._cut(_ALONE, lambda _: True)
        for pattern, found in CHECKS:
            self._cut(pattern, self._check(found))
        self._script.left += [
            line.strip()[:_LONGEST_LEFT]
            for line in self._text.split("\n")
            if line.strip()
            and not _STRUCTURE.fullmatch(line.strip())
            and not line.lstrip().startswith("console.")
        ]

    def _cut(self, pattern: re.Pattern[str], understood: Callable[[re.Match[str]], bool]) -> None:
        """Blanks out what is understood; places stay where they are."""

        def blank(match: re.Match[str]) -> str:
            return re.sub(r"[^\n]", " ", match[0]) if understood(match) else match[0]

        self._text = pattern.sub(blank, self._text)

    def _alias(self, match: re.Match[str]) -> bool:
        self._aliases[match[1]] = pointer_of(match[2])
        return True

    def _alias_of_alias(self, match: re.Match[str]) -> bool:
        if match[2] not in self._aliases:
            return False
        self._aliases[match[1]] = self._aliases[match[2]] + pointer_of(match[3])
        return True

    def _taken_apart(self, match: re.Match[str]) -> bool:
        for member in match[1].split(","):
            name, _, alias = member.partition(":")
            if name.strip():
                pointer = pointer_of(match[2]) + pointer_to((name.strip(),))
                self._aliases[(alias or name).strip()] = pointer
        return True

    def _set(self, match: re.Match[str]) -> bool:
        name = string_of(match[1])
        value = match[2].strip()
        wrapped = _WRAPPED.fullmatch(value)
        if wrapped is not None:
            value = wrapped[1] or wrapped[2] or value
        pointer = self.pointer(value)
        if pointer is not None:
            self._extract(Extraction(name, "json", pointer))
        elif header := _HEADER.fullmatch(value):
            self._extract(Extraction(name, "header", string_of(header[1])))
        elif cookie := _COOKIE.fullmatch(value):
            self._extract(Extraction(name, "cookie", string_of(cookie[1] or cookie[2])))
        else:
            return self._made(name, value)
        return True

    def _extract(self, extraction: Extraction) -> None:
        others = [each for each in self._script.extracts if each.name != extraction.name]
        self._script.extracts[:] = [*others, extraction]

    def _made(self, name: str, value: str) -> bool:
        origin = next((o for pattern, o in _MADE if pattern.fullmatch(value)), None)
        random = _RANDOM.fullmatch(value)
        replaced = _REPLACED.fullmatch(value)
        if random is not None:
            low = int(random[2] or 0)
            origin = Made("integer", low, low + max(int(random[1]) - 1, 0))
        if origin is not None:
            self._script.sets[name] = origin
        elif replaced is not None:
            self._script.templates[name] = string_of(replaced[1])
        elif re.fullmatch(STRING, value):
            self._script.templates[name] = string_of(value)
        else:
            return False
        return True

    def pointer(self, expression: str) -> str | None:
        """The JSON pointer that an expression over the answer is; None: it is something else."""
        whole = re.fullmatch(rf"{_WHOLE}{PATH}", expression)
        if whole is not None:
            return pointer_of(whole[1])
        alias = re.fullmatch(rf"{NAME}{PATH}", expression)
        if alias is not None and alias[1] in self._aliases:
            return self._aliases[alias[1]] + pointer_of(alias[2])
        return None

    def _check(self, found: Found) -> Callable[[re.Match[str]], bool]:
        def understood(match: re.Match[str]) -> bool:
            try:
                expectation = found(match, self.pointer)
            except ValueError:
                return False
            if expectation is None:
                return False
            kind, expected, otherwise = expectation
            name = self._name_at(match.start()) or otherwise
            self._script.expects.append(Expectation(name, kind, expected))
            return True

        return understood

    def _name_at(self, place: int) -> str:
        around = (name for start, end, name in reversed(self._tests) if start < place < end)
        return next(around, "")
