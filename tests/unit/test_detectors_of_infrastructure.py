"""What machines, networks, memory and other services do, told from what looks like it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from support.views import APP, loaded, make_view, per_second, step
from support.watched_shop import shop

from perfwright.analyze.detectors import (
    cpu_saturated,
    cpu_throttled,
    dependency_slow,
    lb_uneven,
    memory_leak,
    memory_pressure,
    net_latency,
    net_saturated,
    retry_storm,
)
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Finding
from perfwright.model.stage import Stage
from perfwright.model.watched import Component, Reading

DETECTORS = (
    cpu_saturated,
    cpu_throttled,
    dependency_slow,
    lb_uneven,
    memory_leak,
    memory_pressure,
    net_latency,
    net_saturated,
    retry_storm,
)
STAGES = loaded(capacity_per_s=200.0)
PAGE = "http://127.0.0.1:8000/metrics"
STOCK = "port:9000"


def view_of(*seen: Reading, stages: tuple[Stage, ...] = STAGES, app_s: float = 0.001) -> View:
    return make_view(stages, shop(stages, app_s=app_s), *seen)


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def kinds(view: View) -> set[str]:
    return {finding.kind for detector in DETECTORS for finding in detector.detect(view)}


def app(metric: str, value: float | Callable[[Stage], float], label: str = "") -> Reading:
    return per_second(STAGES, metric, APP, value, label, noise=0)


def test_a_healthy_system_gives_nothing() -> None:
    stages = loaded(capacity_per_s=400)
    assert kinds(make_view(stages, shop(stages, app_s=0.0025))) == set()


def test_a_system_that_nobody_watched_gives_nothing() -> None:
    assert kinds(make_view(STAGES)) == set()


# ── CPU ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_quota_is_found_by_its_throttled_periods() -> None:
    view = view_of(
        app(metrics.CGROUP_CPU_LIMIT, 0.5),
        app(metrics.CGROUP_THROTTLED, lambda one: max(0.0, one.offered / 200 - 0.5)),
        app_s=0.0025,
    )
    finding = only(cpu_throttled.detect(view))
    assert finding.subject == "quota of 0.5 cores"
    assert "1 core" in finding.recommendation
    assert finding.impact.throughput_per_s is not None
    assert finding.impact.throughput_per_s.gain == pytest.approx(2.0, rel=0.2)


def test_a_limiter_that_stops_the_process_is_found_by_its_signals() -> None:
    view = view_of(app(metrics.PROCESS_STOPPED, lambda one: min(0.5, one.offered / 800)))
    finding = only(cpu_throttled.detect(view))
    assert finding.component == APP
    assert "signal" in finding.evidence[0].what


def test_a_process_that_was_stopped_once_is_no_finding() -> None:
    assert kinds(view_of(app(metrics.PROCESS_STOPPED, 0.02))) == set()


def test_a_quota_that_never_throttles_is_no_finding() -> None:
    assert kinds(view_of(app(metrics.CGROUP_CPU_LIMIT, 3.0), app(metrics.CGROUP_THROTTLED, 0))) == (
        set()
    )


@pytest.mark.parametrize(("busy", "told"), [(0.97, True), (0.45, False)])
def test_what_the_hypervisor_takes_matters_where_the_machine_has_nothing_left(
    busy: float, told: bool
) -> None:
    service = shop(STAGES, app_s=0.001, without=[metrics.CPU_UTILIZATION])
    used = per_second(STAGES, metrics.CPU_UTILIZATION, "host", busy)
    stolen = per_second(STAGES, metrics.CPU_UTILIZATION, "host", 0.15, "steal")
    found = cpu_throttled.detect(make_view(STAGES, service, used, stolen))
    assert [finding.subject for finding in found] == (["the virtual machine"] if told else [])


def test_other_peoples_work_on_the_same_cpu_is_told() -> None:
    busy = per_second(STAGES, metrics.CPU_UTILIZATION, "host", 0.97)
    starved = app(metrics.PROCESS_RUN_DELAY, 0.3)
    service = shop(STAGES, app_s=0.001, without=[metrics.CPU_UTILIZATION])
    assert only(cpu_saturated.detect(make_view(STAGES, service, busy, starved))).component == "host"
    assert cpu_saturated.detect(make_view(STAGES, service, busy)) == []


# ── memory ────────────────────────────────────────────────────────────────────────────────────────


def resident(bytes_at: Callable[[float], float]) -> Reading:
    """Resident memory by requests served so far."""
    served = 0.0
    samples = []
    for one in STAGES:
        for second in range(round(one.from_s), round(one.to_s)):
            samples += per_second(
                (one,), metrics.PROCESS_MEMORY, APP, bytes_at(served), noise=0
            ).samples[second - round(one.from_s) :][:1]
            served += one.throughput_per_s
    return Reading(samples=tuple(samples))


def test_memory_that_grows_with_every_request_is_a_leak() -> None:
    view = view_of(
        resident(lambda served: 80e6 + 20_000 * served),
        per_second(STAGES, metrics.MEMORY_AVAILABLE, "host", 2e9),
    )
    finding = only(memory_leak.detect(view))
    assert finding.subject == "20 kB per request"
    assert "min" in finding.recommendation or " s" in finding.recommendation
    assert finding.confidence > 0.85


def test_a_jvm_that_fills_its_heap_is_no_leak() -> None:
    view = view_of(
        resident(lambda served: 80e6 + 20_000 * served),
        Reading(components=(Component(subject=APP, runtime="jvm 17", port=8000),)),
    )
    assert memory_leak.detect(view) == []


def test_memory_that_warms_up_is_no_leak() -> None:
    view = view_of(resident(lambda served: 80e6 + 60e6 * min(served / 500, 1.0)))
    assert memory_leak.detect(view) == []


def test_memory_that_steps_up_with_the_load_is_no_leak() -> None:
    view = view_of(app(metrics.PROCESS_MEMORY, lambda one: 80e6 + 1e6 * one.offered))
    assert memory_leak.detect(view) == []


def test_memory_that_is_used_up_and_stalls_is_pressure() -> None:
    full = per_second(STAGES, metrics.MEMORY_UTILIZATION, "host", 0.97, noise=0)
    stalls = per_second(STAGES, metrics.PRESSURE, "host", 0.2, "memory.some")
    assert memory_pressure.detect(view_of(full)) == []
    assert only(memory_pressure.detect(view_of(full, stalls))).component == "host"


# ── network ───────────────────────────────────────────────────────────────────────────────────────


def test_a_full_link_is_told_and_loopback_never() -> None:
    def used(label: str) -> Reading:
        return per_second(STAGES, metrics.NETWORK_UTILIZATION, "host", 0.95, label)

    assert only(net_saturated.detect(view_of(used("eth0")))).subject == "eth0"
    assert net_saturated.detect(view_of(used("lo"))) == []


@pytest.mark.parametrize(("connect_s", "found"), [(0.02, True), (0.0002, False)])
def test_a_long_way_is_told_by_handshakes(connect_s: float, found: bool) -> None:
    stages = loaded(capacity_per_s=200.0, unloaded_s=0.03)
    view = make_view(
        stages,
        shop(stages),
        steps=lambda one: {"GET /": _with_connects(one, connect_s)},
    )
    assert bool(net_latency.detect(view)) is found


def _with_connects(one: Stage, connect_s: float):  # type: ignore[no-untyped-def]
    tally = step(one, "GET /", requests=round(one.throughput_per_s * one.duration_s), connects=0)
    tally.measures["connect"] = type(tally.measures["response"])()
    tally.measures["connect"].record(round(connect_s * 1e9), 20)
    return tally


# ── other services ────────────────────────────────────────────────────────────────────────────────

SLOW = loaded(capacity_per_s=200.0, unloaded_s=0.12)
BEHIND = Reading(
    components=(
        Component(subject=APP, runtime="python 3.11", port=8000, talks_to=("port:5432", STOCK)),
        Component(subject=STOCK, runtime="go 1.22", port=9000),
    )
)


def test_a_slow_service_is_told_by_its_connections_and_the_unexplained_time() -> None:
    held = per_second(SLOW, metrics.CONNECTIONS_TO, APP, lambda one: one.in_flight + 2, STOCK)
    finding = only(dependency_slow.detect(view_of(BEHIND, held, stages=SLOW)))
    assert finding.subject == STOCK
    assert finding.impact.response_ms_p95 is not None
    assert finding.impact.response_ms_p95.gain < 0.5


def test_a_quick_service_that_is_called_is_not_slow() -> None:
    held = app(metrics.CONNECTIONS_TO, 3.0, STOCK)
    assert dependency_slow.detect(view_of(BEHIND, held, stages=SLOW)) == []


def client_calls(per_request: Callable[[Stage], float], failed: float, each_s: float) -> Reading:
    name = "http_client_request_duration_seconds"

    def rate(one: Stage) -> float:
        return per_request(one) * one.throughput_per_s

    parts = (("200", 1 - failed), ("503", failed))
    readings = [
        per_second(
            STAGES,
            f"{name}{suffix}",
            PAGE,
            lambda one, part=part, by=by: rate(one) * part * by,
            f"server_address=stock,http_response_status_code={status}",
            noise=0,
        )
        for status, part in parts
        for suffix, by in (("_count", 1.0), ("_sum", each_s))
    ]
    return Reading(samples=tuple(sample for one in readings for sample in one.samples))


def test_a_slow_service_is_told_by_the_callers_own_metrics() -> None:
    calls = client_calls(lambda _: 1.0, 0.0, each_s=0.006)
    finding = only(dependency_slow.detect(view_of(calls)))
    assert (finding.subject, finding.confidence) == ("stock", 0.9)


def storm(one: Stage) -> float:
    return 3.0 if one.offered > 200 else 1.0


def test_calls_that_multiply_as_they_fail_are_a_retry_storm() -> None:
    finding = only(retry_storm.detect(view_of(client_calls(storm, 0.5, each_s=0.001))))
    assert finding.subject == "3× the calls to stock"
    assert finding.impact.throughput_per_s is not None


def test_calls_that_keep_step_with_requests_are_no_storm() -> None:
    assert retry_storm.detect(view_of(client_calls(lambda _: 2.0, 0.5, each_s=0.001))) == []


# ── balancing ─────────────────────────────────────────────────────────────────────────────────────


def behind_proxy(*parts: float) -> Reading:
    backends = [f"port:{9001 + number}" for number in range(len(parts))]
    seen = [
        per_second(STAGES, metrics.PROCESS_CPU, name, lambda one, p=part: p * one.offered / 200)
        for name, part in zip(backends, parts, strict=True)
    ]
    seen.append(per_second(STAGES, metrics.PROCESS_CPU, "port:8080", 0.1))
    return Reading(
        samples=tuple(sample for one in seen for sample in one.samples),
        components=(
            Component(subject="port:8080", runtime="nginx", port=8080, talks_to=tuple(backends)),
            *(
                Component(subject=name, runtime="python 3.11", detail=f"python app.py {name}")
                for name in backends
            ),
        ),
    )


def test_a_backend_that_works_while_its_siblings_idle_is_told() -> None:
    finding = only(lb_uneven.detect(make_view(STAGES, behind_proxy(0.9, 0.1, 0.1))))
    assert finding.subject.startswith("port:9001 does 8")
    assert finding.impact.throughput_per_s is not None
    assert finding.impact.throughput_per_s.gain == pytest.approx(2.4, rel=0.1)


def test_a_backend_that_gets_nothing_counts_though_the_proxy_is_not_connected_to_it() -> None:
    seen = behind_proxy(0.9, 0.0, 0.0)
    proxy, *backends = seen.components
    only_one = dataclasses.replace(proxy, talks_to=("port:9001",))
    view = make_view(STAGES, dataclasses.replace(seen, components=(only_one, *backends)))
    assert only(lb_uneven.detect(view)).subject == "port:9001 does 100%"


def test_siblings_that_share_are_even() -> None:
    assert lb_uneven.detect(make_view(STAGES, behind_proxy(0.7, 0.6, 0.65))) == []
