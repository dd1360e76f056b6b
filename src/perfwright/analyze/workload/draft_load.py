"""The load of a test from the arrivals of a log: history, made into the load of tomorrow.

    rate = (mean, or peak) × scale × (1 + growth) ^ years          sessions a second, open model

    shape "flat"   ramp for 30 s, then hold
    shape "day"    the mean day's curve, hour by hour, in straight lines from hour to hour; time is
                   divided by `compress` (144: a day in ten minutes), rates are not

Fails with UsageError where a factor cannot mean anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from perfwright.model.errors import UsageError
from perfwright.model.journey import DraftLoad, LoadPart
from perfwright.model.units import format_duration, format_number
from perfwright.model.workload import Arrivals

_RAMP_S = 30.0
_HOUR_S = 3600.0
_CLOCKWORK = 0.5
_LEAST_RATE = 0.001
_MAX_FACTOR = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """`scale`: a factor. `compress`: how many times faster the day goes by. `growth_per_year`: 0.3
    is 30%. `hold_s`: how long the flat shape is held."""

    scale: float = 1.0
    peak: bool = False
    shape: Literal["flat", "day"] = "flat"
    compress: float = 1.0
    growth_per_year: float = 0.0
    horizon_years: float = 1.0
    hold_s: float = 300.0


def draft_load(arrivals: Arrivals, options: LoadOptions) -> DraftLoad:
    factor = _factor(options)
    wanted = arrivals.peak_sessions_per_s if options.peak else arrivals.sessions_per_s
    by_day = options.shape == "day" or options.compress != 1.0
    rates = _day(arrivals) if by_day else []
    if rates:
        parts, shape = _curve(rates, wanted, factor, options)
    else:
        parts = (LoadPart(to=_rounded(wanted * factor), over_s=_RAMP_S, hold_s=options.hold_s),)
        shape = " (the log is too short for the curve of a day)" if by_day else ""
    return DraftLoad(
        kind="arrivals",
        parts=parts,
        process="uniform" if arrivals.dispersion < _CLOCKWORK else "poisson",
        why=_source(arrivals, options) + shape + _factors(options),
    )


def _factor(options: LoadOptions) -> float:
    for name, value in (("scale", options.scale), ("compress", options.compress)):
        if not 0 < value <= _MAX_FACTOR:
            raise UsageError(f"{name}: {value:g} must be above 0 and at most {_MAX_FACTOR:g}")
    if not -1 < options.growth_per_year <= 100 or not 0 <= options.horizon_years <= 100:
        raise UsageError(
            f"growth: {options.growth_per_year:.0%} a year over {options.horizon_years:g} years; "
            "give more than -100% and at most 100 years, like 30%/year"
        )
    return float(options.scale * (1 + options.growth_per_year) ** options.horizon_years)


def _day(arrivals: Arrivals) -> list[float]:
    """Mean sessions/s of each hour of the day, over the week; none where an hour was not seen."""
    rates = []
    for hour in range(24):
        seen = [rate for rate in arrivals.by_hour[hour::24] if rate is not None]
        if not seen:
            return []
        rates.append(math.fsum(seen) / len(seen))
    return rates if max(rates) > 0 else []


def _curve(
    rates: Sequence[float], wanted: float, factor: float, options: LoadOptions
) -> tuple[tuple[LoadPart, ...], str]:
    """From midnight to midnight UTC, through each hour's rate in its middle. With `peak` the whole
    day is raised until its highest hour is the peak."""
    raised = factor * (wanted / max(rates) if options.peak else 1.0)
    hour_s = _HOUR_S / options.compress
    midnight = raised * (rates[-1] + rates[0]) / 2
    parts = [LoadPart(to=_rounded(midnight))]
    for hour, rate in enumerate(rates):
        parts.append(LoadPart(to=_rounded(raised * rate), over_s=hour_s / (1 if hour else 2)))
    parts.append(LoadPart(to=_rounded(midnight), over_s=hour_s / 2))
    told = ", over the curve of the mean day (UTC)"
    if options.compress != 1.0:
        told += f" in {format_duration(24 * hour_s)}, at the day's own rates"
    return tuple(parts), told


def _rounded(rate: float) -> float:
    return float(f"{max(rate, _LEAST_RATE):.4g}")


def _source(arrivals: Arrivals, options: LoadOptions) -> str:
    if not options.peak:
        length_s = arrivals.end_s - arrivals.begin_s
        return (
            f"{format_number(arrivals.sessions_per_s)} sessions/s, the mean of the log's "
            f"{_span(length_s)}"
        )
    return (
        f"{format_number(arrivals.peak_sessions_per_s)} sessions/s, the busiest "
        f"{_span(arrivals.peak_window_s)} of the log (its p{100 * arrivals.peak_percentile:.3g})"
    )


def _factors(options: LoadOptions) -> str:
    told = ""
    if options.scale != 1.0:
        told += f", × {options.scale:g}"
    if options.growth_per_year:
        growth = (1 + options.growth_per_year) ** options.horizon_years
        told += (
            f", × {growth:.3g} for {100 * options.growth_per_year:.3g}% of growth a year "
            f"over {options.horizon_years:g} year{'' if options.horizon_years == 1 else 's'}"
        )
    return told


def _span(seconds: float) -> str:
    days = seconds / 86_400
    if days >= 2:
        return f"{days:.3g} days"
    return "hour" if seconds == _HOUR_S else format_duration(seconds)
