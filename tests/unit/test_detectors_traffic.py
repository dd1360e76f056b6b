"""cache.ineffective, connection.no_keepalive, payload.bloat: positives and near misses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from support.views import APP, Value, loaded, make_view, per_second, stacks, statement, step
from support.watched_shop import shop

from perfwright.analyze.detectors import (
    cache_ineffective,
    connection_no_keepalive,
    payload_bloat,
)
from perfwright.analyze.findings import find
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.frame import StepTally
from perfwright.model.stage import Stage
from perfwright.model.watched import Reading, Sample, joined

CACHE = "redis:127.0.0.1:6379"
RATES = (5.0, 20.0, 40.0, 60.0, 80.0, 95.0, 120.0)
STAGES = loaded(RATES, capacity_per_s=100, unloaded_s=0.03, demand_s=0.02)


def cached(
    ratio: float, *, lookups: float = 1.0, evicted: Value = 0.0, expired: Value = 0.0
) -> View:
    """The database's two cores are used up at 100/s by what the cache does not know."""

    def part(share: float) -> Callable[[Stage], float]:
        return lambda one: one.throughput_per_s * lookups * share

    return make_view(
        STAGES,
        shop(STAGES, app_s=0.002, db_s=0.02, cores=2),
        statement(STAGES, "SELECT rank FROM ranks WHERE id = $1", calls=lookups * (1 - ratio),
                  each_s=0.02),
        per_second(STAGES, metrics.CACHE_LOOKUPS, CACHE, part(ratio), "hit"),
        per_second(STAGES, metrics.CACHE_LOOKUPS, CACHE, part(1 - ratio), "miss"),
        per_second(STAGES, metrics.CACHE_HITS, CACHE, ratio),
        per_second(STAGES, metrics.CACHE_EVICTIONS, CACHE, evicted, "evicted"),
        per_second(STAGES, metrics.CACHE_EVICTIONS, CACHE, expired, "expired"),
    )  # fmt: skip


def test_a_cache_that_mostly_misses_is_found_with_the_statement_behind_it() -> None:
    (found,) = cache_ineffective.detect(cached(0.1))
    assert found.component == CACHE
    assert any("SELECT rank" in one.value for one in found.evidence)
    more = found.impact.throughput_per_s
    assert more and more.gain > 2


def test_why_it_misses_is_told_by_evictions_and_expirations() -> None:
    evicting = cached(0.1, evicted=lambda one: one.throughput_per_s * 0.8)
    expiring = cached(0.1, expired=lambda one: one.throughput_per_s * 0.8)
    assert "too small" in cache_ineffective.detect(evicting)[0].recommendation
    assert "time to live" in cache_ineffective.detect(expiring)[0].recommendation
    assert "the key" in cache_ineffective.detect(cached(0.1))[0].recommendation


def test_the_slow_statement_behind_a_cache_is_its_symptom() -> None:
    found = find(cached(0.1))
    assert found[0].kind == "cache.ineffective"


def test_a_cache_that_mostly_knows_is_no_finding() -> None:
    assert cache_ineffective.detect(cached(0.93)) == []


def test_a_cache_that_is_hardly_asked_is_no_finding() -> None:
    assert cache_ineffective.detect(cached(0.1, lookups=0.02)) == []


def connecting(connects_per_request: float, *readings: Reading, handshake_s: float = 0.004) -> View:
    stages = loaded(RATES, capacity_per_s=100, unloaded_s=0.012)

    def steps(one: Stage) -> Mapping[str, StepTally]:
        requests = round(one.throughput_per_s * one.duration_s)
        tally = step(
            one, "GET /", requests=requests, connects=round(requests * connects_per_request)
        )
        if connects_per_request:
            connect = tally.measures["connect"]
            connect.total = round(connect.count * handshake_s * 1e9)
        return {"GET /": tally}

    return make_view(stages, shop(stages, app_s=0.01), *readings, steps=steps)


def test_a_connection_for_every_request_is_found() -> None:
    opening = stacks({
        "run (/srv/s.py:9);do_handshake (ssl.py:1379)": 0.4,
        "run (/srv/s.py:9);page (/srv/p.py:1)": 0.6,
    })  # fmt: skip
    view = connecting(1.0)
    bare = joined([Reading(samples=view.watched.samples, components=view.watched.components)])
    view = make_view(view.stages, bare, opening, steps=lambda one: view.steps(one))
    (found,) = connection_no_keepalive.detect(view)
    assert found.component == APP
    assert "keep-alive" in found.recommendation
    more = found.impact.throughput_per_s
    assert more and more.predicted == pytest.approx(100 / 0.6, rel=0.15)


