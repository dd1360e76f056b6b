"""Reads a pprof profile: gzipped protocol buffers, decoded as far as stacks need.

Format: https://github.com/google/pprof/blob/main/proto/profile.proto. A message is a sequence of
(tag << 3 | type, value); of its types only varints (0) and byte strings (2) occur here. ValueError
for anything that is no such profile.

    Profile ─ sample_type 1, sample 2, location 4, function 5, string_table 6, period 12
    Sample ─ location_id 1 (leaf first), value 2        Location ─ id 1, line 4 (innermost first)
    Line ─ function_id 1, line 2                         Function ─ id 1, name 2, filename 4
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    function: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`samples`: stacks, root first, with how often each was seen. `period_ns` between samples."""

    samples: tuple[tuple[tuple[Line, ...], int], ...]
    period_ns: int


def read_profile(data: bytes) -> Profile:
    """A profile as `/debug/pprof/profile` gives it."""
    try:
        return _profile(_inflated(data))
    except (IndexError, KeyError, UnicodeDecodeError, zlib.error) as error:
        raise ValueError(f"not a pprof profile ({error})") from error


def _inflated(data: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    text = unzip.decompress(data, _MAX_BYTES)
    if unzip.unconsumed_tail:
        raise ValueError(f"a profile of more than {_MAX_BYTES >> 20} MiB")
    if not unzip.eof:
        raise ValueError("a profile that ends early")
    return text


def _profile(message: bytes) -> Profile:
    parts: dict[int, list[bytes]] = {tag: [] for tag in (2, 4, 5, 6)}
    period_ns = 0
    for tag, value in _fields(message):
        if isinstance(value, bytes) and tag in parts:
            parts[tag].append(value)
        elif tag == 12 and isinstance(value, int):
            period_ns = value
    strings = [text.decode() for text in parts[6]]
    functions = dict(_function(one, strings) for one in parts[5])
    locations = dict(_location(one, functions) for one in parts[4])
    return Profile(samples=tuple(_sample(one, locations) for one in parts[2]), period_ns=period_ns)


def _sample(message: bytes, locations: dict[int, list[Line]]) -> tuple[tuple[Line, ...], int]:
    fields = list(_fields(message))
    leaf_first = [line for number in _numbers(fields, 1) for line in locations[number]]
    return tuple(reversed(leaf_first)), next(_numbers(fields, 2), 0)


def _location(message: bytes, functions: dict[int, tuple[str, str]]) -> tuple[int, list[Line]]:
    fields = list(_fields(message))
    lines = []
    for tag, value in fields:
        if tag == 4 and isinstance(value, bytes):
            inner = list(_fields(value))
            name, file = functions[next(_numbers(inner, 1))]
            lines.append(Line(function=name, file=file, line=next(_numbers(inner, 2), 0)))
    return next(_numbers(fields, 1)), lines


def _function(message: bytes, strings: list[str]) -> tuple[int, tuple[str, str]]:
    fields = list(_fields(message))
    name, file = (strings[next(_numbers(fields, tag), 0)] for tag in (2, 4))
    return next(_numbers(fields, 1)), (name, file)


def _numbers(fields: list[tuple[int, int | bytes]], tag: int) -> Iterator[int]:
    """A repeated number's values, packed or not."""
    for key, value in fields:
        if key != tag:
            continue
        if isinstance(value, int):
            yield value
        else:
            at = 0
            while at < len(value):
                number, at = _varint(value, at)
                yield number


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == 0:
            number, at = _varint(message, at)
            yield key >> 3, number
        elif key & 7 == 2:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("a profile that ends early")
            yield key >> 3, message[at : at + length]
            at += length
        else:
            raise ValueError(f"a field of unknown type {key & 7}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
