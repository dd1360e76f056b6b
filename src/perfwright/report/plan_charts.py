"""The charts of a test plan (by Altair): request mix, arrivals over time and by hour of the week,
session lengths, think times, and the load of each test.

Shares in percent, times in seconds, rates per second; clock times are UTC. Those that Markdown can
hold come with Mermaid as well (mermaid.js.org/syntax/xyChart).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import altair as alt

from perfwright.analyze.planning.loads import busiest
from perfwright.analyze.planning.think_times import quantile_s
from perfwright.model.plan_page import PlannedTest, StepShare
from perfwright.model.units import format_duration
from perfwright.model.workload import Arrivals, Pattern, Sessions
from perfwright.report.chart_marks import Row, inline, spec_of
from perfwright.report.document import Chart
from perfwright.report.mermaid import label as mermaid_label
from perfwright.report.palette import BLUE, ORANGE, TEAL
from perfwright.report.wording import clean, shorten

_STEPS_MAX = 16
_MERMAID_STEPS_MAX = 10
_MERMAID_POINTS_MAX = 48
_POINTS_MAX = 600
_COUNT_A_POINT = 16
"""Sessions that a point stands for at least: fewer, and chance is all that is seen (±25%)."""
_LENGTHS_MAX = 30
_CLOCK = (
    "utchours(datum.value) + utcminutes(datum.value) > 0"
    " ? utcFormat(datum.value, '%H:%M') : utcFormat(datum.value, '%a %d')"
)
_THINKS_MAX = 14
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NAME_MAX = 44


def mix_chart(steps: Sequence[StepShare]) -> Chart | None:
    """A bar a step, the most frequent first; None where there is only one."""
    if len(steps) < 2:
        return None
    shown = steps[:_STEPS_MAX]
    rest = 1.0 - sum(step.share for step in shown)
    pairs = [(clean(step.name), step.share) for step in shown]
    if rest > 0.0005:
        pairs.append((f"{len(steps) - len(shown)} others", rest))
    rows: list[Row] = [
        {"n": number, "step": shorten(name, _NAME_MAX), "percent": round(share * 100, 3)}
        for number, (name, share) in enumerate(pairs)
    ]
    base = alt.Chart(inline(rows))
    y = alt.Y(
        "step:N",
        sort=alt.EncodingSortField(field="n", order="ascending"),
        axis=alt.Axis(title=None, labelLimit=320, domain=False, ticks=False),
    )
    x = alt.X("percent:Q", title="% of requests", axis=alt.Axis(tickCount=5, domain=False))
    told = [alt.Tooltip("step:N"), alt.Tooltip("percent:Q", format=".3~r")]
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=2).encode(x=x, y=y, tooltip=told)
    drawn = pairs[:_MERMAID_STEPS_MAX]
    slices = [f'    "{mermaid_label(name, 40)}" : {share * 100:.2f}' for name, share in drawn]
    return Chart(
        key="mix",
        title="Request mix",
        description="Share of each step: "
        + ", ".join(f"{name} {share:.1%}" for name, share in pairs[:4]) + ".",
        spec=spec_of(alt.LayerChart(layer=[bars]), height=26 + 22 * len(rows)),
        mermaid="\n".join(("pie showData", *slices)),
    )  # fmt: skip


def arrivals_chart(arrivals: Arrivals) -> Chart | None:
    """Sessions begun per second over time, with the busiest time shaded."""
    series = arrivals.series
    if len(series) < 2:
        return None
    counts = [(at, sessions) for at, sessions, _ in series]
    points = min(_POINTS_MAX, max(2, sum(number for _, number in counts) // _COUNT_A_POINT))
    merged = _merged(counts, arrivals.bin_s, points)
    rows: list[Row] = [{"at": _utc(at), "sessions": float(f"{rate:.5g}")} for at, rate in merged]
    peak: list[Row] = [
        {
            "from": _utc(arrivals.peak_begin_s),
            "to": _utc(arrivals.peak_begin_s + arrivals.peak_window_s),
        }
    ]
    axis = alt.Axis(title=None, labelExpr=_CLOCK, labelOverlap=True)
    scale = alt.Scale(type="utc", nice=False)
    x = alt.X("at:T", axis=axis, scale=scale)
    shade = (
        alt.Chart(inline(peak))
        .mark_rect(color=ORANGE, opacity=0.2, tooltip=busiest(arrivals), clip=True)
        .encode(x=alt.X("from:T", axis=axis, scale=scale), x2="to:T")
    )
    y = alt.Y("sessions:Q", title="sessions/s", axis=alt.Axis(tickCount=5, domain=False))
    told = [
        alt.Tooltip("utcyearmonthdatehoursminutes(at):T", title="UTC"),
        alt.Tooltip("sessions:Q", title="sessions/s", format=".3~r"),
    ]
    base = alt.Chart(inline(rows))
    area = base.mark_area(color=BLUE, opacity=0.16, interpolate="step-after").encode(x=x, y=y)
    line = base.mark_line(color=BLUE, strokeWidth=1.6, interpolate="step-after").encode(
        x=x, y=y, tooltip=told
    )
    return Chart(
        key="arrivals",
        title="Sessions begun (UTC)",
        description=f"Sessions begun per second from {_clock(arrivals.begin_s)} to "
        f"{_clock(arrivals.end_s)} UTC; {arrivals.peak_sessions_per_s:.3g}/s in the "
        f"{busiest(arrivals)}.",
        spec=spec_of(alt.LayerChart(layer=[shade, area, line]), height=210),
        mermaid=_arrivals_mermaid(arrivals),
    )


def _arrivals_mermaid(arrivals: Arrivals) -> str:
    pairs = [(at, sessions) for at, sessions, _ in arrivals.series]
    merged = _merged(pairs, arrivals.bin_s, _MERMAID_POINTS_MAX)
    top = max(rate for _, rate in merged) * 1.1 or 1.0
    hours = (merged[-1][0] - merged[0][0]) / 3600
    span, unit = (hours, "hours") if hours >= 3 else (hours * 60, "minutes")
    line = ", ".join(f"{rate:.4g}" for _, rate in merged)
    return "\n".join(
        (
            "xychart-beta",
            f'    x-axis "{unit} since {mermaid_label(_clock(merged[0][0]), 40)} UTC" '
            f"0 --> {span:.3g}",
            f'    y-axis "sessions per s" 0 --> {top:.4g}',
            f"    line [{line}]",
        )
    )


def week_chart(arrivals: Arrivals) -> Chart | None:
    """Sessions/s by hour of the week; None where the log is shorter than a day."""
    known = [(n, rate) for n, rate in enumerate(arrivals.by_hour) if rate is not None]
    if len(known) < 24:
        return None
    rows: list[Row] = [
        {"day": _DAYS[number // 24], "hour": number % 24, "sessions": float(f"{rate:.4g}")}
        for number, rate in known
        if number < 24 * len(_DAYS)
    ]
    cells = (
        alt.Chart(inline(rows))
        .mark_rect(cornerRadius=2)
        .encode(
            x=alt.X("hour:O", title="hour (UTC)", axis=alt.Axis(labelAngle=0, ticks=False)),
            y=alt.Y("day:N", sort=list(_DAYS), axis=alt.Axis(title=None, ticks=False)),
            opacity=alt.Opacity("sessions:Q", scale=alt.Scale(range=[0.08, 1]), legend=None),
            color=alt.value(BLUE),
            tooltip=["day:N", "hour:O", alt.Tooltip("sessions:Q", title="sessions/s")],
        )
    )
    busiest = max(known, key=lambda pair: pair[1])[0]
    return Chart(
        key="week",
        title="Sessions/s by hour of the week",
        description="Mean sessions per second by hour of the week; the busiest is "
        f"{_DAYS[busiest // 24 % 7]} {busiest % 24}:00 UTC.",
        spec=spec_of(
            alt.LayerChart(layer=[cells]), height=40 + 24 * len({row["day"] for row in rows})
        ),
    )


def lengths_chart(sessions: Sessions) -> Chart | None:
    """How many requests sessions have."""
    known = sorted(sessions.lengths)
    total = sum(number for _, number in known)
    if len(known) < 2 or not total:
        return None
    beyond = sum(number for length, number in known if length > _LENGTHS_MAX)
    rows: list[Row] = [
        {"length": length, "percent": round(100 * number / total, 4)}
        for length, number in known
        if length <= _LENGTHS_MAX
    ]
    bars = (
        alt.Chart(inline(rows))
        .mark_bar(color=TEAL)
        .encode(
            x=alt.X("length:O", title="requests of a session", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("percent:Q", title="% of sessions", axis=alt.Axis(domain=False, tickCount=4)),
            tooltip=["length:O", alt.Tooltip("percent:Q", format=".3~r")],
        )
    )
    longer = f" {beyond / total:.1%} are longer than {_LENGTHS_MAX}." if beyond else ""
    return Chart(
        key="lengths",
        title="Length of sessions",
        description=f"Share of sessions by their number of requests; mean "
        f"{sessions.length_mean:.2f}.{longer}",
        spec=spec_of(alt.LayerChart(layer=[bars]), height=200),
        wide=False,
    )


def think_chart(patterns: Sequence[Pattern]) -> Chart | None:
    """Median and the middle 80% of think times, for the most frequent transitions."""
    edges = [
        transition
        for pattern in patterns
        for transition in pattern.transitions
        if transition.think is not None and transition.source and transition.to
    ]
    edges.sort(key=lambda edge: -edge.count)
    rows: list[Row] = []
    for edge in edges:
        assert edge.think is not None, edge
        low, middle, high = (max(1e-3, quantile_s(edge.think, q)) for q in (0.1, 0.5, 0.9))
        name = shorten(f"{clean(edge.source or '')} → {clean(edge.to or '')}", 2 * _NAME_MAX)
        if any(row["step"] == name for row in rows):
            continue  # the same transition of a rarer pattern
        family = type(edge.think).__name__.lower()
        rows.append(
            {"n": len(rows), "step": name, "low": low, "middle": middle, "high": high,
             "told": f"{family}: {format_duration(middle)}"}
        )  # fmt: skip
        if len(rows) == _THINKS_MAX:
            break
    if not rows:
        return None
    base = alt.Chart(inline(rows))
    y = alt.Y(
        "step:N",
        sort=alt.EncodingSortField(field="n", order="ascending"),
        axis=alt.Axis(title=None, labelLimit=380, domain=False, ticks=False),
    )
    scale = alt.Scale(type="log", nice=True)
    x = alt.X("low:Q", title="think time, s (log)", scale=scale, axis=alt.Axis(tickCount=6))
    told = [alt.Tooltip("step:N"), alt.Tooltip("told:N", title="median")]
    spans = base.mark_bar(color=BLUE, opacity=0.3, height=9).encode(
        x=x, x2="high:Q", y=y, tooltip=told
    )
    middles = base.mark_tick(color=BLUE, thickness=3, height=14).encode(
        x=alt.X("middle:Q", scale=scale), y=y, tooltip=told
    )
    return Chart(
        key="think",
        title="Think times: median, and the middle 80%",
        description="Think times of the most frequent transitions, from the 10th to the 90th "
        "percentile.",
        spec=spec_of(alt.LayerChart(layer=[spans, middles]), height=30 + 22 * len(rows)),
    )


def load_chart(test: PlannedTest) -> Chart | None:
    """A test's load over time; None where it is the same all the time."""
    if len({level for segment in test.segments for level in segment[2:]}) == 1:
        return None
    scale_s, unit = (60.0, "min") if test.duration_s >= 180 else (1.0, "s")
    rows: list[Row] = []
    for number, (from_s, to_s, low, high) in enumerate(test.segments):
        rows.append({"n": 2 * number, "t": round(from_s / scale_s, 4), "level": low})
        rows.append({"n": 2 * number + 1, "t": round(to_s / scale_s, 4), "level": high})
    title = "users" if test.model == "closed" else "sessions/s"
    x = alt.X(
        "t:Q", title=unit, scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, tickCount=8)
    )
    y = alt.Y(
        "level:Q", title=title, scale=alt.Scale(zero=True), stack=None,
        axis=alt.Axis(tickCount=3, domain=False, ticks=False),
    )  # fmt: skip
    base = alt.Chart(inline(rows))
    area = base.mark_area(color=TEAL, opacity=0.16).encode(x=x, y=y, order="n:Q")
    line = base.mark_line(color=TEAL, strokeWidth=1.8).encode(
        x=x, y=y, order="n:Q", tooltip=["t:Q", alt.Tooltip("level:Q", format=".3~r")]
    )
    return Chart(
        key=f"load-{test.kind}",
        title="Load",
        description=f"Load over time: {test.load}.",
        spec=spec_of(alt.LayerChart(layer=[area, line]), height=90),
    )


def _merged(
    pairs: Sequence[tuple[float, int]], bin_s: float, points_max: int
) -> list[tuple[float, float]]:
    """Counts a bin as rates, neighbours merged until there are few enough."""
    every = -(-len(pairs) // points_max)
    groups = [pairs[start : start + every] for start in range(0, len(pairs), every)]
    return [
        (group[0][0], sum(number for _, number in group) / (bin_s * len(group))) for group in groups
    ]


def _utc(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _clock(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%a %Y-%m-%d %H:%M")