def test_connections_that_are_kept_are_no_finding() -> None:
    assert connection_no_keepalive.detect(connecting(0.05)) == []


OPENS = {
    "run (./s.py:9);load (./db.py:4);connect (psycopg/connection.py:99)": 0.3,
    "run (./s.py:9);page (./p.py:1)": 0.7,
}
PLAIN = {"run (./s.py:9);page (./p.py:1)": 1.0}


def closing(per_request: float, others: float = 0.0, profile: Mapping[str, float] = OPENS) -> View:
    """TIME_WAIT as the load's closed connections leave it, beside `others` that come and go."""
    stages = loaded(RATES, capacity_per_s=100)
    samples, closed = [], [0.0]
    for one in stages:
        for second in range(round(one.from_s), round(one.to_s)):
            closed.append(closed[-1] + one.throughput_per_s * per_request)
            waiting = closed[-1] - closed[max(0, len(closed) - 61)]
            waiting += others * (second * 7919 % 13)
            samples += [
                Sample(
                    second=second,
                    metric=metrics.SOCKETS,
                    subject="host",
                    label="time_wait",
                    value=waiting,
                ),
                Sample(
                    second=second,
                    metric=metrics.LOAD_THROUGHPUT,
                    subject="load",
                    value=one.throughput_per_s,
                ),
            ]
    healthy = shop(stages, app_s=0.01, without=[metrics.SOCKETS])
    bare = Reading(samples=healthy.samples, components=healthy.components)
    return make_view(stages, bare, stacks(profile), Reading(samples=tuple(samples)))


def test_connections_closed_behind_the_service_show_in_time_wait() -> None:
    (found,) = connection_no_keepalive.detect(closing(1.0))
    assert found.subject == "1 new connections a request behind the service"
    assert found.confidence < 0.9


def test_somebody_else_s_closed_connections_are_not_ours() -> None:
    assert connection_no_keepalive.detect(closing(0.0, others=200)) == []


def test_what_grows_in_time_wait_while_the_service_opens_nothing_is_not_its_own() -> None:
    assert connection_no_keepalive.detect(closing(1.0, profile=PLAIN)) == []


def test_a_few_closed_connections_are_no_finding() -> None:
    assert connection_no_keepalive.detect(closing(0.1)) == []


SERIALIZING = {
    "run (/srv/s.py:9);all (/srv/items.py:3);iterencode (json/encoder.py:258)": 0.7,
    "run (/srv/s.py:9);page (/srv/p.py:1)": 0.3,
}


def answering(bytes_each: int, profile: Mapping[str, float], *, transfer_s: float = 0.0) -> View:
    def steps(one: Stage) -> Mapping[str, StepTally]:
        each = round(one.throughput_per_s * one.duration_s / 4)
        phases = {"receive": transfer_s} if transfer_s else None
        return {
            "GET /items": step(
                one, "GET /items", requests=each, bytes_each=bytes_each, phases_s=phases
            ),
            **{f"GET /{n}": step(one, f"GET /{n}", requests=each) for n in range(3)},
        }

    stages = loaded(RATES, capacity_per_s=100, unloaded_s=0.012)
    reading = shop(stages, app_s=0.01)
    bare = Reading(samples=reading.samples, components=reading.components)
    return make_view(stages, bare, stacks(profile), steps=steps)


def test_answers_whose_making_takes_the_cpu_are_found() -> None:
    (found,) = payload_bloat.detect(answering(400_000, SERIALIZING))
    assert found.subject == "GET /items: 400 kB an answer"
    more = found.impact.throughput_per_s
    # 0.9 · 0.985 of the bytes, with 70% of the CPU: 38% of it is left.
    assert more and more.predicted == pytest.approx(100 / 0.38, rel=0.15)


def test_large_answers_that_cost_nothing_are_downloads() -> None:
    cheap = {"run (/srv/s.py:9);page (/srv/p.py:1)": 1.0}
    assert payload_bloat.detect(answering(400_000, cheap)) == []


def test_ordinary_answers_are_no_bloat_however_they_are_made() -> None:
    assert payload_bloat.detect(answering(4_000, SERIALIZING)) == []
