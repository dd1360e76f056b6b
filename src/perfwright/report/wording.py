"""How numbers and foreign text are spelled at the surface: ms, percent, counts, sizes, clean names.

Values come in the surface's own units (ms, ratios 0..1, bytes) or as None, which reads as a dash.
Nothing here fails: any text, also hostile text, becomes one harmless printable line.
"""

from __future__ import annotations

import unicodedata

from perfwright.model.units import format_count, format_duration

DASH = "–"
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = {"\u200d", "\ufe0f"}  # they hold emoji together


def clean(text: str, *, keep: str = "") -> str:
    """`text` without control, bidirectional and unassigned format characters (each becomes `�`).

    A step name may come from a URL: it must not move a terminal's cursor or break an XML file.
    `keep` lists characters that may stay, such as a newline in a traceback.
    """
    return "".join(
        char if char in keep or char in _JOINERS or not _is_unprintable(char) else "�"
        for char in text
    )


def _is_unprintable(char: str) -> bool:
    noncharacter = ord(char) & 0xFFFE == 0xFFFE
    return noncharacter or unicodedata.category(char) in _UNPRINTABLE


def shorten(text: str, length: int) -> str:
    """At most `length` characters, cut in the middle: both ends of a URL tell it apart."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def milliseconds(value_ms: float | None) -> str:
    """A column's bare number in ms, three digits: `0.42`, `4.21`, `12.3`, `1,240`; what two
    decimals would hide, as in micro-benchmarks, has its unit: `9.41µs`, `163ns`."""
    if value_ms is None:
        return DASH
    if 0 < value_ms < 0.00995:
        ns = value_ms * 1e6
        return f"{ns / 1e3:.2f}µs" if ns >= 999.5 else f"{ns:.0f}ns"
    for limit, digits in ((9.995, 2), (99.95, 1)):
        if value_ms < limit:
            return f"{value_ms:.{digits}f}"
    return f"{value_ms:,.0f}"


def duration(value_ms: float | None) -> str:
    """A time with its unit, for prose: `420 µs`, `12.3 ms`, `1.24 s`."""
    return DASH if value_ms is None else format_duration(value_ms / 1e3)


def percent(ratio: float | None) -> str:
    """`0.00031` → `0.031%`; what happened at all never reads as `0%`."""
    if ratio is None:
        return DASH
    value = ratio * 100
    if value == 0 or value >= 99.95:
        return f"{value:.0f}%"
    if value < 0.001:
        return "<0.001%"
    digits = 3 if value < 0.1 else 2 if value < 1 else 1
    return f"{value:.{digits}f}%"


def count(value: float | None) -> str:
    return DASH if value is None else format_count(value)


def plural(number: int, noun: str) -> str:
    """`1 request`, `1,240 requests`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def times(number: int) -> str:
    """`once`, `214 times`."""
    return "once" if number == 1 else f"{number:,} times"


def compact(value: float, columns: int) -> str:
    """A count in at most `columns` characters: `999,999`, then `1.23M`."""
    text = count(value)
    if len(text) <= columns:
        return text
    scale, unit = next(
        (scale, unit) for scale, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if value >= scale
    )
    return f"{value / scale:.3g}{unit}"


def size(value_bytes: float) -> str:
    """`1536` → `1.54 kB` (powers of ten, as `parse_size` reads them)."""
    for scale, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value_bytes >= 0.9995 * scale:
            return f"{value_bytes / scale:.3g} {unit}"
    return f"{value_bytes:.0f} B"


def measured(value: float | None, unit: str) -> str:
    """An SLO's value or limit with its unit, spelled as that unit is read."""
    if value is None:
        return DASH
    if unit == "ms":
        return duration(value)
    if unit == "%":
        return percent(value / 100)
    return f"{count(value) if abs(value) >= 10 else f'{value:.3g}'}{_unit(unit)}"


def _unit(unit: str) -> str:
    if unit in ("1/s", "/s"):
        return "/s"
    return f" {unit}" if unit else ""
