"""Single values of a spec of data, checked: each takes its place in the spec and what stands there.

All raise DataError that names the place, the value and what to write.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from reprlib import repr as short

from perfwright.model.errors import DataError
from perfwright.plan.data_spec import Scalar


def did_you_mean(word: str, known: Collection[str]) -> str:
    """What ends a sentence: `; did you mean 'email'?`, or a full stop."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else "."


def number(place: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise DataError(f"{place}: {short(value)} must be a finite number")
    return float(value)


def whole(place: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**53) <= value <= 2**53:
        raise DataError(f"{place}: {short(value)} must be a whole number")
    return value


def digits(place: str, value: object) -> int:
    places = whole(place, value)
    if not 0 <= places <= 12:
        raise DataError(f"{place}: {places} must be from 0 to 12 digits after the point")
    return places


def text(place: str, value: object) -> str:
    if not isinstance(value, str):
        raise DataError(f"{place}: {short(value)} must be text; put it in quotes")
    return value


def flag(place: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise DataError(f"{place}: {short(value)} must be true or false")
    return value


def share(place: str, value: object) -> float:
    ratio = number(place, value)
    if not 0 <= ratio <= 1:
        raise DataError(f"{place}: {ratio:g} must be a share from 0 to 1, like 0.05")
    return ratio


def scalar(place: str, value: object) -> Scalar:
    if isinstance(value, date):
        return value.isoformat()
    if value is not None and not isinstance(value, (str, int, float, bool)):
        raise DataError(f"{place}: {short(value)} must be text, a number, true, false or null")
    return value


def moment(place: str, value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value.isoformat() if isinstance(value, date) else str(value))
    except ValueError:
        raise DataError(
            f"{place}: {short(value)} is no date; write 2026-11-22 or 2026-11-22T14:00"
        ) from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def weighted(place: str, value: object) -> tuple[tuple[Scalar, float], ...]:
    if isinstance(value, Mapping):
        return tuple(
            (scalar(place, key), number(f"{place}.{short(key)}", weight))
            for key, weight in value.items()
        )
    if not isinstance(value, list):
        raise DataError(
            f"{place}: {short(value)} must be a list, or a mapping of values to weights"
        )
    return tuple((scalar(place, item), 1.0) for item in value)
