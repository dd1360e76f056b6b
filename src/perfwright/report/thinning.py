"""Long runs drawn with few points: neighbouring seconds become one, and what was bad stays visible.

Counts become their mean per second; percentiles, waiting, lateness and CPU the worst second's (a
mean would hide a stall, and percentiles cannot be averaged). A merged point is judged when all of
it was. Runs of up to `POINTS_MAX` seconds pass unchanged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

from perfwright.analyze.series import SeriesPoint

POINTS_MAX = 900


def seconds_per_point(seconds: int, *, points_max: int = POINTS_MAX) -> int:
    return max(1, -(-seconds // points_max))


def thinned(
    points: Sequence[SeriesPoint], *, points_max: int = POINTS_MAX
) -> tuple[SeriesPoint, ...]:
    step = seconds_per_point(len(points), points_max=points_max)
    if step == 1:
        return tuple(points)
    return tuple(_merge(points[at : at + step]) for at in range(0, len(points), step))


def _merge(points: Sequence[SeriesPoint]) -> SeriesPoint:
    number = len(points)
    return dataclasses.replace(
        points[0],
        judged=all(p.judged for p in points),
        requests=round(sum(p.requests for p in points) / number),
        errors=-(-sum(p.errors for p in points) // number),
        error_kinds=_mean_counts([p.error_kinds for p in points]),
        iterations_started=round(sum(p.iterations_started for p in points) / number),
        response_ms=_combine([p.response_ms for p in points], max),
        service_ms=_combine([p.service_ms for p in points], max),
        phases_ms=_combine([p.phases_ms for p in points], lambda v: sum(v) / number),
        users_active=max(p.users_active for p in points),
        waiting=max(p.waiting for p in points),
        dropped=sum(p.dropped for p in points),
        lateness_ms_p99=max((p.lateness_ms_p99 for p in points if p.lateness_ms_p99), default=None),
        cpu_ratio=max(p.cpu_ratio for p in points),
    )


def _mean_counts(maps: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Rounded up: a single error in an hour must not vanish."""
    keys = dict.fromkeys(key for each in maps for key in each)
    return {key: -(-sum(each.get(key, 0) for each in maps) // len(maps)) for key in keys}


def _combine(
    maps: Sequence[Mapping[str, float | None]], merge: Callable[[Iterable[float]], float]
) -> dict[str, float]:
    keys = dict.fromkeys(key for each in maps for key in each)
    gathered = {key: [v for each in maps if (v := each.get(key)) is not None] for key in keys}
    return {key: merge(values) for key, values in gathered.items() if values}
