"""YAML as OpenAPI means it: the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema)
limited to what JSON can say (https://spec.openapis.org/oas/v3.1.0#format).

PyYAML's own constructors follow YAML 1.1: `NO` becomes False, `12:30` becomes 750, a date an
object. So the values are built here, from the parser's events, which is also twice as fast:

    text ─► events (libyaml) ─► scalars resolved ─► containers closed ─► value

Aliases share what they stand for, so a bomb ("billion laughs") takes no memory here, but whoever
walks its value would take for ever: the value is counted as if written out, and refused above
MAX_VALUES. Fails with DataError that names file and line: no YAML, several documents, an alias
inside of what it stands for, nesting deeper than MAX_DEPTH.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from perfwright.model.errors import DataError
from perfwright.sources.openapi.trees import Json

MAX_VALUES = 5_000_000
MAX_DEPTH = 200
_MAX_DIGITS = 300
_NUMBER_BEGINS = frozenset("0123456789+-.")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_OCTAL_OR_HEX = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*|(?=[eE][-+])))(?:[eE][-+]?[0-9]{1,3})?"
)
"""What begins with zeros, or is all digits but an `e`, is a text: a key or a hash, which writers of
YAML 1.1 leave unquoted."""
_WORDS: dict[str, Json] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_RESOLVED_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))


def parse_yaml(content: bytes, name: str) -> tuple[Json, tuple[str, ...]]:
    """The value, and the keys that a mapping has twice ("key (line 7)"); the last one counts."""
    builder = _Builder(name)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(content, Loader=loader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise DataError(f"{name}: cannot be read as YAML: {' '.join(str(error).split())}") from None
    return builder.root, tuple(builder.duplicates)


@dataclass(slots=True)
class _Open:
    """A container that is not closed yet. `values`: how many it holds, written out in full."""

    container: list[Json] | dict[str, Json]
    anchor: str | None
    line: int
    values: int = 1
    key: str | None = None
    merged: list[dict[str, Json]] = field(default_factory=list)


class _Builder:
    def __init__(self, name: str) -> None:
        self.root: Json = None
        self.duplicates: list[str] = []
        self._name = name
        self._documents = 0
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Json, int]] = {}

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(event, "a second document begins here; keep one, in a file of its own")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._wants_key():
            self._take_key(event.value, event)
            return
        value = _resolved(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._put(value, 1, event)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if self._wants_key():
            self._refuse(event, "a key is a list or a mapping; JSON has texts only")
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        empty: list[Json] | dict[str, Json] = (
            {} if isinstance(event, yaml.MappingStartEvent) else []
        )
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        self._stack.append(_Open(empty, event.anchor, _line(event)))

    def _close(self) -> None:
        done = self._stack.pop()
        container = done.container
        if isinstance(container, dict) and done.merged:
            for other in done.merged:
                for key, value in other.items():
                    container.setdefault(key, value)
        if done.anchor is not None:
            self._anchors[done.anchor] = (container, done.values)
        self._put(container, done.values, None)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            self._refuse(
                event,
                f"the alias *{event.anchor} stands for nothing, or for something that holds it",
            )
        value, values = self._anchors[event.anchor]
        if self._wants_key():
            if not isinstance(value, str):
                self._refuse(event, f"the alias *{event.anchor} is a key and no text")
            self._take_key(value, event)
        else:
            self._put(value, values, event)

    def _wants_key(self) -> bool:
        if not self._stack:
            return False
        top = self._stack[-1]
        return isinstance(top.container, dict) and top.key is None

    def _take_key(self, key: str, event: yaml.Event) -> None:
        top = self._stack[-1]
        if key in top.container and key != "<<":
            self.duplicates.append(f"{key} (line {_line(event)})")
        top.key = key

    def _put(self, value: Json, values: int, event: yaml.Event | None) -> None:
        if not self._stack:
            self.root = value
            return
        top = self._stack[-1]
        top.values += values
        if top.values > MAX_VALUES:
            line = _line(event) if event is not None else top.line
            raise DataError(
                f"{self._name}:{line}: with its aliases written out, the document holds more than "
                f"{MAX_VALUES:,} values; write less of it with aliases"
            )
        if isinstance(top.container, list):
            top.container.append(value)
            return
        assert top.key is not None
        merged = [value] if isinstance(value, dict) else value
        if top.key == "<<" and isinstance(merged, list):
            top.merged.extend(one for one in merged if isinstance(one, dict))
        else:
            top.container[top.key] = value
        top.key = None

    def _refuse(self, event: yaml.Event, problem: str) -> NoReturn:
        raise DataError(f"{self._name}:{_line(event)}: {problem}")


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 0 if mark is None else mark.line + 1


def _resolved(event: yaml.ScalarEvent) -> Json:
    value: str = event.value
    if event.tag not in _RESOLVED_TAGS and (event.style or not event.implicit[0]):
        return value
    if value in _WORDS:
        return _WORDS[value]
    if value[0] not in _NUMBER_BEGINS or len(value) > _MAX_DIGITS:
        return value
    if _INTEGER.fullmatch(value):
        return int(value)
    if _OCTAL_OR_HEX.fullmatch(value):
        return int(value, 0)
    return float(value) if _FLOAT.fullmatch(value) else value
