"""The SLO grammar: what each form means, and where the caret stands when it means nothing."""

from __future__ import annotations

from typing import Any

import pytest

from perfwright.model.errors import SloSyntaxError
from perfwright.plan.slo import parse_slo, parse_stop_rule, unknown_steps


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p99 < 300ms", {"metric": "response", "quantile": 0.99, "limit": 0.3, "unit": "ms"}),
        ("p99.9<=1.5 s", {"quantile": 0.999, "comparison": "<=", "limit": 1.5}),
        ("p95(login) < 150ms", {"subject": "login", "step": "login"}),
        ("mean(GET /items/{id}) < 20ms", {"statistic": "mean", "subject": "GET /items/{id}"}),
        ("max( f(x) (y) ) < 2s", {"statistic": "max", "subject": "f(x) (y)"}),
        ("p50('odd ) name') < 2s", {"subject": "odd ) name"}),
        ('p50("it\'s") < 2s', {"subject": "it's"}),
        ("service.p90 < 50ms", {"metric": "service", "quantile": 0.9}),
        ("service.max < 50ms", {"metric": "service", "statistic": "max"}),
        ("errors < 0.1%", {"metric": "errors", "statistic": "ratio", "limit": 0.001, "unit": "%"}),
        ("errors(add to cart) < 1%", {"metric": "errors", "subject": "add to cart"}),
        ("checks > 99%", {"metric": "checks", "comparison": ">", "limit": 0.99}),
        ("throughput(order) >= 500/s", {"metric": "throughput", "limit": 500, "unit": "/s"}),
        ("apdex(300ms) > 0.9", {"metric": "apdex", "threshold_s": 0.3, "limit": 0.9, "unit": ""}),
        ("cpu(port:8000) < 70%", {"metric": "probe", "probe": "cpu", "subject": "port:8000"}),
        ("memory(port:8000) < 2GB", {"probe": "memory", "limit": 2e9, "unit": "GB", "step": None}),
        ("memory(x) < 512mib", {"limit": 512 * 2**20, "unit": "MiB"}),
        ("db.client.connection.count < 20", {"probe": "db.client.connection.count", "limit": 20}),
        ("system.cpu.utilization(host) < 80%", {"subject": "host", "limit": 0.8}),
        ("p99 < 300ms every 10s", {"window_s": 10, "limit": 0.3}),
        ("\tp99\n<\n300 ms ", {"limit": 0.3, "expr": "p99\n<\n300 ms"}),
    ],
)
def test_an_expression_means_what_it_says(text: str, expected: dict[str, Any]) -> None:
    slo = parse_slo(text)
    assert {name: getattr(slo, name) for name in expected} == expected


def test_a_stop_rule_may_say_for_how_long() -> None:
    assert parse_stop_rule("errors > 50% for 10s").for_s == 10
    assert parse_stop_rule("p99 > 5s every 2s for 10s").window_s == 2
    assert parse_stop_rule("errors > 50%").for_s is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("p99 < 300\n         ^", "give a unit: ms or s"),
        ("p99 < 300 every 10s\n         ^", "give a unit: ms or s"),
        ("p99 < 300 parsecs\n          ^", "unknown unit 'parsecs'"),
        ("errors < 300ms\n            ^", "unknown unit 'ms': give a percentage"),
        ("errors < 0.001\n              ^", "give a percentage"),
        ("errors < 150%\n         ^", "more than 100%"),
        ("\n^", "expected p99, mean, max"),
        ("   \n   ^", "expected p99, mean, max"),
        ("erorrs < 1%\n^", "did you mean 'errors'?"),
        (" troughput > 1/s\n ^", "did you mean 'throughput'?"),
        ("login < 300ms\n^", "expected p99, mean, max"),
        ("median < 3ms\n^", "write 'p50'"),
        ("p100 < 1s\n^", "write 'max'"),
        ("p0 < 1s\n^", "no percentile"),
        ("p99.9.9 < 1s\n^", "no percentile"),
        ("response.p99 < 1s\n^", "leave out 'response.'"),
        ("service.mood < 1s\n^", "unknown metric 'service.mood'"),
        ("p99 300ms\n    ^", "expected <, <=, > or >="),
        ("p99\n   ^", "expected <, <=, > or >="),
        ("p99 == 300ms\n    ^", "expected <, <=, > or >="),
        ("p99 <> 300ms\n     ^", "one of <, <=, > and >="),
        ("p99 <\n     ^", "expected a number"),
        ("p99 < fast\n      ^", "expected a number"),
        ("p99 < -3ms\n      ^", "no sign"),
        ("p99 < 1.ms\n        ^", "a digit after the decimal point"),
        ("p99 < 1,000ms\n       ^", "not grouped"),
        ("p99(login < 300ms\n   ^", "never closed"),
        ("p99('login) < 300ms\n    ^", "quote is never closed"),
        ("p99('login' x) < 300ms\n            ^", "expected ) after"),
        ("p99() < 300ms\n    ^", "nothing is named"),
        ("checks(x) > 99%\n      ^", "of the whole run"),
        ("apdex > 0.9\n      ^", "needs its threshold"),
        ("apdex(300) > 0.9\n         ^", "threshold's unit"),
        ("apdex(0ms) > 0.9\n      ^", "above zero"),
        ("apdex(300ms > 0.9\n            ^", "expected )"),
        ("apdex(300ms) > 90\n               ^", "more than 1"),
        ("cpu < 70%\n    ^", "whose? write cpu(port:8000)"),
        ("throughput > 500\n                ^", "give a rate, like 500/s"),
        ("p99 < 3ms always\n          ^", "expected 'every 10s' or the end"),
        ("p99 < 3ms every\n               ^", "say how long"),
        ("p99 < 3ms every 0s\n                ^", "above zero"),
        ("p99 < 3ms every 1s every 1s\n                   ^", "or the end"),
        ("p99 < 3ms for 10s\n          ^", "'for' belongs to stop_if"),
    ],
)
def test_the_caret_stands_under_the_culprit(text: str, problem: str) -> None:
    expression, caret = text.split("\n")
    with pytest.raises(SloSyntaxError) as caught:
        parse_slo(expression)
    assert problem in caught.value.problem
    assert caught.value.position == caret.index("^")
    assert str(caught.value).splitlines()[1:] == [f"  {expression}", f"  {caret}"]


def test_the_caret_stays_right_when_the_text_has_line_breaks() -> None:
    with pytest.raises(SloSyntaxError) as caught:
        parse_slo("p99\n< 300")
    assert str(caught.value).splitlines()[1:] == ["  p99 < 300", "           ^"]


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_the_comparison_decides(comparison: str, below: bool, equal: bool, above: bool) -> None:
    slo = parse_slo(f"p99 {comparison} 300ms")
    assert (slo.holds(0.2), slo.holds(0.3), slo.holds(0.4)) == (below, equal, above)


def test_an_slo_of_a_step_that_never_ran_is_told_with_the_nearest_name() -> None:
    slos = [parse_slo(text) for text in ("p99(logn) < 1s", "p99 < 1s", "cpu(port:1) < 5%")]
    assert unknown_steps(slos, ["login", "order"]) == ("no step 'logn' ran; did you mean 'login'?",)
    assert unknown_steps([parse_slo("errors(zzz) < 1%")], ["b", "a"])[0].endswith("were a, b")
    assert unknown_steps(slos[:1], ["logn"]) == ()
