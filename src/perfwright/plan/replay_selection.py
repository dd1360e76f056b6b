"""Which requests of a log are replayed, and when: the options of `perfwright replay`, checked.

    log      ├──────┬─ --from ──────────── --until ─┬──────►  wall clock
    replay          └ first request kept, due at 0 … ┘        gaps ÷ speed, at most --for

A moment is written as ISO 8601 (`2026-11-22T14:00`, with or without an offset), as a time of the
log's first day (`14:00`), or as a duration since its first request (`10m`). Everything that cannot
mean anything is a UsageError that names the option, the value and the remedy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from fnmatch import translate
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from perfwright.model.errors import UsageError
from perfwright.model.units import parse_duration

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""They ask for nothing but an answer (RFC 9110 §9.2.1)."""
_METHOD = re.compile(r"[A-Z]+")
_SPEED = re.compile(r"(\d+(?:\.\d+)?)x?")
_US_PER_S = 1_000_000


@dataclass(frozen=True, slots=True)
class Only:
    """`method`: "" for any; `path`: None for any, or what the path without its query matches."""

    method: str
    path: re.Pattern[str] | None

    def matches(self, method: str, path: str) -> bool:
        return (not self.method or method == self.method) and (
            self.path is None or self.path.fullmatch(path) is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """`speed`: gaps become so many times shorter. `begin`, `end`: moments as written, "" for
    none; `zone` is theirs where they name no offset. `only`: a request must match one of them, if
    there are any. `spread`: requests of a log that has whole seconds only are spread evenly within
    theirs. `longest_s`: of the replay."""

    speed: float = 1.0
    begin: str = ""
    end: str = ""
    zone: str = "UTC"
    only: tuple[Only, ...] = ()
    include_unsafe: bool = False
    spread: bool = False
    longest_s: float | None = None

    def span_us(self, first_us: int) -> tuple[float, float]:
        """[from, until) in µs since the epoch, of a log whose first request is at `first_us`."""
        begin_us = moment_us("--from", self.begin, first_us, self.zone) if self.begin else 0.0
        end_us = moment_us("--until", self.end, first_us, self.zone) if self.end else float("inf")
        if end_us <= begin_us:
            raise UsageError(
                f"--until: {self.end!r} is not after --from {self.begin!r}; nothing lies between"
            )
        return begin_us, end_us


def parse_speed(text: str) -> float:
    """`2x`, `0.5x` or `2`."""
    match = _SPEED.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError(f"--speed: {text!r} is no factor above zero; write 2x or 0.5x")
    return float(match[1])


def parse_only(text: str) -> Only:
    """`GET`, `/items/*`, or `GET /items/*`."""
    method, _, pattern = text.strip().partition(" ")
    if method.startswith(("/", "*")):
        method, pattern = "", text.strip()
    pattern = pattern.strip()
    if (method and not _METHOD.fullmatch(method)) or (pattern and pattern[0] not in "/*"):
        raise UsageError(
            f"--only: {text!r}: write a method (GET), a path (/items/*) or GET /items/*"
        )
    if not method and not pattern:
        raise UsageError("--only: it is empty; write a method (GET) or a path (/items/*)")
    return Only(method, re.compile(translate(pattern), re.DOTALL) if pattern else None)


def moment_us(option: str, text: str, first_us: int, zone: str) -> float:
    """µs since the epoch."""
    local = _zone(zone)
    cleaned = text.strip()
    try:
        moment = datetime.fromisoformat(cleaned)
    except ValueError:
        pass
    else:
        return (moment if moment.tzinfo else moment.replace(tzinfo=local)).timestamp() * _US_PER_S
    try:
        of_day = time.fromisoformat(cleaned) if ":" in cleaned else None
    except ValueError:
        of_day = None
    if of_day is not None:
        first = datetime.fromtimestamp(first_us / _US_PER_S, of_day.tzinfo or local)
        return datetime.combine(first.date(), of_day, first.tzinfo).timestamp() * _US_PER_S
    try:
        return first_us + parse_duration(cleaned, field=option) * _US_PER_S
    except UsageError:
        raise UsageError(
            f"{option}: {text!r} is no moment; write 2026-11-22T14:00, 14:00 (of the log's first "
            "day) or 10m (after its first request)"
        ) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"--zone: {name!r} is no time zone; write UTC or Europe/Berlin") from None
