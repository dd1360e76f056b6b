"""Predictions of what a fix is worth, on systems whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.views import APP, DB, loaded, make_view, per_second
from support.watched_shop import shop

from perfwright.analyze import predict
from perfwright.analyze.interval import about, share
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.watched import Reading


def cpu_bound() -> View:
    stages = loaded(capacity_per_s=400)
    return make_view(stages, shop(stages, app_s=0.0025))


def pool_bound() -> View:
    """Throughput stops at 100/s with every CPU nearly idle."""
    stages = loaded([10.0, 25, 50, 75, 95, 120], capacity_per_s=100, unloaded_s=0.02)
    return make_view(stages, shop(stages, app_s=0.0025))


def test_half_the_cpu_gives_twice_the_throughput_of_a_cpu_bound_service() -> None:
    found = predict.without_cpu(cpu_bound(), APP, share(0.5), "Utilization law.").throughput_per_s
    assert found
    assert found.now == pytest.approx(400)
    assert found.predicted == pytest.approx(800, rel=0.1)
    assert found.low < 800 < found.high


def test_the_next_resource_bounds_what_is_left() -> None:
    stages = loaded(capacity_per_s=400)
    view = make_view(stages, shop(stages, app_s=0.0025, db_s=0.003, cores=2))
    # Host: 2 cores / (0.0025 + 0.003 + 0.0003) s = 345/s; without nine tenths of the database's
    # work 2 / 0.0031 = 645/s, but the service's one core is used up at 400/s.
    found = predict.without_cpu(view, DB, share(0.9), "Utilization law.")
    assert found.throughput_per_s is None or found.throughput_per_s.gain < 1.25


def test_lifting_a_soft_limit_leaves_the_tightest_hard_bound() -> None:
    found = predict.with_limit_lifted(pool_bound(), "Little's law.")
    assert found.throughput_per_s
    assert found.throughput_per_s.predicted == pytest.approx(400, rel=0.15)
    assert found.response_ms_p95 and found.response_ms_p95.gain < 0.6
    assert "CPU of port:8000" in found.method


def test_what_is_held_half_as_long_under_a_soft_limit_doubles_it() -> None:
    found = predict.without_wait(pool_bound(), about(0.01, 0), "Little's law.").throughput_per_s
    assert found and found.predicted == pytest.approx(200, rel=0.1)


def test_what_an_objective_ended_comes_nearer_to_its_bound_by_what_is_shorter() -> None:
    stages = loaded([10.0, 25, 50, 75, 100], capacity_per_s=1e6, unloaded_s=0.02)
    view = make_view(stages, shop(stages, app_s=0.0025))
    assert view.knee is not None
    ended = replace(view, knee=replace(view.knee, low=75.0, high=100.0, reached=True))
    found = predict.without_wait(ended, about(0.01, 0), "Amdahl's law.").throughput_per_s
    assert found and found.predicted == pytest.approx(200, rel=0.1)
    failing = tuple(replace(one, error_ratio=0.02) for one in stages)
    refused = replace(make_view(failing, shop(stages, app_s=0.0025)), knee=ended.knee)
    assert predict.without_wait(refused, about(0.01, 0), "Amdahl.").throughput_per_s is None


def test_less_waiting_leaves_a_cpu_bound_throughput_where_it_is() -> None:
    found = predict.without_wait(cpu_bound(), about(0.004), "Amdahl's law.")
    assert found.throughput_per_s is None


def test_on_a_host_that_others_keep_busy_a_cheaper_request_is_worth_its_share() -> None:
    stages = loaded([10.0, 25, 50, 75, 95, 120], capacity_per_s=100, unloaded_s=0.02)
    reading = shop(stages, app_s=0.002, db_s=0, cores=2, without=[metrics.CPU_UTILIZATION])
    full = per_second(stages, metrics.CPU_UTILIZATION, "host", 1.0, noise=0.001)
    found = predict.without_cpu(make_view(stages, reading, full), APP, share(0.5), "x")
    assert found.throughput_per_s
    assert found.throughput_per_s.predicted == pytest.approx(200, rel=0.1)


def test_a_quota_raised_moves_the_bound() -> None:
    found = predict.with_cores(cpu_bound(), APP, 2, "Utilization law.").throughput_per_s
    assert found and found.predicted == pytest.approx(800, rel=0.1)


def test_where_nothing_was_watched_little_s_law_is_left() -> None:
    stages = loaded([10.0, 25, 50, 75, 95, 120], capacity_per_s=100, unloaded_s=0.02)
    found = predict.with_limit_lifted(make_view(stages, Reading()), "x").throughput_per_s
    assert found and found.gain > 1.5
    assert found.low < found.predicted < found.high


def test_a_component_that_was_not_seen_has_nothing_predicted() -> None:
    found = predict.without_cpu(make_view(loaded(), Reading()), APP, share(0.5), "x")
    assert found.gain == 1


@pytest.mark.parametrize("view", [cpu_bound(), pool_bound()])
def test_intervals_hold_their_value_and_never_promise_a_loss(view: View) -> None:
    for found in (
        predict.without_cpu(view, APP, share(0.4), "x"),
        predict.with_limit_lifted(view, "x", about(0.002)),
        predict.without_wait(view, about(0.003), "x"),
    ):
        for figure in (found.throughput_per_s, found.response_ms_p95):
            if figure:
                assert figure.low <= figure.predicted <= figure.high
        assert found.gain >= 1
