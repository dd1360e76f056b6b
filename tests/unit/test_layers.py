"""The layers of a response: they sum up, name what is known, and show the rest."""

from __future__ import annotations

import pytest
from support.profiles import HANDLER, IDLE_LOOP, loop_profile
from support.views import APP, loaded, make_view, per_second, plain_steps, span, stacks, step
from support.watched_shop import shop

from perfwright.analyze.layers import REST, Layer, layers
from perfwright.analyze.layers_queued import wait_s
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.watched import Reading, joined

STAGES = loaded(capacity_per_s=200.0, unloaded_s=0.02)


def by_name(view: View) -> dict[str, Layer]:
    return {layer.name: layer for layer in layers(view)}


def healthy(*more: Reading) -> View:
    seen = shop(STAGES, app_s=0.002)
    bare = Reading(samples=seen.samples, components=seen.components, statements=seen.statements)
    return make_view(STAGES, bare, *more)


def test_layers_sum_up_to_the_mean_response_time() -> None:
    view = healthy()
    made = layers(view)
    assert sum(one.low_ms for one in made) == pytest.approx(view.low.response_mean_s * 1e3)
    assert sum(one.knee_ms for one in made) == pytest.approx(view.stages[-1].response_mean_s * 1e3)
    assert made[-1].name == REST


def test_cpu_and_statements_are_counted_per_request() -> None:
    made = by_name(healthy())
    assert made["app on CPU"].knee_ms == pytest.approx(2.0, rel=0.1)
    statements = [one for name, one in made.items() if name.startswith("database:")]
    assert len(statements) == 4
    assert sum(one.low_ms for one in statements) == pytest.approx(1.6, rel=0.1)


def test_what_a_thread_stands_in_is_named_by_its_wait() -> None:
    asleep = f"{HANDLER};quote (./prices.py:31);clock_nanosleep (libc.so.6)"
    at_knee = loop_profile({asleep: 0.8, IDLE_LOOP: 0.1}, {})
    at_low = loop_profile({asleep: 0.08, IDLE_LOOP: 0.9}, {}, moment="low")
    made = by_name(healthy(at_knee, at_low))
    assert made["app off CPU: sleeping"].knee_ms == pytest.approx(0.8 / 200 * 1e3, rel=0.05)
    assert made["app off CPU: sleeping"].low_ms == pytest.approx(0.08 / 20 * 1e3, rel=0.05)


def test_waiting_for_a_core_is_queueing() -> None:
    delay = per_second(STAGES, metrics.PROCESS_RUN_DELAY, APP, 0.4)
    made = by_name(healthy(delay))
    assert made["queueing: ready to run, no core free"].knee_ms == pytest.approx(2.0, rel=0.1)


def test_parts_that_overlap_are_shrunk_and_say_so() -> None:
    many = f"{HANDLER};wait (./jobs.py:3);clock_nanosleep (libc.so.6)"
    ten = (stacks({many: 1.0}, mode="wall", moment="low", thread=f"w{n}") for n in range(10))
    view = healthy(*ten)
    made = layers(view)
    assert sum(one.low_ms for one in made) == pytest.approx(view.low.response_mean_s * 1e3)
    assert "overlap" in next(one for one in made if one.name.startswith("app off CPU")).source


def test_traces_are_believed_before_counts() -> None:
    spans = []
    for stage in STAGES:
        for number in range(25):
            start_s, trace = stage.from_s + number / 10, f"{stage.index}-{number}"
            spans += [
                span("GET /", trace=trace, span_id="1", start_s=start_s, duration_s=0.01),
                span(
                    "SELECT", trace=trace, span_id="2", parent="1", start_s=start_s + 0.001,
                    duration_s=0.006, kind="client", statement="SELECT 1",
                ),
            ]  # fmt: skip
    made = by_name(healthy(joined([Reading(spans=tuple(spans))])))
    assert made["database: postgresql"].low_ms == pytest.approx(6.0)
    assert made["shop: its own work"].low_ms == pytest.approx(4.0)
    assert "app on CPU" not in made


def test_what_the_client_waits_before_it_sends_is_its_own_layer() -> None:
    def steps(one):  # type: ignore[no-untyped-def]
        tallies = dict(plain_steps(one))
        requests = round(one.throughput_per_s * one.duration_s)
        tally = step(one, "GET /", requests=requests)
        tally.measures["service"] = type(tally.measures["service"])()
        tally.measures["service"].record(round((one.response_mean_s - 0.003) * 1e9), requests)
        return {**tallies, "GET /": tally}

    made = by_name(make_view(STAGES, shop(STAGES), steps=steps))
    assert made["client: waiting to start"].low_ms == pytest.approx(3.0, rel=0.05)


def test_what_is_left_goes_to_the_queue_for_a_busy_loop_first() -> None:
    busy = {f"{HANDLER};total (./shop.py:9)": 0.9, IDLE_LOOP: 0.1}
    made = by_name(healthy(loop_profile(busy, {})))
    assert made["queueing: for the event loop"].knee_ms == pytest.approx(40.5, rel=0.05)


@pytest.mark.parametrize(("servers", "used", "erlang_c_s"), [(1, 0.9, 0.081), (4, 0.8, 0.0239)])
def test_waits_are_near_those_of_queueing_theory(
    servers: int, used: float, erlang_c_s: float
) -> None:
    assert wait_s(servers, used, 100.0) == pytest.approx(erlang_c_s, rel=0.1)
