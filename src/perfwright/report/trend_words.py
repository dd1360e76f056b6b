"""Changes and anomalies of a trend in words: for the terminal, the report and alerts alike."""

from __future__ import annotations

from perfwright.model.trend import Anomaly, ChangeKind, ChangePoint, Method, Time, Trend
from perfwright.model.units import format_number
from perfwright.report import wording
from perfwright.workflow.trend import Origin, Trended

_WORSE = {True: "worse", False: "better", None: ""}


def sentence(change: ChangePoint, unit: str) -> str:
    """`rose from 12.3 ms to 18.4 ms: +49.6% (95% interval +45.1% to +54%)`."""
    what = {
        ChangeKind.LEVEL: "rose" if change.magnitude > 0 else "fell",
        ChangeKind.DRIFT: "drifted up" if change.magnitude > 0 else "drifted down",
        ChangeKind.SPREAD: "scatter grew" if change.magnitude > 0 else "scatter shrank",
    }[change.kind]
    size = f"{what} from {value(change.before, unit)} to {value(change.after, unit)}"
    if change.change is None or change.change_ci is None:
        low, high = change.ci
        return f"{size} (95% interval of the difference {_signed(low)} to {_signed(high)})"
    low, high = change.change_ci
    return f"{size}: {_percent(change.change)} (95% interval {_percent(low)} to {_percent(high)})"


def alert_sentence(trended: Trended, change: ChangePoint, origin: Origin | None) -> str:
    """One line that stands alone."""
    worse = _WORSE[trended.is_worse(change)]
    told = f"{trended.subject}: {trended.trend.name} {sentence(change, trended.trend.unit)}"
    at = f" since {change.time}" if origin is None else f" since run {origin.run}"
    commit = f", commit {origin.commit[:12]}" if origin is not None and origin.commit else ""
    return wording.clean(f"{told}{at}{commit}{f' ({worse})' if worse else ''}")


def support(change: ChangePoint) -> str:
    """Who says so, how surely, and where it may be instead."""
    if len(change.methods) == len(Method):
        who = "E-divisive and PELT agree"
    else:
        who = f"only {_METHODS[change.methods[0]]} names it"
    low, high = change.location
    place = f"row {low}" if low == high else f"between rows {low} and {high}"
    if change.until is not None:
        place = f"begins {place}, ends about row {change.until}"
    return f"{who}; p = {change.p:.2g}; {place}"


def anomaly_sentence(anomaly: Anomaly, unit: str) -> str:
    """`3 rows, worst 81.2 ms, 9.3 standard deviations off`."""
    rows = wording.plural(anomaly.end_index - anomaly.start_index + 1, "row")
    off = f"{anomaly.score:.1f} standard deviations off"
    return f"{rows}, worst {value(anomaly.value, unit)}, {off}"


def when(time: Time) -> str:
    """A time as the series wrote it, or a row number."""
    return wording.clean(str(time))


def value(number: float, unit: str) -> str:
    """A level with its unit."""
    return f"{format_number(number)}{f' {unit}' if unit else ''}"


def standing(trend: Trend) -> tuple[ChangePoint, ...]:
    """Changes that did not go away."""
    return tuple(change for change in trend.change_points if not change.went_away)


def summary(trended: Trended) -> str:
    """The whole in one sentence."""
    trend = trended.trend
    still = standing(trend)
    gone = len(trend.change_points) - len(still)
    changes = wording.plural(len(still), "lasting change") if still else "No lasting change"
    worse = sum(trended.is_worse(change) is True for change in still)
    parts = [f"{changes}{f', {worse} for the worse' if worse else ''}"]
    if gone:
        parts.append(f"{gone} that went away")
    if trend.anomalies:
        parts.append(_anomalies(len(trend.anomalies)))
    return f"{'; '.join(parts)}."


def noise(trend: Trend) -> str:
    """What the series is like besides its changes."""
    parts = [f"noise ±{value(trend.noise, trend.unit)}"]
    if trend.autocorrelation > 0:
        parts.append(f"autocorrelation {trend.autocorrelation:.2f}")
    if trend.season is not None:
        told = wording.percent(trend.season.strength)
        parts.append(f"a season of {trend.season.period} rows ({told} of the scatter)")
    return ", ".join(parts)


_METHODS = {Method.E_DIVISIVE: "E-divisive", Method.PELT: "PELT"}


def _anomalies(number: int) -> str:
    return "1 anomaly" if number == 1 else f"{number:,} anomalies"


def _percent(ratio: float) -> str:
    return f"{ratio:+.1%}" if abs(ratio) < 10 else f"{ratio:+,.0%}"


def _signed(number: float) -> str:
    return f"{'+' if number > 0 else ''}{format_number(number)}"
