"""Durations, sizes and their spelling at the surface.

Inside: integers `_ns`, floats `_s`. People write and read `300ms`, `5m`, `2GB`.
"""

from __future__ import annotations

import re

from perfwright.model.errors import UsageError

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

_DURATION_UNITS_S = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_SIZE_UNITS_BYTES = {
    "": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)


def parse_duration(text: str | float, *, field: str = "duration") -> float:
    """Seconds (float) from `30s`, `1m30s`, `250ms`, `2h` or a plain number of seconds.

    Raises UsageError, naming `field`, for anything else, negative values included.
    """
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        seconds = float(text)
    else:
        cleaned = str(text).strip()
        if re.fullmatch(r"\d+(\.\d+)?", cleaned):
            seconds = float(cleaned)
        elif cleaned and _PART.sub("", cleaned).strip() == "":
            seconds = sum(float(n) * _DURATION_UNITS_S[unit] for n, unit in _PART.findall(cleaned))
        else:
            raise UsageError(f"{field}: {text!r} is no duration; write 30s, 250ms, 5m or 1h30m")
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"{field}: {text!r} must be a finite duration of zero or more")
    return seconds


def parse_size(text: str | int, *, field: str = "size") -> int:
    """Bytes from `2GB` (powers of ten), `512MiB` (powers of two) or a plain number."""
    match = _SIZE.fullmatch(str(text).strip())
    if match is None or match[2].lower() not in _SIZE_UNITS_BYTES:
        raise UsageError(f"{field}: {text!r} is no size; write it as 512MB or 2GiB")
    return round(float(match[1]) * _SIZE_UNITS_BYTES[match[2].lower()])


def format_duration(seconds: float) -> str:
    """`0.00042` → `420 µs`, `0.0123` → `12.3 ms`, `95` → `1m35s`: three significant digits."""
    if seconds < 0:
        return f"-{format_duration(-seconds)}"
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
        return "".join(f"{n}{unit}" for n, unit in parts if n)
    for scale, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * scale >= 0.9995:  # what rounds to 1000 ms is 1 s
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns" if seconds else "0 s"


def format_number(value: float) -> str:
    """Three significant digits, whole numbers from 1,000 on: `0.123`, `45.6`, `3,490`."""
    return f"{value:.3g}" if abs(value) < 999.5 else f"{value:,.0f}"


def format_count(value: float) -> str:
    """`1234567` → `1,234,567`; fractions below 100 keep one decimal."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"
