"""Statements counted from samples of sessions: what can be had without pg_stat_statements.

Time is sound: a statement found in 3 of 10 samples took 0.3 s of each second. Calls are a guess. A
call of duration d caught at a random moment has run for d/2 on average (renewal theory; d where
durations are exponential), so calls ≈ time / (2 · mean age), a lower bound within a factor of two
or so. Rows and blocks cannot be told, and a statement that is quick and rare is not seen at all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from perfwright.model.statements import normalize
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import StatementTally
from perfwright.observe.pg_seen import SeenStatements

MAX_STATEMENTS = 1000
_SHORTEST_AGE_S = 20e-6


@dataclass(slots=True)
class _Ages:
    text: str
    total_s: float = 0.0
    count: int = 0

    @property
    def duration_s(self) -> float:
        return 2 * max(self.total_s / self.count, _SHORTEST_AGE_S)


class SampledStatements:
    def __init__(self, subject: str, seen: SeenStatements) -> None:
        self._subject = subject
        self._seen = seen
        self._ages: dict[str, _Ages] = {}
        self._found: Counter[str] = Counter()
        self._read_at_s: float | None = None

    def add(self, fingerprint: str, query: str, age_s: float) -> None:
        """One session was found in `query`, which had begun `age_s` ago."""
        if fingerprint not in self._ages and len(self._ages) >= MAX_STATEMENTS:
            return
        ages = self._ages.setdefault(fingerprint, _Ages(query))
        ages.total_s += age_s
        ages.count += 1
        self._found[fingerprint] += 1

    def read(self, second: int, now_s: float, samples: int) -> tuple[StatementTally, ...]:
        """The tallies of the time since the last call, in which `samples` were taken."""
        elapsed_s = 1.0 if self._read_at_s is None else now_s - self._read_at_s
        self._read_at_s = now_s
        found, self._found = self._found, Counter()
        return tuple(
            self._tally(second, fingerprint, elapsed_s * count / samples)
            for fingerprint, count in found.items()
        )

    def _tally(self, second: int, fingerprint: str, time_s: float) -> StatementTally:
        ages = self._ages[fingerprint]
        self._seen.add_time(fingerprint, ages.text, time_s * NS_PER_S)
        return StatementTally(
            second=second,
            subject=self._subject,
            fingerprint=fingerprint,
            text=normalize(ages.text),
            calls=time_s / ages.duration_s,
            total_ns=time_s * NS_PER_S,
        )
