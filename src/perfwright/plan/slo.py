"""Service level objectives: what must hold, as people write it.

    p99 < 300ms         p95(login) <= 150ms     mean(GET /items/{id}) < 20ms    max < 2s
    service.p99 < 50ms  errors(order) < 0.1%    checks > 99%                    throughput > 150/s
    apdex(300ms) > 0.9  cpu(port:8000) < 70%    memory(port:8000) < 2GB         db.pool.wait < 5ms

    expression := subject comparison limit ["every" duration] ["for" duration]
    subject    := metric ["(" argument ")"]       metric := [A-Za-z0-9_.]+
    comparison := "<" | "<=" | ">" | ">="         limit  := number unit

`p…`, `mean` and `max` are of the response time (from the intended start), with `service.` before
them of the service time. The argument is a step (of `apdex` its threshold, of a probe its subject);
it may hold spaces, slashes, braces and balanced parentheses, and may be quoted. `every 10s` must
hold in each such window. `for 10s` belongs to `stop_if` alone: the rule fires once it was true that
long.

Any text that does not parse raises SloSyntaxError, with a caret under the offending character.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from perfwright.plan.slo_measures import Measure, Metric, Statistic, find_measure
from perfwright.plan.slo_scanner import TIME_UNITS, Scanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """One parsed expression.

    `quantile`: 0.99 for p99, else None. `subject`: a step's name, or a probe's subject
    (`port:8000`). `probe`: `cpu`, `memory` or a dotted metric name. `limit` is in seconds, as a
    ratio (0..1), per second, or in the probe's own unit (a ratio of cores, bytes); `unit` is how it
    was written (`ms`, `%`, `/s`, `GB`, or "" for a bare number). `threshold_s`: apdex only.
    `window_s`: of `every`. `for_s`: of `for`.
    """

    expr: str
    metric: Metric
    quantile: float | None = None
    statistic: Statistic
    subject: str | None = None
    probe: str | None = None
    comparison: str
    limit: float
    unit: str
    threshold_s: float | None = None
    window_s: float | None = None
    for_s: float | None = None

    @property
    def step(self) -> str | None:
        """The step it is about; None where it is about all of them, or about a probe."""
        return None if self.metric == "probe" else self.subject

    def holds(self, value: float) -> bool:
        """Whether `value`, in the unit of `limit`, satisfies the comparison."""
        match self.comparison:
            case "<":
                return value < self.limit
            case "<=":
                return value <= self.limit
            case ">":
                return value > self.limit
            case _:
                return value >= self.limit


def parse_slo(text: str) -> Slo:
    """The SLO written as `text`."""
    return _parse(Scanner(text), stop_rule=False)


def parse_stop_rule(text: str) -> Slo:
    """A `stop_if` rule: an SLO's grammar, with an optional ` for 10s` at the end."""
    return _parse(Scanner(text), stop_rule=True)


def unknown_steps(slos: Iterable[Slo], known_steps: Collection[str]) -> tuple[str, ...]:
    """One message for each SLO that names a step which is not among `known_steps`."""
    return tuple(
        f"no step {slo.step!r} ran; {_suggestion(slo.step, known_steps)}"
        for slo in slos
        if slo.step is not None and slo.step not in known_steps
    )


def _suggestion(step: str, known_steps: Collection[str]) -> str:
    close = get_close_matches(step, known_steps, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"the steps were {', '.join(sorted(known_steps)) or 'none'}"


def _parse(scanner: Scanner, *, stop_rule: bool) -> Slo:
    scanner.skip_spaces()
    measure = find_measure(scanner)
    subject, threshold_s = _argument(scanner, measure)
    scanner.skip_spaces()
    comparison = scanner.comparison(measure.example)
    scanner.skip_spaces()
    number_at = scanner.position
    limit, unit = scanner.quantity(measure.units, measure.advice)
    if limit > measure.highest:
        raise scanner.error(f"more than {measure.highest_written}: {measure.advice}", number_at)
    window_s, for_s = _spans(scanner, stop_rule=stop_rule)
    return Slo(
        expr=scanner.expression.strip(),
        metric=measure.metric,
        quantile=measure.quantile,
        statistic=measure.statistic,
        subject=subject,
        probe=measure.probe,
        comparison=comparison,
        limit=limit,
        unit=unit,
        threshold_s=threshold_s,
        window_s=window_s,
        for_s=for_s,
    )


def _argument(scanner: Scanner, measure: Measure) -> tuple[str | None, float | None]:
    """`(subject, apdex threshold)` from the parentheses after the metric."""
    scanner.skip_spaces()
    opening = scanner.position
    if measure.argument == "threshold":
        return None, _threshold(scanner, measure)
    argument = scanner.argument(measure.example)
    if argument is None and measure.argument == "subject":
        raise scanner.error(f"whose? write {measure.example}")
    if argument is not None and measure.argument == "none":
        raise scanner.error(
            f"{measure.metric} is of the whole run; write {measure.example}", opening
        )
    return argument, None


def _threshold(scanner: Scanner, measure: Measure) -> float:
    if not scanner.take("("):
        raise scanner.error(f"apdex needs its threshold; write {measure.example}")
    scanner.skip_spaces()
    at = scanner.position
    threshold_s, _ = scanner.quantity(TIME_UNITS, "give the threshold's unit: apdex(300ms)")
    if threshold_s == 0:
        raise scanner.error("a threshold is above zero, like apdex(300ms)", at)
    scanner.skip_spaces()
    if not scanner.take(")"):
        raise scanner.error("expected ) after the threshold")
    return threshold_s


def _spans(scanner: Scanner, *, stop_rule: bool) -> tuple[float | None, float | None]:
    """`(window_s, for_s)` from what follows the limit, up to the end."""
    spans: dict[str, float] = {}
    scanner.skip_spaces()
    while not scanner.at_end:
        start = scanner.position
        word = scanner.word()
        if word == "for" and not stop_rule:
            raise scanner.error("'for' belongs to stop_if; an SLO takes 'every 10s'", start)
        if word not in ("every", "for") or word in spans:
            allowed = "'every 10s', 'for 10s'" if stop_rule else "'every 10s'"
            raise scanner.error(f"expected {allowed} or the end", start)
        scanner.skip_spaces()
        at = scanner.position
        spans[word], _ = scanner.quantity(TIME_UNITS, f"say how long, like {word} 10s")
        if spans[word] == 0:
            raise scanner.error(f"a time above zero, like {word} 10s", at)
        scanner.skip_spaces()
    return spans.get("every"), spans.get("for")
