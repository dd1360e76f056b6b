"""A series in, its trend out: season, changes and anomalies, in the rows and times of the series.

Missing values are left out of every computation and keep their row numbers. A season is sought
where rows are equidistant in time (gaps count) or have no times. Pure: the same series and seed
give the same trend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfwright.analyze.trend.changes import Change, Changes, changes_of
from perfwright.analyze.trend.noise import Floats
from perfwright.analyze.trend.outliers import Span, outliers_of
from perfwright.analyze.trend.season import Pattern, pattern_of
from perfwright.analyze.trend.whitening import MIN_SEGMENT
from perfwright.model.trend import Anomaly, ChangePoint, NamedSeries, Season, Trend, TrendPoint

LEAST_VALUES = 2 * MIN_SEGMENT
_REGULAR = 0.9
_MOST_GAPS = 3
"""Rows may be this many times as sparse as their step says, and still have a season."""


def examine(series: NamedSeries, *, seed: int = 0) -> Trend:
    """The trend of a series of any length; of fewer than `LEAST_VALUES` values a note."""
    values = np.asarray(series.values, dtype=float)
    rows = np.flatnonzero(np.isfinite(values))
    x = values[rows]
    if x.size < LEAST_VALUES:
        note = (
            f"only {x.size} of the {LEAST_VALUES} values that it takes to tell a change from chance"
        )
        return Trend(
            name=series.name, unit=series.unit, change_points=(), anomalies=(),
            points=_points(series, rows, None, None), notes=(*series.notes, note),
        )  # fmt: skip
    slots, step_s = _slots(series, rows)
    patterns = _patterns(_filled(x, slots), step_s)
    wave = sum((pattern.over(slots) for pattern in patterns), np.zeros_like(x))
    found = changes_of(x - wave, seed=seed)
    spans = outliers_of(x - wave, found)
    told = _Told(series, rows, x)
    return Trend(
        name=series.name,
        unit=series.unit,
        points=_points(series, rows, found.level, found.level + wave),
        change_points=tuple(told.change(change) for change in found.changes),
        anomalies=tuple(told.anomaly(span) for span in spans),
        season=_season(patterns),
        autocorrelation=found.noise.phi,
        noise=_noise(found),
        notes=series.notes,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """Results among the valid values, told in the rows and times of the whole series."""

    series: NamedSeries
    rows: np.ndarray
    values: Floats

    def change(self, change: Change) -> ChangePoint:
        place, size = change.place, change.size
        index = int(self.rows[place.index])
        return ChangePoint(
            index=index,
            time=self.series.times[index],
            kind=change.kind,
            before=size.before,
            after=size.after,
            magnitude=size.after - size.before,
            ci=size.ci,
            change=size.change,
            change_ci=size.change_ci,
            p=change.p,
            methods=change.methods,
            location=(int(self.rows[place.low]), int(self.rows[place.high])),
            until=None if change.until is None else int(self.rows[change.until]),
            went_away=change.went_away,
        )

    def anomaly(self, span: Span) -> Anomaly:
        start, end = int(self.rows[span.start]), int(self.rows[span.end])
        return Anomaly(
            start=self.series.times[start],
            end=self.series.times[end],
            start_index=start,
            end_index=end,
            score=span.score,
            value=float(self.values[span.worst]),
        )


def _slots(series: NamedSeries, rows: np.ndarray) -> tuple[np.ndarray, float | None]:
    """Of each valid row the number of steps since the first, and how long a step is; without
    regular times the rows themselves."""
    if series.seconds is None:
        return rows - rows[0], None
    seconds = np.asarray(series.seconds, dtype=float)[rows]
    gaps = np.diff(seconds)
    step_s = float(np.median(gaps))
    if step_s <= 0:
        return np.arange(rows.size), None
    steps = gaps / step_s
    regular = np.abs(steps - np.round(steps)) < 0.1
    places = np.round((seconds - seconds[0]) / step_s)
    if regular.mean() < _REGULAR or places[-1] > _MOST_GAPS * rows.size:
        return np.arange(rows.size), None
    return places.astype(int), step_s


def _filled(values: Floats, slots: np.ndarray) -> Floats:
    """One value per step: gaps bridged by a straight line."""
    filled: Floats = np.interp(np.arange(slots[-1] + 1), slots, values)
    return filled


def _points(
    series: NamedSeries, rows: np.ndarray, level: Floats | None, expected: Floats | None
) -> tuple[TrendPoint, ...]:
    at = {int(row): number for number, row in enumerate(rows)}
    return tuple(
        TrendPoint(
            index=index,
            time=time,
            value=float(series.values[index]) if index in at else None,
            level=None if level is None or index not in at else float(level[at[index]]),
            expected=None if expected is None or index not in at else float(expected[at[index]]),
        )
        for index, time in enumerate(series.times)
    )


def _patterns(values: Floats, step_s: float | None) -> list[Pattern]:
    """A season, and a longer one in what it leaves: days within weeks."""
    first = pattern_of(values, step_s)
    if first is None:
        return []
    second = pattern_of(values - first.over(np.arange(values.size)), step_s)
    return [first] if second is None or second.period <= first.period else [first, second]


def _season(patterns: Sequence[Pattern]) -> Season | None:
    """The stronger one stands for both."""
    if not patterns:
        return None
    strongest = max(patterns, key=lambda pattern: pattern.strength)
    return Season(period=strongest.period, strength=strongest.strength)


def _noise(found: Changes) -> float:
    return float(np.median(found.sigma))
