"""What is seen of a real Redis: look-ups, commands, evictions, the slow log, refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from support.redis_server import has_redis, private_redis
from support.watching import Watch, value, watching

from perfwright.model.errors import ProbeError
from perfwright.model.metrics import (
    CACHE_CLIENTS,
    CACHE_COMMANDS,
    CACHE_CPU,
    CACHE_EVICTIONS,
    CACHE_HITS,
    CACHE_LOOKUPS,
    CACHE_MEMORY,
    CACHE_MEMORY_LIMIT,
)
from perfwright.observe.redis import RedisProbe

pytestmark = pytest.mark.skipif(not has_redis(), reason="needs redis-server: make test-servers")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with private_redis() as port:
        yield port


@pytest.fixture
def client(port: int) -> Iterator[redis.Redis]:
    with redis.Redis(port=port) as client:
        client.flushall()
        yield client


def spec(port: int, user: str = "") -> str:
    return f"redis://{user}127.0.0.1:{port}/0"


def test_hits_and_misses_become_rates_and_a_ratio(port: int, client: redis.Redis) -> None:
    with watching(RedisProbe(spec(port))) as watch:
        client.set("a", 1)
        for key in ("a", "a", "a", "b"):
            client.get(key)
        reading = watch.read()
        hits, misses = (value(reading, CACHE_LOOKUPS, label) for label in ("hit", "miss"))
        assert hits == pytest.approx(3 * misses)
        assert value(reading, CACHE_HITS) == pytest.approx(0.75)
        assert value(reading, CACHE_MEMORY) > 0
        assert value(reading, CACHE_CLIENTS) == 1
        assert value(reading, CACHE_CPU) >= 0
        idle = watch.read()
        assert CACHE_HITS not in {sample.metric for sample in idle.samples}
        assert value(idle, CACHE_COMMANDS) == 0, "our own commands do not count"


def test_commands_are_counted_by_name(port: int, client: redis.Redis) -> None:
    with watching(RedisProbe(spec(port))) as watch:
        for _ in range(7):
            client.hgetall("cart:1")
        (tally,) = watch.read().statements
        assert (tally.text, tally.calls) == ("HGETALL", 7)
        assert tally.total_ns > 0


def test_a_slow_command_is_told_without_its_keys(port: int, client: redis.Redis) -> None:
    client.config_set("slowlog-log-slower-than", 0)
    try:
        with watching(RedisProbe(spec(port))) as watch:
            client.get("session:4711-secret")
            slow = [one for one in watch.read().occurrences if one.message.startswith("GET")]
            assert slow[0].kind == "slow"
            assert slow[0].message.startswith("GET session… took ")
            assert "4711" not in str(watch.seen)
    finally:
        client.config_set("slowlog-log-slower-than", -1)


def test_evictions_show_where_memory_is_limited() -> None:
    settings = ("--maxmemory", "2mb", "--maxmemory-policy", "allkeys-lru")
    with private_redis(*settings) as port, redis.Redis(port=port) as client:
        with watching(RedisProbe(spec(port))) as watch:
            for key in range(60):
                client.set(key, "x" * 50_000)
            reading = watch.read()
        assert value(reading, CACHE_EVICTIONS, "evicted") > 0
        assert value(reading, CACHE_MEMORY_LIMIT) == 2 * 1024 * 1024


def test_what_the_user_may_not_call_is_noted(port: int, client: redis.Redis) -> None:
    client.acl_setuser("guest", enabled=True, passwords=["+hunter2"], commands=["+info"])
    with watching(RedisProbe(spec(port, "guest:hunter2@"))) as watch:
        assert any("SLOWLOG is refused" in note for note in watch.seen.notes)
        assert watch.read().samples
        assert "hunter2" not in f"{watch.seen} {watch.probe.name}"


def test_a_wrong_password_is_told_without_it(port: int) -> None:
    with pytest.raises(ProbeError, match=f"redis:127.0.0.1:{port}: no INFO") as refused:
        RedisProbe(spec(port, "ann:hunter2@")).open(0)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(ProbeError) as unreadable:
        RedisProbe("redis://ann:hunter2@127.0.0.1:x/")
    assert "hunter2" not in str(unreadable.value)


def test_a_server_that_goes_away_is_an_error() -> None:
    with private_redis() as port:
        watch = Watch(RedisProbe(spec(port)))
    with pytest.raises(ProbeError):
        watch.read()
    watch.probe.close()
