"""Statements of a SQLite file, counted from looks into its callers; and their plans.

Time is sound: a statement found in 3 of 10 looks took 0.3 s of each second. Calls are a guess, for
a look tells no age: the time divided by what such a call usually takes, by its plan (30 µs for a
row found by its key; 0.1 µs for each row scanned, at least 0.5 ms, for everything else). A
statement that the file's schema does not know is another database's.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from perfwright.model.statements import fingerprint
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import StatementPlan, StatementTally
from perfwright.observe.sqlite_callers import Look
from perfwright.observe.sqlite_explain import explain_sqlite
from perfwright.observe.sqlite_file import sqlite_subject

MOST_STATEMENTS = 200
_CALL_S = 30e-6
_UNKNOWN_CALL_S = 500e-6
_SCANNED_ROW_S = 0.1e-6
_FINDS_ONE = re.compile(r"SEARCH \S+ USING INTEGER PRIMARY KEY \(rowid=\?\)")


class SampledCallers:
    """Use: `add` each look, then `read` once a second; `plans` has what was not told yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._plans: dict[str, StatementPlan | None] = {}
        self._untold: list[StatementPlan] = []
        self._found: Counter[str] = Counter()
        self._looks = 0
        self._read_at_s: float | None = None

    def add(self, look: Look) -> None:
        self._looks += 1
        self._found.update(look.statements)

    def plans(self) -> tuple[StatementPlan, ...]:
        """The plans of statements seen for the first time since the last call."""
        untold, self._untold = self._untold, []
        return tuple(untold)

    def read(self, second: int, now_s: float, processes: int) -> tuple[StatementTally, ...]:
        """The tallies since the last call, in which looks went round so many processes."""
        elapsed_s = 1.0 if self._read_at_s is None else now_s - self._read_at_s
        found, looks = self._found, self._looks
        self._read_at_s, self._found, self._looks = now_s, Counter(), 0
        tallies = []
        for text, count in found.items():
            plan = self._plan(text)
            if plan is not None:
                time_s = elapsed_s * processes * count / looks
                tallies.append(
                    StatementTally(
                        second=second,
                        subject=sqlite_subject(self._path),
                        fingerprint=plan.fingerprint,
                        text=text,
                        calls=time_s / _call_s(plan),
                        total_ns=time_s * NS_PER_S,
                    )
                )
        return tuple(tallies)

    def _plan(self, text: str) -> StatementPlan | None:
        mark = fingerprint(text)
        if mark not in self._plans and len(self._plans) < MOST_STATEMENTS:
            plan = next(iter(explain_sqlite(str(self._path), [text])), None)
            self._plans[mark] = plan
            if plan is not None:
                self._untold.append(plan)
        return self._plans.get(mark)


def _call_s(plan: StatementPlan) -> float:
    """What a call usually takes."""
    steps = plan.plan.splitlines()
    if plan.rows_scanned or not all(_FINDS_ONE.fullmatch(step) for step in steps):
        return max(_UNKNOWN_CALL_S, plan.rows_scanned * _SCANNED_ROW_S)
    return _CALL_S
