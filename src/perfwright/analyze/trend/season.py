"""The repeating pattern of a series, such as a day or a week of production: its period and profile.

    x_t = level_t + profile[t mod P] + noise

Level: a running median of one period, so that steps, drifts and spikes stay out of the pattern.
Profile: the median of x - level at each phase. A period P is tried where the autocorrelation peaks
and, if the rows' times say so, at an hour, a day, a week. It is believed when the profile of the
other cycles foretells each cycle: `strength` is the share of the mean absolute deviation that this
takes away, which pure noise makes negative (Rob Hyndman's seasonal strength, made robust and
cross-validated). Periods are whole rows; the pattern is taken as additive and lasting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.analyze.trend.noise import Floats, mad, running_median

_LEAST_PERIOD = 4
_LEAST_CYCLES = 4
_CALENDAR_CYCLES = 3
_CALENDAR_S = (3600.0, 86_400.0, 7 * 86_400.0)
_CANDIDATES = 8
_LEAST_STRENGTH = 0.1
_WILD = 30.0
_ALIKE = 0.85
"""A shorter period that is this good beside the best is the one: its multiples are as good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`profile`: one value per phase, centred; `strength`: 0..1."""

    profile: Floats
    strength: float

    @property
    def period(self) -> int:
        return int(self.profile.size)

    def over(self, rows: np.ndarray) -> Floats:
        """The pattern's value at each row number."""
        values: Floats = self.profile[rows % self.period]
        return values


def pattern_of(values: Floats, step_s: float | None = None) -> Pattern | None:
    """Of equidistant values, `step_s` apart; None where nothing repeats."""
    if values.size < _LEAST_PERIOD * _LEAST_CYCLES or np.ptp(values) == 0:
        return None
    patterns = [
        pattern
        for period in _periods(values, step_s)
        if (pattern := _pattern(values, period)) is not None
    ]
    if not patterns:
        return None
    best = max(patterns, key=lambda pattern: pattern.strength)
    if best.strength < _LEAST_STRENGTH:
        return None
    return min(
        (one for one in patterns if one is best or _is_part(one, best)),
        key=lambda pattern: pattern.period,
    )


def _is_part(one: Pattern, best: Pattern) -> bool:
    """Whether `best` repeats `one` a whole number of times and is hardly better."""
    times = round(best.period / one.period)
    whole = times > 1 and abs(best.period - times * one.period) <= 1
    return whole and one.strength >= _ALIKE * best.strength


def autocorrelation(values: Floats) -> Floats:
    """r(0) … r(n-1), of values whose tails are cut and whose mean is taken out."""
    centre, spread = np.median(values), mad(values) or float(np.std(values))
    clipped = np.clip(values - centre, -4 * spread, 4 * spread)
    clipped -= clipped.mean()
    n = values.size
    spectrum = np.fft.rfft(clipped, 2 * n)
    r = np.fft.irfft(spectrum * np.conj(spectrum))[:n]
    whole: Floats = r / r[0] if r[0] > 0 else np.zeros(n)
    return whole


def _periods(values: Floats, step_s: float | None) -> list[int]:
    n = values.size
    found = [] if step_s is None or step_s <= 0 else _calendar(n, step_s)
    most = n // _LEAST_CYCLES
    r = autocorrelation(_detrended(values))[: most + 2]
    inner = np.arange(_LEAST_PERIOD, min(most + 1, r.size - 1))
    if inner.size:
        peaks = inner[
            (r[inner] > r[inner - 1]) & (r[inner] >= r[inner + 1]) & (r[inner] > 3 / np.sqrt(n))
        ]
        found += [int(lag) for lag in peaks[np.argsort(-r[peaks])][:_CANDIDATES]]
    return sorted(set(found))


def _calendar(n: int, step_s: float) -> list[int]:
    periods = [round(length_s / step_s) for length_s in _CALENDAR_S]
    return [p for p in periods if _LEAST_PERIOD <= p <= n // _CALENDAR_CYCLES]


def _detrended(values: Floats) -> Floats:
    """Without what is slower than a third of the series: steps and drifts hide short periods."""
    return values - running_median(values, (values.size // 3) | 1)


def _pattern(values: Floats, period: int) -> Pattern | None:
    apart = values - running_median(values, period | 1)
    cycles = values.size // period
    table = apart[: cycles * period].reshape(cycles, period)
    plain = float(np.mean(_tame(table)))
    if plain <= 0:
        return None
    foretold = np.empty_like(table)
    folds = min(cycles, 5)
    for fold in range(folds):
        mine = np.arange(cycles) % folds == fold
        foretold[mine] = _profile(table[~mine])
    left = float(np.mean(_tame(table - foretold)))
    return Pattern(profile=_profile(table), strength=max(0.0, 1 - left / plain))


def _profile(table: Floats) -> Floats:
    profile = np.median(table, axis=0)
    centred: Floats = profile - np.median(profile)
    return centred


def _tame(table: Floats) -> Floats:
    """Absolute deviations, the wildest of them cut: one incident must not decide about a season."""
    size = np.abs(table)
    tame: Floats = np.minimum(size, _WILD * max(float(np.median(size)), 1e-3 * float(size.max())))
    return tame
