"""Service demands: recovered from series whose truth is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from support.views import APP, loaded, make_view, per_second
from support.watched_shop import DB_PROCESS, shop

from perfwright.analyze.demands import demand_of, demands, fit
from perfwright.model import metrics
from perfwright.model.stage import Stage
from perfwright.model.watched import Component, Reading, joined


def test_the_demand_of_each_resource_is_recovered() -> None:
    stages = loaded(capacity_per_s=400)
    found = demands(make_view(stages, shop(stages, app_s=0.0025, db_s=0.0004)))
    app, db = demand_of(found, APP), demand_of(found, DB_PROCESS)
    assert app and db
    assert app.per_request_s.value == pytest.approx(0.0025, rel=0.05)
    assert app.bound_per_s.low < 400 < app.bound_per_s.high
    assert db.per_request_s.value == pytest.approx(0.0004, rel=0.08)


def test_the_tightest_bound_comes_first() -> None:
    stages = loaded()
    found = demands(make_view(stages, shop(stages)))
    assert found[0].resource.subject == APP
    assert found[0].bound_per_s.value == min(one.bound_per_s.value for one in found)


def test_one_load_gives_an_upper_limit_of_the_demand() -> None:
    stages = loaded([200.0])
    app = demand_of(demands(make_view(stages, shop(stages, app_s=0.002), search=False)), APP)
    assert app and not app.fitted
    assert app.per_request_s.low < 0.002 < app.per_request_s.high


def test_what_does_not_follow_the_load_bounds_nothing() -> None:
    stages = loaded()
    busy = per_second(stages, metrics.DISK_UTILIZATION, "host", 0.3, "sdb", noise=0.01)
    labels = [d.resource.label for d in demands(make_view(stages, shop(stages), busy))]
    bounds = [
        d.bound_per_s.value
        for d in demands(make_view(stages, shop(stages), busy))
        if d.resource.label == "sdb"
    ]
    assert "sdb" not in labels or min(bounds) > 1_000


def test_a_python_process_has_one_core_and_four_have_four() -> None:
    stages = loaded()
    workers = [
        per_second(
            stages, metrics.PROCESS_CPU, APP, lambda s: s.throughput_per_s / 2000, f"pid:{n}"
        )
        for n in (1, 2, 3, 4)
    ]
    reading = shop(stages, cores=8, without=[metrics.PROCESS_CPU])
    whole = per_second(stages, metrics.PROCESS_CPU, APP, lambda s: s.throughput_per_s / 500)
    app = demand_of(demands(make_view(stages, joined([reading, whole, *workers]))), APP)
    assert app and app.resource.servers == 4


def test_a_runtime_with_threads_may_use_every_core() -> None:
    stages = loaded()
    reading = shop(stages)
    components = (Component(subject=APP, runtime="go 1.22"), *reading.components[1:])
    reading = dataclasses.replace(reading, components=components)
    app = demand_of(demands(make_view(stages, reading)), APP)
    assert app and app.resource.servers == 4


def test_a_quota_is_fewer_cores() -> None:
    stages = loaded()
    quota = per_second(stages, metrics.CGROUP_CPU_LIMIT, APP, 0.5, noise=0)
    app = demand_of(demands(make_view(stages, shop(stages), quota)), APP)
    assert app and app.resource.servers == 0.5


def test_a_host_that_others_keep_busy_still_serves_its_components() -> None:
    stages = loaded(capacity_per_s=100, rates=(5, 20, 40, 60, 80, 95))
    reading = shop(stages, app_s=0.003, db_s=0.001, cores=2, without=[metrics.CPU_UTILIZATION])
    others = per_second(stages, metrics.CPU_UTILIZATION, "host", 1.0, noise=0.001)
    host = demand_of(demands(make_view(stages, reading, others)), "host")
    assert host
    assert host.per_request_s.value == pytest.approx(0.004, rel=0.05)
    assert host.idle == 1  # at most half of the host is others'


def test_what_the_hypervisor_takes_is_no_request_s() -> None:
    """Neighbours take 10% of four cores at light load and 30% at the knee."""
    stages = loaded(capacity_per_s=400)
    most = max(stage.throughput_per_s for stage in stages)

    def steal(one: Stage) -> float:
        return 0.1 + 0.2 * one.throughput_per_s / most

    def busy(one: Stage) -> float:
        return one.throughput_per_s * (0.0025 + 0.0004 + 0.0003) / 4 + steal(one)

    host = [
        per_second(stages, metrics.CPU_UTILIZATION, "host", busy, noise=0.01),
        per_second(stages, metrics.CPU_UTILIZATION, "host", steal, "steal", noise=0.01),
    ]
    reading = shop(stages, without=[metrics.CPU_UTILIZATION])
    found = demand_of(demands(make_view(stages, joined([reading, *host]))), "host")
    assert found
    assert found.per_request_s.value == pytest.approx(0.0032, rel=0.08)
    assert 0.8 <= found.idle <= 1


def test_loads_that_lie_close_together_make_a_line_from_zero() -> None:
    stages = loaded(rates=(90.0, 92.0, 95.0, 97.0))
    noisy = per_second(
        stages, metrics.PROCESS_CPU, APP, lambda one: one.throughput_per_s * 0.002, noise=0.2
    )
    reading = shop(stages, without=[metrics.PROCESS_CPU])
    app = demand_of(demands(make_view(stages, reading, noisy)), APP)
    assert app and app.per_request_s.value == pytest.approx(0.002, rel=0.15)


def test_nothing_watched_has_no_demands() -> None:
    assert demands(make_view(loaded(), Reading())) == ()


def test_nine_intervals_in_ten_hold_the_true_demand() -> None:
    random = np.random.default_rng(5)
    rates = np.array([20.0, 60, 110, 180, 260, 330, 400])
    held = 0
    for _ in range(400):
        busy = 0.002 * rates + 0.05 + random.normal(0, 0.05, rates.size)
        slope, _ = fit(rates, busy, np.ones(rates.size))
        held += slope.low <= 0.002 <= slope.high
    assert 0.86 <= held / 400 <= 0.97


def test_a_line_never_leaves_the_lawful_range() -> None:
    rates = np.array([10.0, 20, 30])
    slope, idle = fit(rates, np.array([0.3, 0.2, 0.1]), np.ones(3))
    assert slope.value == 0 and idle >= 0
    slope, idle = fit(rates, np.array([0.0, 0.2, 0.4]), np.ones(3))
    assert slope.value > 0 and idle == 0
