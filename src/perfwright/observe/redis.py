"""Watches a Redis server: look-ups and hits, commands, evictions, memory, clients, CPU, slow log.

INFO's counters become rates per second. `INFO commandstats` gives each command's calls and time,
told like SQL statements with the command's name as text. SLOWLOG entries become occurrences `slow`;
of their arguments only the first one's leading word is shown (`HGETALL session…`), for keys carry
tokens. What the user may not call (ACL) is left out, with a note. Our own commands do not count.
Reference: redis.io/commands (INFO, SLOWLOG GET).
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

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
from perfwright.model.statements import fingerprint
from perfwright.model.watched import (
    NOTHING,
    Component,
    Occurrence,
    Reading,
    Sample,
    StatementTally,
    joined,
)
from perfwright.observe.counters import Counters

TIMEOUT_S = 2
SLOW_ENTRIES = 20
SLOW_PER_READ = 5
_COMMANDS_PER_READ = 3
_COUNTED = {
    "keyspace_hits": (CACHE_LOOKUPS, "hit"),
    "keyspace_misses": (CACHE_LOOKUPS, "miss"),
    "evicted_keys": (CACHE_EVICTIONS, "evicted"),
    "expired_keys": (CACHE_EVICTIONS, "expired"),
}
_OURS = ("INFO", "SLOWLOG", "CLIENT", "AUTH", "HELLO")
_WORD = re.compile(r"[A-Za-z]{1,24}")

Info = Mapping[str, Any]
Value = tuple[str, str, float]
"""Metric, label, value."""


def redis_subject(url: str) -> str:
    """`redis:HOST:PORT` of a URL. ProbeError: it is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port or 6379
    except ValueError:  # its message would show the URL
        raise ProbeError(
            "--watch redis://…: the URL cannot be read; it is written "
            "redis://USER:PASSWORD@HOST:PORT/0, special characters as %xx"
        ) from None
    return f"redis:{'127.0.0.1' if host == 'localhost' else host}:{port}"


