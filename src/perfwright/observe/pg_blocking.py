"""Who waits for whose lock, told in sentences, rarely enough to be read.

    17 ─► 12 ─► 9 (idle in transaction)      17 and 12 wait; the root that holds them is 9

Sessions that wait in the same statement for a root in the same statement are one story. It is told
once in ten seconds, at most five stories a second.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from perfwright.model.watched import Occurrence

if TYPE_CHECKING:
    from perfwright.observe.pg_activity import PgBackend

REPEAT_AFTER_S = 10
STORIES_PER_SECOND = 5
_MAX_TEXT = 300


class BlockingStory:
    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._told: dict[tuple[str, str, str], int] = {}

    def of_second(self, second: int, samples: list[list[PgBackend]]) -> tuple[Occurrence, ...]:
        """The stories of the sample in which most sessions were blocked."""
        worst = max(samples, key=lambda sample: sum(one.is_blocked for one in sample))
        by_pid = {one.pid: one for one in worst}
        stories: dict[tuple[str, str, str], list[tuple[PgBackend, PgBackend | None]]]
        stories = defaultdict(list)
        for waiter in worst:
            if waiter.is_blocked:
                root = _root(waiter, by_pid)
                stories[waiter.wait, waiter.statement, root.statement if root else ""].append(
                    (waiter, root)
                )
        fresh = [key for key in stories if self._is_due(key, second)]
        fresh.sort(key=lambda key: -len(stories[key]))
        told = fresh[:STORIES_PER_SECOND]
        self._told |= dict.fromkeys(told, second)
        return tuple(
            Occurrence(
                second=second, subject=self._subject, kind="blocked", message=_tell(stories[key])
            )
            for key in told
        )

    def _is_due(self, key: tuple[str, str, str], second: int) -> bool:
        return second - self._told.get(key, -REPEAT_AFTER_S) >= REPEAT_AFTER_S


def _root(waiter: PgBackend, by_pid: dict[int, PgBackend]) -> PgBackend | None:
    """The session at the end of the queue; None where it is in another database, or prepared."""
    passed = {waiter.pid}
    current = waiter
    while current.blocked_by:
        pid = next((pid for pid in current.blocked_by if pid not in passed), None)
        if pid is None or pid not in by_pid:
            break
        current = by_pid[pid]
        passed.add(pid)
    return None if current is waiter else current


def _tell(pairs: list[tuple[PgBackend, PgBackend | None]]) -> str:
    waiter, root = pairs[0]
    longest_s = max(one.query_age_s or 0.0 for one, _ in pairs)
    sessions = "1 session waits" if len(pairs) == 1 else f"{len(pairs)} sessions wait"
    what = f"{sessions} ({waiter.wait}, up to {longest_s * 1000:.0f} ms) in: {_short(waiter)}"
    if root is None:
        return f"{what} — for a session that cannot be seen"
    if root.state == "idle_in_transaction":
        idle_ms = (root.state_age_s or 0.0) * 1000
        doing = f"has sat idle in its transaction for {idle_ms:.0f} ms after"
    else:
        doing = f"is in ({root.wait})"
    return f"{what} — for a session that {doing}: {_short(root)}"


def _short(backend: PgBackend) -> str:
    text = backend.statement
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
