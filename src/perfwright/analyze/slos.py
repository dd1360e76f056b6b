"""Is each SLO met? Its value over the judged time, or in its worst window, against its limit.

    ─── ramp ───┬── window 1 ──┬── window 2 ──┬─ rest ─►      p99 < 300ms every 10s
                │   p99 210 ms │   p99 340 ms │               value = 340 ms: broken

An SLO that cannot be judged (its step never ran, nothing was measured, nobody watched the probe)
has `ok` None and a `detail` that says what to do about it. Values leave here in the units that
people read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

from perfwright.analyze.digest import Digest, Slice
from perfwright.analyze.slo_values import PROBE_METRICS, slice_value, surface
from perfwright.analyze.summary import is_told
from perfwright.model.verdict import SloResult
from perfwright.model.watched import Reading
from perfwright.plan.slo import Slo, unknown_steps

_UNWATCHED = "not watched: add a --watch for what has this metric"


def window_length_s(slo: Slo) -> int | None:
    """The whole seconds of its ` every …`, rounded up; None where it is judged over the whole."""
    return None if slo.window_s is None else max(1, math.ceil(slo.window_s))


def window_lengths_s(slos: Sequence[Slo]) -> tuple[int, ...]:
    """What a Digest must be told to cut for these SLOs."""
    lengths = {window_length_s(slo) for slo in slos}
    return tuple(sorted(length for length in lengths if length is not None))


def looked_at(slos: Sequence[Slo], watched: Reading) -> Reading:
    """Of what probes saw, no more than SLOs on watched resources are judged by."""
    probes = [slo.probe for slo in slos if slo.probe is not None]
    wanted = {metric for probe in probes for metric in PROBE_METRICS.get(probe, (probe,))}
    return Reading(
        samples=tuple(one for one in watched.samples if one.metric in wanted and not one.label)
    )


def judge_slos(
    slos: Sequence[Slo], digest: Digest, *, judged_duration_s: float, told: Collection[float] = ()
) -> tuple[SloResult, ...]:
    """One result per SLO, in order. The digest must have been cut to `window_lengths_s(slos)`.
    `told`: the quantiles that are known, where another tool told only some."""
    return tuple(
        _judge(slo, digest, judged_duration_s)
        if _is_known(slo, told)
        else _result(slo, None, None, "the imported file does not tell it")
        for slo in slos
    )


def _is_known(slo: Slo, told: Collection[float]) -> bool:
    """Apdex needs the whole distribution, a quantile that quantile, the maximum that of 1."""
    if not told or slo.metric not in ("response", "service", "apdex") or slo.statistic == "mean":
        return True
    wanted = 1.0 if slo.statistic == "max" else slo.quantile
    return wanted is not None and is_told(wanted, told)


def _judge(slo: Slo, digest: Digest, judged_duration_s: float) -> SloResult:
    length = window_length_s(slo)
    if length is None:
        value = slice_value(slo, digest.judged, duration_s=judged_duration_s)
        where = ""
    else:
        value, where = _worst_window(slo, digest.slices.get(length, []))
    if value is None:
        return _result(slo, None, None, _why_unjudged(slo, digest, length))
    return _result(slo, value, slo.holds(value), where)


def _worst_window(slo: Slo, windows: Sequence[Slice]) -> tuple[float | None, str]:
    """Windows in which nothing was measured say nothing and are passed over."""
    valued = [
        (value, window)
        for window in windows
        if (value := slice_value(slo, window, duration_s=window.seconds)) is not None
    ]
    if not valued:
        return None, ""
    worst: Callable[..., tuple[float, Slice]] = max if slo.comparison[0] == "<" else min
    value, window = worst(valued, key=lambda pair: pair[0])
    return value, f"in the worst window, {window.second} s to {window.second + window.seconds} s"


def _why_unjudged(slo: Slo, digest: Digest, length: int | None) -> str:
    if slo.metric == "probe":
        return f"not watched: add --watch {slo.subject}" if slo.subject else _UNWATCHED
    unknown = unknown_steps([slo], list(digest.whole.steps))
    if unknown:
        return unknown[0]
    if slo.metric == "checks" and not digest.whole.checks:
        return "no check ran; call user.check(name, ok) in the scenario"
    if length is not None and not digest.slices.get(length):
        return f"no whole window of {length} s was judged; run longer (--for)"
    return "nothing was measured in the judged time; run longer (--for)"


def _result(slo: Slo, value: float | None, ok: bool | None, detail: str) -> SloResult:
    factor, unit = surface(slo)
    return SloResult(
        expr=slo.expr,
        value=None if value is None else value * factor,
        limit=slo.limit * factor,
        unit=unit,
        ok=ok,
        detail=detail,
    )
