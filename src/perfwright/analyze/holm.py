"""Many tests at once without more false alarms than one: Holm's step-down procedure.

The i-th smallest of m p-values is multiplied by m - i + 1, and none may fall below the one before
it. Calling an alarm where the result is at most α keeps the chance of any false alarm among all m
below α, however they depend on one another (Holm 1979).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def holm(p_values: Mapping[K, float]) -> dict[K, float]:
    """Adjusted p-values, by the same keys."""
    adjusted: dict[K, float] = {}
    highest = 0.0
    for place, (key, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(p_values) - place) * p))
        adjusted[key] = highest
    return adjusted
