"""When sessions begin: rate, peak, the course of the week, and how bursty.

    sessions │        ▂▃▄▆█▇▅▃▂            ── series, in bins
    a bin    │ ▂▁▁▂▃▅▆         ▅▃▂▁        the busiest window is the peak

Burstiness is the index of dispersion of counts, variance ÷ mean (Cox & Lewis: "The Statistical
Analysis of Series of Events", 1966), taken within each hour and then pooled, so that day and night
are not taken for bursts: 1 is what independent visitors make, more is bursts, less is a clock. The
peak's percentile is rank ÷ (n + 1) among the n whole windows of the log: the highest of 24 hours
has seen 96% of what hours may bring.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfwright.model.traffic import Bins
from perfwright.model.workload import Arrivals

Floats = NDArray[np.float64]

_BINS_S = (1.0, 5.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0, 604_800.0)
_MAX_BINS = 20_000
_MAX_SERIES = 500
_ENOUGH_IN_A_BIN = 3.0
_HOUR_S = 3600.0
_WEEK_HOURS = 168
_MONDAY_S = 4 * 86_400.0  # 1970-01-05, the first Monday of the epoch


@dataclass(frozen=True, slots=True)
class _Counted:
    begin_s: Floats
    covered_s: Floats
    sessions: Floats
    requests: Floats


def bin_length_s(begin_us: int, end_us: int) -> float:
    """The finest bins that are not too many for a log of that length."""
    length_s = (end_us - begin_us) / 1e6
    return next((bin_s for bin_s in _BINS_S if length_s / bin_s <= _MAX_BINS), _BINS_S[-1])


def arrivals_of(bins: Bins, bin_s: float, begin_us: int, end_us: int) -> Arrivals:
    """`bins` of `bin_s`, all of them in a row; begin and end of the log."""
    begin_s = begin_us / 1e6
    end_s = max(end_us / 1e6, begin_s + 1.0)
    low = np.maximum(bins.begin_s, begin_s)
    high = np.minimum(bins.begin_s + bin_s, end_s)
    counted = _Counted(
        bins.begin_s,
        np.maximum(high - low, 1e-6),
        bins.sessions.astype(float),
        bins.requests.astype(float),
    )
    length_s = end_s - begin_s
    window_s = _window_s(length_s, bin_s)
    peak_s, peak_sessions, peak_requests = _peak(counted, bin_s, window_s, length_s, begin_s)
    dispersion, dispersion_bin_s = _dispersion(counted, bin_s)
    windows = max(1, int(length_s // window_s))
    return Arrivals(
        begin_s=begin_s,
        end_s=end_s,
        bin_s=bin_s * _fold(counted.begin_s.size),
        series=_series(counted),
        sessions_per_s=float(counted.sessions.sum() / length_s),
        requests_per_s=float(counted.requests.sum() / length_s),
        dispersion=dispersion,
        dispersion_bin_s=dispersion_bin_s,
        peak_begin_s=peak_s,
        peak_window_s=window_s,
        peak_sessions_per_s=peak_sessions,
        peak_requests_per_s=peak_requests,
        peak_percentile=windows / (windows + 1),
        by_hour=_by_hour(counted) if bin_s <= _HOUR_S else (),
    )


def _window_s(length_s: float, bin_s: float) -> float:
    """An hour; of a log shorter than two, five minutes; of one shorter than ten, all of it."""
    if length_s >= 2 * _HOUR_S:
        return max(_HOUR_S, bin_s)
    return 300.0 if length_s >= 600.0 else length_s


def _peak(
    counted: _Counted, bin_s: float, window_s: float, length_s: float, begin_s: float
) -> tuple[float, float, float]:
    """Begin, sessions/s and requests/s of the window in which most sessions begin."""
    width = max(1, round(window_s / bin_s))
    if window_s >= length_s or width >= counted.begin_s.size:
        return (
            begin_s,
            float(counted.sessions.sum() / length_s),
            float(counted.requests.sum() / length_s),
        )
    sessions = _sliding(counted.sessions, width)
    at = int(sessions.argmax())
    seconds = width * bin_s
    return (
        float(counted.begin_s[at]),
        float(sessions[at] / seconds),
        float(counted.requests[at : at + width].sum() / seconds),
    )


def _sliding(values: Floats, width: int) -> Floats:
    sums = np.concatenate(([0.0], np.cumsum(values)))
    result: Floats = sums[width:] - sums[:-width]
    return result


def _dispersion(counted: _Counted, bin_s: float) -> tuple[float, float]:
    """The index and the bins it is of: those in which a few sessions begin on the average."""
    mean = counted.sessions.mean()
    fold = int(np.ceil(_ENOUGH_IN_A_BIN / mean)) if mean > 0 else 1
    fold = max(1, min(fold, counted.sessions.size // 10 or 1))
    counts = _folded(counted.sessions, fold)[: counted.sessions.size // fold]
    in_an_hour = max(6, round(_HOUR_S / (fold * bin_s)))
    groups = [counts[at : at + in_an_hour] for at in range(0, counts.size, in_an_hour)]
    groups = [group for group in groups if group.size >= 2]
    if not groups or counts.sum() == 0:
        return 1.0, bin_s * fold
    freedom = sum(group.size - 1 for group in groups)
    variance = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / freedom
    return variance / float(counts.mean()), bin_s * fold


def _folded(values: Floats, fold: int) -> Floats:
    result: Floats = np.add.reduceat(values, np.arange(0, values.size, fold))
    return result


def _fold(bins: int) -> int:
    return max(1, -(-bins // _MAX_SERIES))


def _series(counted: _Counted) -> tuple[tuple[float, int, int], ...]:
    fold = _fold(counted.begin_s.size)
    begun = np.rint(np.cumsum(_folded(counted.sessions, fold)))  # fractions add up to whole ones
    return tuple(
        (float(begin), int(sessions), int(requests))
        for begin, sessions, requests in zip(
            counted.begin_s[::fold],
            np.diff(begun, prepend=0.0),
            _folded(counted.requests, fold),
            strict=True,
        )
    )


def _by_hour(counted: _Counted) -> tuple[float | None, ...]:
    hour = ((counted.begin_s - _MONDAY_S) // _HOUR_S % _WEEK_HOURS).astype(int)
    sessions = np.bincount(hour, counted.sessions, _WEEK_HOURS)
    covered_s = np.bincount(hour, counted.covered_s, _WEEK_HOURS)
    return tuple(
        float(count / seconds) if seconds >= 60.0 else None
        for count, seconds in zip(sessions, covered_s, strict=True)
    )
