"""One file per finding kind: a pure function from a run's View to its findings.

Each says at its head what it looks for, which law predicts the gain, and what would fool it. To add
one: write `detectors/<kind with _ for .>.py` with `detect`, and list it here.
"""

from __future__ import annotations

from collections.abc import Callable

from perfwright.analyze.detectors import (
    cache_ineffective,
    code_hot_function,
    connection_no_keepalive,
    cpu_saturated,
    cpu_throttled,
    db_connection_limit,
    db_lock_contention,
    db_missing_index,
    db_n_plus_one,
    db_slow_query,
    dependency_slow,
    disk_saturated,
    errors_under_load,
    event_loop_blocked,
    gc_pressure,
    generator_saturated,
    latency_periodic_stall,
    lb_uneven,
    lock_contention,
    log_sync_io,
    memory_leak,
    memory_pressure,
    net_latency,
    net_saturated,
    payload_bloat,
    pool_exhausted,
    retry_storm,
    thread_pool_exhausted,
)
from perfwright.analyze.view import View
from perfwright.model.finding import Finding

Detector = Callable[[View], list[Finding]]

DETECTORS: tuple[Detector, ...] = (
    cache_ineffective.detect,
    code_hot_function.detect,
    connection_no_keepalive.detect,
    cpu_saturated.detect,
    cpu_throttled.detect,
    db_connection_limit.detect,
    db_lock_contention.detect,
    db_missing_index.detect,
    db_n_plus_one.detect,
    db_slow_query.detect,
    dependency_slow.detect,
    disk_saturated.detect,
    errors_under_load.detect,
    event_loop_blocked.detect,
    gc_pressure.detect,
    generator_saturated.detect,
    latency_periodic_stall.detect,
    lb_uneven.detect,
    lock_contention.detect,
    log_sync_io.detect,
    memory_leak.detect,
    memory_pressure.detect,
    net_latency.detect,
    net_saturated.detect,
    payload_bloat.detect,
    pool_exhausted.detect,
    retry_storm.detect,
    thread_pool_exhausted.detect,
)
