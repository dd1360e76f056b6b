"""Budgets: how much worse than the baseline a metric may become, as people write it.

    p95(login) +5%      p99 +20ms      mean(GET /items/{id}) +0%      service.p95 +10%
    errors +0.5%        throughput -5%                                throughput(order) -2/s

    budget := metric ["(" step ")"] sign number unit      metric := as of an SLO (plan/slo.py)

Of times `%` is of the baseline's value; of `errors`, itself a share, it is percentage points. What
is better smaller may grow (`+`), what is better larger may fall (`-`): the sign says so, lest
`throughput +5%` be taken for something.

Any text that does not parse raises BudgetSyntaxError, with a caret under the offending character.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from perfwright.model.errors import BudgetSyntaxError, SloSyntaxError
from perfwright.plan.slo_measures import Measure, Metric, Statistic, find_measure
from perfwright.plan.slo_scanner import RATE_UNITS, SHARE_UNITS, TIME_UNITS, Scanner

_UNITS: Mapping[str, Mapping[str, Decimal]] = {
    "response": {**SHARE_UNITS, **TIME_UNITS},
    "service": {**SHARE_UNITS, **TIME_UNITS},
    "errors": SHARE_UNITS,
    "throughput": {**SHARE_UNITS, **RATE_UNITS},
}
_ADVICE = {
    "response": "give a share or a time, like +5% or +20ms",
    "service": "give a share or a time, like +5% or +20ms",
    "errors": "give percentage points, like +0.5%",
    "throughput": "give a share or a rate, like -5% or -10/s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One parsed budget.

    `name`: the metric as written (`p95`, `service.mean`). `quantile`: 0.95 for p95, else None.
    `allowed` ≥ 0: how much worse it may get, as a ratio of the base where `is_relative`, else in
    seconds, as a share of requests (0..1), or per second.
    """

    expr: str
    name: str
    metric: Metric
    statistic: Statistic
    quantile: float | None
    step: str | None
    allowed: float
    is_relative: bool

    @property
    def direction(self) -> int:
        """+1 where growth is worse, -1 where a fall is."""
        return -1 if self.metric == "throughput" else 1


def parse_budget(text: str) -> Budget:
    """The budget written as `text`."""
    try:
        return _parse(Scanner(text))
    except BudgetSyntaxError:
        raise
    except SloSyntaxError as error:
        raise BudgetSyntaxError(error.expression, error.position, error.problem) from None


def _parse(scanner: Scanner) -> Budget:
    scanner.skip_spaces()
    start = scanner.position
    measure = find_measure(scanner)
    name = scanner.text[start : scanner.position]
    if measure.metric not in _UNITS:
        raise scanner.error(
            f"{name!r} has no budget; times, errors and throughput have, like p95(login) +5%", start
        )
    if measure.statistic == "max":
        raise scanner.error(
            f"a {name} is one request, of which nothing can be told; write p99(login) +5%", start
        )
    sign = "-" if measure.metric == "throughput" else "+"
    example = f"{name}(login) {sign}5%"
    scanner.skip_spaces()
    step = scanner.argument(example)
    scanner.skip_spaces()
    _sign(scanner, measure, sign, example)
    number_at = scanner.position
    allowed, unit = scanner.quantity(_UNITS[measure.metric], _ADVICE[measure.metric])
    if sign == "-" and unit == "%" and allowed > 1:
        raise scanner.error("it cannot fall by more than 100%", number_at)
    scanner.skip_spaces()
    if not scanner.at_end:
        raise scanner.error("expected the end")
    return Budget(
        expr=scanner.expression.strip(),
        name=name,
        metric=measure.metric,
        statistic=measure.statistic,
        quantile=measure.quantile,
        step=step,
        allowed=allowed,
        is_relative=unit == "%" and measure.metric != "errors",
    )


def _sign(scanner: Scanner, measure: Measure, sign: str, example: str) -> None:
    """Steps over the sign, which must be the one in whose direction the metric gets worse."""
    at = scanner.position
    if scanner.take(sign):
        scanner.skip_spaces()
        return
    other = "+" if sign == "-" else "-"
    if scanner.peek() == other:
        may = "may fall, not grow" if sign == "-" else "may grow, not fall"
        raise scanner.error(f"{measure.metric} {may}; write {example}", at)
    if scanner.peek() in ("<", ">"):
        raise scanner.error(f"a limit is an SLO's, a budget is a change; write {example}", at)
    raise scanner.error(f"expected {sign} and how much; write {example}", at)
