"""Watches a PostgreSQL database: sessions and waits, statements, counters; at the end, plans.

    second 7                                8.0
    ├─ sample ── sample ─ sample ─── sample ─┤ read(7): counters, and the samples of second 7
                                             ├─ sample ── … (for second 8), then it returns

Works with less where an extension or a privilege is missing, and says what is missing and how to
get it. Nothing in the user's database is changed, no statement of the user's is ever executed: they
are explained only. A view that fails three times running is left out from then on; a lost
connection raises ProbeError, and the watcher opens the probe anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Protocol

import psycopg

from perfwright.model.errors import ProbeError
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import NOTHING, Component, Reading, joined
from perfwright.observe.pg_activity import ActivityHistory
from perfwright.observe.pg_counters import DatabaseCounters, TableCounters
from perfwright.observe.pg_explain import explain_top
from perfwright.observe.pg_sampled import SampledStatements
from perfwright.observe.pg_seen import SeenStatements
from perfwright.observe.pg_session import PgSession, database_subject
from perfwright.observe.pg_statements import StatementCounters, find_statistics

SAMPLES_PER_READ = 5
SAMPLE_EVERY_S = 0.18
TRIES = 3


class _View(Protocol):
    what: str

    def read(self, second: int, now_s: float, /) -> Reading: ...


class PostgresProbe:
    """`spec` is the DSN. A database whose views cannot be read at all is a ProbeError."""

    def __init__(self, spec: str) -> None:
        self.name = database_subject(spec)
        self._dsn = spec
        self._seen = SeenStatements()
        self._random = Random(0)

    def open(self, origin_ns: int) -> Reading:
        """Connects, and takes the readings that later ones are compared with."""
        self._origin_s = origin_ns / NS_PER_S
        self._session = PgSession.connect(self._dsn)
        try:
            return self._begin()
        except psycopg.Error as error:
            self._session.close()
            raise ProbeError(
                f"--watch {self.name}: it does not answer as PostgreSQL does "
                f"({type(error).__name__}); is this a server, no pooler's console?"
            ) from error

    def read(self, second: int) -> Reading:
        """What was seen in the second; takes most of the next one, whose sessions it samples."""
        reading = self._read_views(second)
        begin_s = self._origin_s + second + 1
        for count in range(SAMPLES_PER_READ):
            # At random moments, so that what happens regularly is not hit or missed by rule.
            due_s = begin_s + (count + self._random.random()) * SAMPLE_EVERY_S
            wait_s = due_s - time.monotonic()
            if count and wait_s < -SAMPLE_EVERY_S:
                break  # called late: the time of these samples has passed
            time.sleep(max(0.0, wait_s))
            reading = joined((reading, self._sample_once()))
        return reading

    def close(self) -> Reading:
        """The plans of the statements that took the most time; none over a lost connection."""
        try:
            if self._session.is_lost:
                return NOTHING
            return explain_top(self._session, self.name, self._seen)
        except psycopg.Error as error:
            return Reading(notes=(f"{self.name}: no plans ({type(error).__name__})",))
        finally:
            self._session.close()

    def _begin(self) -> Reading:
        self._failures: dict[str, int] = {}
        self._activity = ActivityHistory(self._session, self.name, self._seen)
        self._views: list[_View] = [
            self._activity,
            DatabaseCounters(self._session, self.name),
            TableCounters(self._session, self.name),
        ]
        place = find_statistics(self._session)
        if place.schema:
            counters = StatementCounters(self._session, self.name, place.schema, self._seen)
            self._views.append(counters)
        else:
            self._activity.sampled = SampledStatements(self.name, self._seen)
        first = self._read_views(0)
        self._sample_once()
        return Reading(
            components=(self._component(),),
            notes=(*first.notes, *((f"{self.name}: {place.missing}",) if place.missing else ())),
        )

    def _read_views(self, second: int) -> Reading:
        now_s = time.monotonic()
        return joined(
            [self._guarded(view, partial(view.read, second, now_s)) for view in self._views]
        )

    def _sample_once(self) -> Reading:
        return self._guarded(self._activity, self._sample)

    def _sample(self) -> Reading:
        self._activity.sample()
        return NOTHING

    def _guarded(self, view: _View, call: Callable[[], Reading]) -> Reading:
        """What the call gives. A view that keeps failing is left out; a lost connection is not its
        fault."""
        try:
            reading = call()
        except psycopg.Error as error:
            if self._session.is_lost:
                raise ProbeError(f"{self.name}: the connection was lost") from error
            self._failures[view.what] = self._failures.get(view.what, 0) + 1
            if self._failures[view.what] < TRIES:
                return NOTHING
            self._views = [one for one in self._views if one is not view]
            return Reading(notes=(f"{self.name}: {view.what} not read: {type(error).__name__}",))
        self._failures[view.what] = 0
        return reading

    def _component(self) -> Component:
        version = self._session.rows("SELECT current_setting('server_version')")[0][0]
        return Component(
            subject=self.name,
            runtime=f"postgresql {version.split()[0]}",
            detail=f"database {self.name.removeprefix('db:')}",
            port=int(self.name.rpartition(":")[2]),
        )
