"""The live view's picture: state in, one styled text out, never more lines or columns than asked.

    shop · http://127.0.0.1:8000                          ramp 0 → 100 arrivals/s in 10 s, …
    ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────  25 s of 40 s · 15 s left
    throughput   300/s ▁▂▃▅▇▇▇     response, errors, load, generator
    the busiest steps
    SLO lights

One `Text` is built line by line, without tables: that costs a tenth of Rich's layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_MS, format_duration
from perfwright.report import wording
from perfwright.report.live_state import LiveState, StepSoFar
from perfwright.report.load_words import load_of
from perfwright.report.text_blocks import SIGNS, fit

SPARKS = "▁▂▃▄▅▆▇█"
_LABEL = 12
_LATE_MS = 1.0
_CPU_HIGH_RATIO = 0.9


def draw(state: LiveState, *, width: int, height: int) -> Text:
    """The picture of this moment; the step table takes what the other lines leave."""
    head = _head(state, width)
    middle = [
        _throughput(state, width),
        *_response(state),
        _errors(state, width),
        _load(state),
        _generator(state),
    ]
    lights = _lights(state, width)
    rows = height - len(head) - len(middle) - len(lights) - 3 - bool(lights)
    steps = _steps(state, width, rows) if rows > 0 else []
    blank = [Text()]
    lines = [*head, *blank, *middle, *(blank + steps if steps else [])]
    lines += blank + lights if lights else []
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n", no_wrap=True, end="").join(lines[: height - 1])


def sparkline(values: Sequence[float], columns: int) -> str:
    """The last `columns` values, from zero to the largest of them."""
    shown = list(values)[-columns:] if columns > 0 else []
    top = max(shown, default=0)
    if top <= 0:
        return SPARKS[0] * len(shown)
    return "".join(SPARKS[min(7, int(value / top * 7 + 0.5))] for value in shown)


def plain_line(state: LiveState) -> str:
    """One second in one line, for logs and pipes."""
    times = state.recent_response()
    p50, p95, p99 = (_quantile(times, q) for q in (0.5, 0.95, 0.99))
    users = f"users {state.now.users_active}"
    if state.now.waiting:
        users += f"  waiting {state.now.waiting:,}"
    if state.now.arrivals_target_per_s:
        users += f"  target {wording.count(state.now.arrivals_target_per_s)}/s"
    return (
        f"{state.seconds:>4}s  {wording.count(state.rates[-1]):>7}/s  "
        f"p50 {p50}  p95 {p95}  p99 {p99}  errors {state.errors:,}  {users}"
    )


def _head(state: LiveState, width: int) -> list[Text]:
    manifest = state.manifest
    name = manifest.name or manifest.run_id
    title = fit(f"{name} · {manifest.target}" if manifest.target else name, width)
    shape = load_of(manifest)
    lines = [Text(title, "bold")]
    if shape:
        lines.append(Text(fit(shape, width), "dim"))
    return [*lines, _progress(state, width)]


def _progress(state: LiveState, width: int) -> Text:
    if not state.length_s:
        return Text(format_duration(state.seconds), "cyan")
    left = format_duration(state.left_s()) + " left" if state.left_s() else "finishing"
    passed_s = min(state.seconds, state.length_s)
    words = f" {format_duration(passed_s)} of {format_duration(state.length_s)} · {left}"
    if state.seconds and not state.judged_now:
        words += " · not judged"
    columns = max(0, width - cell_len(words))
    done = min(columns, round(columns * state.seconds / state.length_s))
    bar = Text().append("━" * done, "cyan")
    return bar.append("─" * (columns - done), "dim").append(words)


def _throughput(state: LiveState, width: int) -> Text:
    rate = wording.count(state.rates[-1]) if state.rates else wording.DASH
    line = _labelled("throughput").append(f"{rate + '/s':<13}", "bold")
    return line.append(sparkline(state.rates, width - cell_len(line.plain) - 1), "cyan")


def _response(state: LiveState) -> list[Text]:
    """Two lines: the last seconds, and the whole run so far."""
    lines = []
    for number, (name, times) in enumerate(
        (("last seconds", state.recent_response()), ("so far", state.response))
    ):
        line = _labelled("" if number else "response")
        for label, quantile in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
            line.append(f"{label} ", "dim").append(f"{_quantile(times, quantile):<9} ")
        lines.append(line.append(name, "dim"))
    return lines


def _errors(state: LiveState, width: int) -> Text:
    line = _labelled("errors")
    if not state.errors:
        return line.append("0", "green")
    ratio = wording.percent(state.errors / state.requests if state.requests else None)
    line.append(f"{state.errors:,} ({ratio})  ", "bold red")
    kinds = sorted(state.error_kinds.items(), key=lambda item: -item[1])
    text = " · ".join(f"{kind} {number:,}" for kind, number in kinds)
    return line.append(fit(text, max(10, width - cell_len(line.plain))), "red")


def _load(state: LiveState) -> Text:
    now = state.now
    parts = [f"{now.users_active:,} users busy"]
    if now.users_target:
        parts[0] = f"{now.users_active:,} of {wording.count(now.users_target)} users busy"
    if now.arrivals_target_per_s:
        parts.append(
            f"{now.iterations_started:,}/s started of "
            f"{wording.count(now.arrivals_target_per_s)}/s due"
        )
    line = _labelled("load").append(" · ".join(parts))
    if now.waiting:
        line.append(f" · {now.waiting:,} waiting", "yellow")
    if state.dropped:
        line.append(f" · {state.dropped:,} dropped", "yellow")
    return line


def _generator(state: LiveState) -> Text:
    late_ns = state.now.lateness.quantile(0.99)
    late = late_ns is not None and late_ns > _LATE_MS * NS_PER_MS
    busy = state.now.busiest_cpu_ratio >= _CPU_HIGH_RATIO
    line = _labelled("generator").append("CPU ", "dim")
    line.append(wording.percent(state.now.busiest_cpu_ratio), "bold yellow" if busy else "")
    line.append(" of a core · lateness p99 ", "dim")
    return line.append(_quantile(state.now.lateness, 0.99), "bold yellow" if late else "")


def _steps(state: LiveState, width: int, rows: int) -> list[Text]:
    """The busiest steps under a heading; none before the first request."""
    busiest = state.busiest(rows)
    if not busiest:
        return []
    names_width = max(12, width - 55)
    titles = ("requests", "errors", "p50 ms", "p95 ms", "p99 ms", "max ms")
    lines = [_columns("step", titles, names_width)]
    lines[0].stylize("dim")
    for name, step in busiest:
        line = _columns(fit(name, names_width), _step_cells(step), names_width)
        if step.errors:
            line.stylize("red", names_width + 9, names_width + 18)
        lines.append(line)
    return lines


def _step_cells(step: StepSoFar) -> list[str]:
    ratio = step.errors / step.requests if step.requests else None
    quantiles = (step.response.quantile(q) for q in (0.5, 0.95, 0.99, 1.0))
    times = [wording.milliseconds(None if q is None else q / NS_PER_MS) for q in quantiles]
    return [wording.compact(step.requests, 9), wording.percent(ratio), *times]


def _columns(name: str, cells: Iterable[str], names_width: int) -> Text:
    padded = name + " " * (names_width - cell_len(name))
    return Text(padded + "".join(f"{cell:>9}" for cell in cells))


def _lights(state: LiveState, width: int) -> list[Text]:
    """SLOs side by side, as many to a line as fit; grey until they can be judged."""
    lines: list[Text] = []
    judged = {light.expr: light for light in state.lights}
    for expr in state.manifest.slos:
        light = judged.get(expr)
        sign, style = SIGNS[light.ok] if light is not None else ("·", "dim")
        value = f" {wording.measured(light.value, light.unit)}" if light is not None else ""
        mark = Text(f"{sign} {fit(expr, width - 14)}", style).append(value, "bold " + style)
        if lines and cell_len(lines[-1].plain) + cell_len(mark.plain) + 3 <= width:
            lines[-1].append("   ").append_text(mark)
        else:
            lines.append(mark)
    return lines[:4]


def _labelled(label: str) -> Text:
    return Text().append(f"{label:<{_LABEL}}", "dim")


def _quantile(times: Histogram, quantile: float) -> str:
    value_ns = times.quantile(quantile)
    return wording.DASH if value_ns is None else wording.duration(value_ns / NS_PER_MS)
