"""Times as people and tools write them, as seconds since 1970 UTC.

ISO 8601 (`2026-11-22T17:05:01Z`, `2026-11-22 17:05`, without a zone it is UTC), or a number: epoch
seconds, ms, µs or ns, told apart by size. A small number is taken as it is. None: no time, or one
beyond the year 5138, which only a broken clock tells.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

_SCALES = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3))
"""Numbers from here on are in this many seconds: 1e11 s is the year 5138, 1e11 ms is 1973."""
_LATEST_S = 1e11


def seconds_of(text: str) -> float | None:
    """Seconds since 1970 UTC, or the number itself; None where the text is no time."""
    text = text.strip()
    number = number_of(text)
    if number is not None:
        scale = next((scale for limit, scale in _SCALES if abs(number) >= limit), 1.0)
        seconds = number * scale
        return seconds if abs(seconds) < _LATEST_S else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def number_of(text: str) -> float | None:
    """A finite number; None for anything else, NaN included."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
