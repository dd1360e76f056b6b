"""One file per finding kind: a pure function from a run's View to its findings.

Each says at its head what it looks for, which law predicts the gain, and what would fool it. To add
one: write `detectors/<kind with _ for .>.py` with `detect`, and list it here.
"""

from __future__ import annotations

from collections.abc import Callable

from perfwright.analyze.detectors import (
    cache_ineffective,
    connection_no_keepalive,
    db_connection_limit,
    db_lock_contention,
    db_missing_index,
    db_n_plus_one,
    db_slow_query,
    disk_saturated,
    errors_under_load,
    generator_saturated,
    latency_periodic_stall,
    payload_bloat,
    pool_exhausted,
)
from perfwright.analyze.view import View
from perfwright.model.finding import Finding

Detector = Callable[[View], list[Finding]]

DETECTORS: tuple[Detector, ...] = (
    cache_ineffective.detect,
    connection_no_keepalive.detect,
    db_connection_limit.detect,
    db_lock_contention.detect,
    db_missing_index.detect,
    db_n_plus_one.detect,
    db_slow_query.detect,
    disk_saturated.detect,
    errors_under_load.detect,
    generator_saturated.detect,
    latency_periodic_stall.detect,
    payload_bloat.detect,
    pool_exhausted.detect,
)
