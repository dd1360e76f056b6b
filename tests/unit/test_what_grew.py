"""Where a slowdown comes from: phases, statements, functions and spans that grew, in sentences."""

from __future__ import annotations

from support.judged_runs import wandering
from support.views import DB, fingerprint, span, stacks

from perfwright.analyze.what_grew import (
    Side,
    functions_grown,
    phases_grown,
    spans_grown,
    statements_grown,
)
from perfwright.model.frame import StepTally, merged
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_MS
from perfwright.model.watched import NOTHING, Reading, StatementTally

FRAMES = wandering(1, steps={"GET /items": 20.0}, seconds=10)
TALLY = merged(frame.total for frame in FRAMES)
SELECT = "SELECT * FROM items WHERE id = ?"


def side(watched: Reading = NOTHING) -> Side:
    return Side(tally=TALLY, watched=watched, seconds=frozenset(range(10)), duration_s=10.0)


def step(**phases_ms: float) -> StepTally:
    measures = {
        phase: Histogram.of([round(ms * NS_PER_MS)] * 100) for phase, ms in phases_ms.items()
    }
    return StepTally(requests=100, measures=measures)


def test_the_phase_that_grew_is_named_with_its_times() -> None:
    base = step(response=20, service=20, wait=18, receive=2)
    candidate = step(response=26, service=26, wait=24, receive=2)
    assert phases_grown("GET /", base, candidate) == (
        "GET / took 6 ms more on average: 6 ms of that waiting for the answer's first byte "
        "(18 ms → 24 ms)"
    )


def test_waiting_to_be_sent_is_what_no_phase_explains() -> None:
    base = step(response=20, service=20, wait=20)
    candidate = step(response=30, service=20, wait=20, connect=1)
    told = phases_grown("GET /", base, candidate)
    assert "9 ms of that waiting to be sent (0 s → 9 ms)" in told
    assert "1 ms of that connecting" in told


def test_without_phases_only_the_growth_is_told() -> None:
    told = phases_grown("GET /", step(response=20), step(response=25))
    assert told == "GET / took 5 ms more on average; in which phase is not known"
    assert phases_grown("GET /", step(response=20), step(response=20)) == ""


def calls(number: float, each_ms: float, text: str = SELECT) -> Reading:
    """So many calls a request, over the ten seconds."""
    count = number * TALLY.requests() / 10
    return Reading(
        statements=tuple(
            StatementTally(
                second=at,
                subject=DB,
                fingerprint=fingerprint(text),
                text=text,
                calls=count,
                total_ns=count * each_ms * NS_PER_MS,
            )
            for at in range(10)
        )
    )


def test_a_statement_called_more_often_is_named() -> None:
    (told,) = statements_grown(side(calls(1, 2)), side(calls(5, 2)))
    assert told == f"{SELECT}: 5 calls a request, not 1"


def test_a_statement_that_became_slower_is_named() -> None:
    (told,) = statements_grown(side(calls(1, 2)), side(calls(1, 8)))
    assert told == f"{SELECT}: 8 ms a call, not 2 ms"


def test_a_new_statement_is_named_and_a_cheap_change_is_not() -> None:
    new = calls(1, 3, "SELECT count(*) FROM orders")
    (told,) = statements_grown(side(calls(1, 2)), side(new))
    assert told == "SELECT count(*) FROM orders: new, 1 calls a request of 3 ms"
    assert statements_grown(side(calls(1, 0.01)), side(calls(2, 0.01))) == ()
    assert statements_grown(side(), side(new)) == ()


def test_a_function_that_grew_is_named_beyond_the_noise_of_sampling() -> None:
    before = {"main (./app.py:1);total (./shop.py:19)": 0.1, "main (./app.py:1)": 0.9}
    after = {"main (./app.py:1);total (./shop.py:19)": 0.9, "main (./app.py:1)": 0.1}
    few = [
        Side(
            tally=merged([FRAMES[0].total]),
            watched=stacks(shares),
            seconds=frozenset(range(10)),
            duration_s=10.0,
        )
        for shares in (before, after)
    ]
    (told,) = functions_grown(*few)
    assert told.startswith("total (shop.py:19): ")
    assert functions_grown(few[0], few[0]) == ()
    assert functions_grown(side(), few[1]) == ()


def test_a_span_that_grew_is_named() -> None:
    def traced(query_s: float) -> Reading:
        spans = []
        for number in range(5):
            at = {"trace": f"t{number}", "start_s": number}
            spans += [
                span("GET /items", span_id="1", kind="server", duration_s=0.02 + query_s, **at),
                span("query", span_id="2", parent="1", duration_s=query_s, **at),
            ]
        return Reading(spans=tuple(spans))

    (told,) = spans_grown(side(traced(0.005)), side(traced(0.030)))
    assert told == "query in shop: 30 ms of its own a traced request, not 5 ms"
