"""Makes values of text different from one another: what repeats gets a number.

    anna@example.com  anna@example.com      →  anna@example.com  anna.2@example.com
    Anna Smith        Anna Smith            →  Anna Smith        Anna Smith 2

Whatever has been given stays known as a hash (of 8 bytes, in a set: some 60 bytes a row); two that
happen to share one only cost a number.
"""

from __future__ import annotations

from collections import Counter

from perfwright.export.synthetic.chunk import Array, Chunk, Maker
from perfwright.export.synthetic.texts import objects
from perfwright.model.errors import DataError


def told_apart(place: str, make: Maker) -> Maker:
    """DataError where values that repeat are no text."""
    seen: set[int] = set()
    numbers: Counter[str] = Counter()

    def made(chunk: Chunk) -> Array:
        values = make(chunk).tolist()
        for index, value in enumerate(values):
            if (key := hash(value)) in seen:
                if not isinstance(value, str):
                    raise DataError(
                        f"{place}: there are not enough different values for so many unique rows "
                        f"({value!r} came again); use integer, sequence, uuid or a pattern"
                    )
                values[index], key = _numbered(value, numbers, seen)
            seen.add(key)
        return objects(values)

    return made


def _numbered(value: str, numbers: Counter[str], seen: set[int]) -> tuple[str, int]:
    while True:
        numbers[value] += 1
        candidate = with_number(value, numbers[value] + 1)
        if (key := hash(candidate)) not in seen:
            return candidate, key


def with_number(value: str, number: int) -> str:
    """The same text, told apart by a number where such a text may have one."""
    name, at, domain = value.rpartition("@")
    if at:
        return f"{name}.{number}@{domain}"
    if value.startswith(("http://", "https://")):
        return f"{value.rstrip('/')}/{number}"
    return f"{value} {number}" if " " in value else f"{value}.{number}"
