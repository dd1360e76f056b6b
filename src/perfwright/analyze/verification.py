"""Did the fix help? The same test before and after, figure by figure.

    response p95   ratio of the medians of p95 per second, under the same load; its 90% interval by
                   a circular block bootstrap over seconds (blocks of `_BLOCK_S`, since seconds of
                   one run are not independent; Politis & Romano 1992)
    throughput     ratio of what the system held at most; a search brackets each knee between the
                   highest load held and the lightest broken, and so the ratio; a search whose
                   budget ended first leaves its side open

A change counts where the whole interval lies beyond ±5%. The figure that the finding promised
decides; without a promise, either does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from perfwright.model.finding import Impact
from perfwright.model.frame import Frame
from perfwright.model.stage import Knee
from perfwright.model.units import NS_PER_MS

Outcome = Literal["confirmed", "no change", "worse"]

_BLOCK_S = 2
_RESAMPLES = 2_000
_MARGIN = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure before and after; `ratio` = after ÷ before with its interval [low, high], None
    where there is no upper end: that search ended before the limit.
    `gain`: the ratio turned so that above 1 is better. `promised`: the gain that was predicted."""

    name: str
    unit: str
    before: float
    after: float
    ratio: float
    low: float
    high: float | None
    lower_is_better: bool
    promised: float | None = None

    @property
    def gain(self) -> float:
        return 1 / self.ratio if self.lower_is_better else self.ratio

    @property
    def outcome(self) -> Outcome:
        falls = self.high is not None and self.high < 1 - _MARGIN
        rises = self.low > 1 + _MARGIN
        if not falls and not rises:
            return "no change"
        return "confirmed" if falls == self.lower_is_better else "worse"


def response_change(
    before: Sequence[Frame], after: Sequence[Frame], *, promise: Impact | None, seed: int
) -> Change | None:
    """Of p95 under the same load; None where either has no two seconds with answers."""
    old, new = _p95_ms(before), _p95_ms(after)
    if old.size < 2 or new.size < 2:
        return None
    random = np.random.default_rng(seed)
    ratios = np.median(_resampled(new, random), axis=1) / np.median(_resampled(old, random), axis=1)
    low, high = np.quantile(ratios, (0.05, 0.95))
    was, now = float(np.median(old)), float(np.median(new))
    faster = promise.response_ms_p95 if promise else None
    return Change(
        name="response p95", unit="ms", before=was, after=now, ratio=now / was,
        low=float(low), high=float(high), lower_is_better=True,
        promised=1 / faster.gain if faster else None,
    )  # fmt: skip


def throughput_change(before: Knee, after: Knee, *, promise: Impact | None) -> Change:
    """Of the highest throughput that was held."""
    was, now = before.throughput_per_s, after.throughput_per_s
    more = promise.throughput_per_s if promise else None
    high = now * _width(after) / was
    return Change(
        name="throughput held", unit="requests/s", before=was, after=now, ratio=now / was,
        low=now / (was * _width(before)), high=high if math.isfinite(high) else None,
        lower_is_better=False, promised=more.gain if more else None,
    )  # fmt: skip


def outcome_of(changes: Sequence[Change]) -> Outcome:
    """All figures together: what was promised decides, where something was."""
    promised = [change for change in changes if change.promised is not None]
    outcomes = {change.outcome for change in promised or changes}
    if "worse" in outcomes:
        return "worse"
    return "confirmed" if "confirmed" in outcomes else "no change"


def _width(knee: Knee) -> float:
    """How far above what was held the limit may lie."""
    return knee.high / knee.low if knee.high and knee.low else math.inf


def _p95_ms(frames: Sequence[Frame]) -> np.ndarray:
    values = (frame.total.measure("response").quantile(0.95) for frame in frames)
    return np.array([value / NS_PER_MS for value in values if value is not None])


def _resampled(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Circular block bootstrap: one resample a row."""
    blocks = -(-values.size // _BLOCK_S)
    starts = random.integers(values.size, size=(_RESAMPLES, blocks, 1))
    index = (starts + np.arange(_BLOCK_S)).reshape(_RESAMPLES, -1) % values.size
    return np.asarray(values[index[:, : values.size]])