class RedisProbe:
    """`spec` is the URL. A server that does not answer, or refuses INFO, is a ProbeError."""

    def __init__(self, spec: str) -> None:
        self.name = redis_subject(spec)
        self._url = spec

    def open(self, origin_ns: int) -> Reading:  # noqa: ARG002
        """Connects, and takes the readings that later ones are compared with."""
        self._client = redis.Redis.from_url(
            self._url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self._counters = Counters()
        self._reads = 0
        self._commands_before: dict[str, tuple[float, float]] | None = None
        self._last_slow: int | None = None
        info = self._info()
        self._rates(info)
        notes = joined((self._commands(0), self._slow(0))).notes
        component = Component(
            subject=self.name,
            runtime=f"redis {info.get('redis_version', '')}".strip(),
            detail=str(info.get("redis_mode", "")),
            pids=(int(info["process_id"]),) if "process_id" in info else (),
            port=int(self.name.rpartition(":")[2]),
        )
        return Reading(components=(component,), notes=notes)

    def read(self, second: int) -> Reading:
        """What was added since the last call."""
        info = self._info()
        samples = tuple(
            Sample(second=second, metric=metric, subject=self.name, value=value, label=label)
            for metric, label, value in (*_gauges(info), *self._rates(info))
        )
        return joined((Reading(samples=samples), self._commands(second), self._slow(second)))

    def close(self) -> Reading:
        self._client.close()
        return NOTHING

    def _info(self) -> Info:
        try:
            info: Info = self._client.info()
        except redis.RedisError as error:
            raise ProbeError(
                f"--watch {self.name}: no INFO ({error}); are address and password right, and may "
                "the user call INFO?"
            ) from None
        return info

    def _rates(self, info: Info) -> list[Value]:
        """Rates since the last call, and the look-ups' hit ratio where there were any."""
        self._reads += 1
        processed = info.get("total_commands_processed", 0) - self._reads * _COMMANDS_PER_READ
        counted = {key: info.get(name, 0) for name, key in _COUNTED.items()}
        counted[CACHE_COMMANDS, ""] = max(0, processed)
        counted[CACHE_CPU, ""] = info.get("used_cpu_user", 0.0) + info.get("used_cpu_sys", 0.0)
        now_s = time.monotonic()
        rates = [
            (metric, label, rate)
            for (metric, label), counter in counted.items()
            if (rate := self._counters.rate((metric, label), counter, now_s)) is not None
        ]
        lookups = {label: rate for metric, label, rate in rates if metric == CACHE_LOOKUPS}
        if sum(lookups.values()) > 0:
            rates.append((CACHE_HITS, "", lookups["hit"] / sum(lookups.values())))
        return rates

    def _commands(self, second: int) -> Reading:
        """Each command's calls and time since the last call."""
        try:
            stats: Info = self._client.info("commandstats")
        except redis.RedisError as error:
            return self._without("INFO commandstats", error)
        before = self._commands_before
        self._commands_before = {
            name: (counted["calls"], counted["usec"])
            for key, counted in stats.items()
            if not (name := key.removeprefix("cmdstat_").upper()).startswith(_OURS)
        }
        if before is None:
            return NOTHING
        tallies = (
            self._tally(second, name, now, before.get(name, (0.0, 0.0)))
            for name, now in self._commands_before.items()
        )
        return Reading(statements=tuple(tally for tally in tallies if tally.calls > 0))

    def _tally(
        self, second: int, name: str, now: tuple[float, float], before: tuple[float, float]
    ) -> StatementTally:
        calls, total_us = now if now < before else (now[0] - before[0], now[1] - before[1])
        text = name.replace("|", " ")
        return StatementTally(
            second=second,
            subject=self.name,
            fingerprint=fingerprint(text),
            text=text,
            calls=calls,
            total_ns=total_us * 1000,
        )

    def _slow(self, second: int) -> Reading:
        """The slow log's new entries, the slowest few."""
        try:
            entries: list[Info] = self._client.slowlog_get(SLOW_ENTRIES)  # type: ignore[assignment]
        except redis.RedisError as error:
            return self._without("SLOWLOG", error)
        newest = max((entry["id"] for entry in entries), default=-1)
        last, self._last_slow = self._last_slow, newest
        if last is None or newest <= last:
            return NOTHING
        new = sorted(
            (entry for entry in entries if entry["id"] > last),
            key=lambda entry: -float(entry["duration"]),
        )
        return Reading(
            occurrences=tuple(
                Occurrence(second=second, subject=self.name, kind="slow", message=_slow_text(entry))
                for entry in new[:SLOW_PER_READ]
            )
        )

    def _without(self, command: str, error: redis.RedisError) -> Reading:
        """A note on what may not be called; a server that is gone is an error."""
        if not isinstance(error, redis.ResponseError):
            raise ProbeError(f"{self.name}: {error}") from None
        allow = command.split()[0].lower()
        return Reading(notes=(f"{self.name}: {command} is refused; ACL SETUSER its user +{allow}",))


def _gauges(info: Info) -> list[Value]:
    gauges = [
        (CACHE_MEMORY, "", float(info.get("used_memory", 0))),
        (CACHE_CLIENTS, "", max(0.0, float(info.get("connected_clients", 1)) - 1)),
    ]
    if info.get("maxmemory"):
        gauges.append((CACHE_MEMORY_LIMIT, "", float(info["maxmemory"])))
    return gauges


def _slow_text(entry: Info) -> str:
    raw = entry["command"]
    words = (raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)).split()
    name = words[0].upper() if words else "?"
    leading = _WORD.match(words[1]) if len(words) > 1 else None
    shown = f"{name} {leading[0]}…" if leading else f"{name} …" if len(words) > 1 else name
    return f"{shown} took {entry['duration'] / 1000:.1f} ms"
