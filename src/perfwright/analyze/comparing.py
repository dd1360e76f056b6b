"""A comparison in the words of `model/comparison.py`: figures in people's units, reasons in prose.

Pure: two runs' steps in, verdicts and sentences out. A step without a figure that decides is
unknown and says what it lacks: seconds, requests, or requests that did not fail.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.estimates import (
    ERRORS,
    NAMES,
    QUANTILES,
    THROUGHPUT,
    enough_seconds,
    requests_for,
)
from perfwright.analyze.figure_change import FigureChange
from perfwright.analyze.judging import (
    LEVEL,
    Judgement,
    StepPair,
    judged,
    overall_verdict,
    step_verdict,
)
from perfwright.model.comparison import Comparison, Judged, MetricChange, StepComparison
from perfwright.model.units import NS_PER_MS, format_duration, format_number

_HOPELESS_S = 4 * 3600
_UNITS = {THROUGHPUT: ("1/s", 1.0), ERRORS: ("%", 0.01)}
_TIME = ("ms", float(NS_PER_MS))


def comparison_of(
    pairs: Sequence[StepPair],
    *,
    margin: float,
    throughput_decides: bool = False,
    notes: Sequence[str] = (),
) -> Comparison:
    """Of all steps that both runs have."""
    found = judged(pairs, margin=margin, throughput_decides=throughput_decides)
    steps = tuple(_step(pair, found[pair.name], margin) for pair in pairs)
    return Comparison(
        steps=steps, verdict=overall_verdict(steps), margin=margin, notes=tuple(notes)
    )


def signed_percent(change: float) -> str:
    """`+12.3%`, `-0.40%`: three digits, at least one of them behind the point."""
    digits = 2 if abs(change) < 0.00995 else 1 if abs(change) < 0.9995 else 0
    return f"{change * 100:+,.{digits}f}%"


def _step(pair: StepPair, judgements: Sequence[Judgement], margin: float) -> StepComparison:
    verdict = step_verdict(judgements, margin=margin)
    deciding = {one.figure.name for one in judgements}
    return StepComparison(
        name=pair.name,
        verdict=verdict,
        metrics=tuple(_metric(pair.changes[name], decides=name in deciding) for name in NAMES),
        reason=_reason(pair, judgements, verdict, margin),
    )


def _metric(figure: FigureChange, *, decides: bool) -> MetricChange:
    unit, scale = _UNITS.get(figure.name, _TIME)
    return MetricChange(
        name=figure.name,
        unit=unit,
        base=None if figure.base is None else figure.base / scale,
        candidate=None if figure.candidate is None else figure.candidate / scale,
        change=figure.change,
        ci=figure.interval(LEVEL),
        decides=decides,
    )


def _reason(pair: StepPair, judgements: Sequence[Judgement], verdict: Judged, margin: float) -> str:
    if verdict is Judged.UNKNOWN:
        unsure = [one for one in judgements if one.verdict is Judged.UNKNOWN]
        return _unknown(pair, unsure) if unsure else _too_little(pair)
    alone = _median_alone(pair, judgements)
    if verdict is Judged.SAME:
        names = [one.figure.name for one in judgements if one.figure.name != ERRORS]
        return f"{_listed(names)} changed by less than {margin * 100:g}%{alone}"
    return "; ".join(_moved(one.figure) for one in judgements if one.verdict is verdict) + alone


def _moved(figure: FigureChange) -> str:
    """`p95 rose by 12.3% (+5.1% to +20.0%), 41.2 → 46.1 ms`."""
    change = figure.change or 0.0
    verb = "rose" if change > 0 else "fell"
    unit, scale = _UNITS.get(figure.name, _TIME)
    before, after = (format_number((end or 0.0) / scale) for end in (figure.base, figure.candidate))
    if not figure.is_ratio:
        return f"{figure.name} {verb} from {before}% to {after}%"
    low, high = (signed_percent(end) for end in figure.interval(LEVEL) or (0.0, 0.0))
    told = " ms" if unit == "ms" else "/s"
    return (
        f"{figure.name} {verb} by {abs(change) * 100:.3g}% ({low} to {high}), "
        f"{before} → {after}{told}"
    )


def _unknown(pair: StepPair, unsure: Sequence[Judgement]) -> str:
    worst = max(unsure, key=lambda one: one.needed_s or 0.0)
    low, high = (signed_percent(end) for end in worst.figure.interval(LEVEL) or (0.0, 0.0))
    return f"{worst.figure.name} may have changed by {low} to {high}: {_measure(pair, worst)}"


def _measure(pair: StepPair, judgement: Judgement) -> str:
    """How long to measure; never less than was measured already."""
    needed_s = max(judgement.needed_s or 0.0, 1.25 * pair.measured_s)
    if needed_s > _HOPELESS_S:
        return (
            f"it would take over {format_duration(_HOPELESS_S)} of each run to tell; quiet the "
            "machine, take more requests a second, or allow a wider margin"
        )
    step_s = 10 if needed_s < 600 else 60
    rounded_s = -(-needed_s // step_s) * step_s
    have = format_duration(pair.measured_s)
    return f"measure about {format_duration(rounded_s)} in each run to tell, not {have}"


def _too_little(pair: StepPair) -> str:
    for side, step in (("base", pair.base), ("candidate", pair.candidate)):
        requests = int(step.requests.sum())
        if requests and step.errors.sum() >= requests:
            return f"every request of the {side} failed: its times are those of failures"
        if not enough_seconds(step):
            return (
                f"the {side} has {_number(step.rows, 'judged second')}: too few to see how much it "
                "varies; measure at least 30 s"
            )
        if requests < requests_for(QUANTILES["median"]):
            return (
                f"the {side} has {_number(requests, 'request')}: too few; "
                f"{requests_for(QUANTILES['median'])} are needed for a median"
            )
    return "too little was measured to tell"


def _median_alone(pair: StepPair, judgements: Sequence[Judgement]) -> str:
    """Why p95 did not decide, where only the median did."""
    names = {one.figure.name for one in judgements}
    if "median" not in names or "p95" in names:
        return ""
    needs = requests_for(QUANTILES["p95"])
    fewest = int(min(pair.base.measured.sum(), pair.candidate.measured.sum()))
    if fewest >= needs:
        return "; p95 is not judged, there are too few requests in a block"
    return f"; p95 is not judged, it needs {needs} requests in each run, not {fewest:,}"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _listed(texts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last
