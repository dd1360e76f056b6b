"""An active-session history: `pg_stat_activity` sampled several times a second.

    session A  ██ CPU ██░░ Lock:transactionid ░░░░██ CPU
    session B  ██████████████ IO:DataFileRead ██          sample ─► 1 on CPU, 1 on a lock
    session C  ···· idle ······················
                        ▲

The mean number of sessions in a state is, by Little's law, the seconds a second spent in it: 0.8
sessions in `Lock:transactionid` are 0.8 s of waiting per second. Background processes (autovacuum,
checkpointer) and perfwright's own session are left out; parallel workers count as waits of their
own. Reference: PostgreSQL manual, "The Cumulative Statistics System", wait event tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from perfwright.model.metrics import DB_BLOCKED, DB_SESSIONS, DB_WAITS
from perfwright.model.statements import fingerprint, normalize
from perfwright.model.watched import Reading, Sample
from perfwright.observe.pg_blocking import BlockingStory
from perfwright.observe.pg_sampled import SampledStatements
from perfwright.observe.pg_seen import SeenStatements
from perfwright.observe.pg_session import PgSession

_SELECT = """
    SELECT pid, coalesce(backend_type, 'client backend') = 'client backend',
        replace(split_part(coalesce(state, 'unknown'), ' (', 1), ' ', '_'),
        wait_event_type, wait_event, CASE WHEN state <> 'idle' THEN query ELSE '' END,
        extract(epoch FROM clock_timestamp() - query_start)::float8,
        extract(epoch FROM clock_timestamp() - state_change)::float8,
        CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END
    FROM pg_stat_activity
    WHERE datname = current_database() AND application_name <> 'perfwright'
        AND coalesce(backend_type, 'client backend') IN ('client backend', 'parallel worker')
"""
_STATES = ("active", "idle", "idle_in_transaction")
_NOT_OURS = "<insufficient privilege>"
PRIVILEGE_NOTE = (
    "what other users' sessions do cannot be seen; GRANT pg_monitor TO the user that perfwright "
    "connects as"
)


@dataclass(frozen=True, slots=True)
class PgBackend:
    """One session in one sample. Seconds are None where they may not be seen."""

    pid: int
    is_client: bool
    state: str
    wait_type: str | None
    wait_name: str | None
    query: str
    query_age_s: float | None
    state_age_s: float | None
    blocked_by: list[int]

    @property
    def is_working(self) -> bool:
        return self.state in ("active", "idle_in_transaction")

    @property
    def is_blocked(self) -> bool:
        return self.wait_type == "Lock"

    @property
    def wait(self) -> str:
        """`Type:event` as PostgreSQL names it; `CPU` where it waits for nothing."""
        return f"{self.wait_type}:{self.wait_name}" if self.wait_type else "CPU"

    @property
    def is_readable(self) -> bool:
        """Whether its statement could be seen, and is all there."""
        return bool(self.query) and self.query != _NOT_OURS

    @property
    def statement(self) -> str:
        """Normalized."""
        return normalize(self.query) if self.is_readable else "a statement that may not be seen"


class ActivityHistory:
    """Collects samples for a second, then tells the second."""

    what = "pg_stat_activity"

    def __init__(self, session: PgSession, subject: str, seen: SeenStatements) -> None:
        self._session = session
        self._subject = subject
        self._seen = seen
        self._samples: list[list[PgBackend]] = []
        self._waits_known: set[str] = set()
        self._blocking = BlockingStory(subject)
        self._longest = self._longest_text()
        self.sampled: SampledStatements | None = None
        """Set where statements must be counted from samples, for want of statistics."""

    def sample(self) -> None:
        """Takes one sample; some milliseconds."""
        backends = [PgBackend(*row) for row in self._session.rows(_SELECT)]
        self._samples.append(backends)
        for backend in backends:
            if backend.state == "active" and backend.is_client and backend.is_readable:
                self._learn(backend)

    def read(self, second: int, now_s: float) -> Reading:
        """What the samples since the last call come to."""
        samples, self._samples = self._samples, []
        if not samples:
            return Reading()
        backends = [backend for sample in samples for backend in sample]
        hidden = any(one.state == "unknown" or one.query == _NOT_OURS for one in backends)
        return Reading(
            samples=tuple(self._gauges(second, backends, len(samples))),
            statements=self.sampled.read(second, now_s, len(samples)) if self.sampled else (),
            occurrences=self._blocking.of_second(second, samples),
            notes=(f"{self._subject}: {PRIVILEGE_NOTE}",) if hidden else (),
        )

    def _gauges(self, second: int, backends: list[PgBackend], samples: int) -> Iterable[Sample]:
        states = Counter(one.state for one in backends if one.is_client)
        waits = Counter(one.wait for one in backends if one.is_working)
        self._waits_known |= set(waits)
        counts = [(DB_SESSIONS, "", states.total())]
        counts += [(DB_SESSIONS, state, states[state]) for state in _STATES]
        counts += [(DB_WAITS, wait, waits[wait]) for wait in sorted(self._waits_known)]
        counts += [(DB_BLOCKED, "", sum(one.is_blocked for one in backends))]
        for metric, label, count in counts:
            yield Sample(
                second=second,
                metric=metric,
                subject=self._subject,
                value=count / samples,
                label=label,
            )

    def _learn(self, backend: PgBackend) -> None:
        mark = fingerprint(backend.query)
        if len(backend.query.encode()) < self._longest and "$1" not in backend.query:
            self._seen.add_example(mark, backend.query)
        if self.sampled:
            self.sampled.add(mark, backend.query, backend.query_age_s or 0.0)

    def _longest_text(self) -> int:
        """Bytes of a statement that the server shows; one that long may be cut off."""
        setting = "SELECT setting::int FROM pg_settings WHERE name = 'track_activity_query_size'"
        return int(self._session.rows(setting)[0][0]) - 1
