"""Looks at all threads of a runtime, again and again: what a wall profile is made of where nobody
else makes one (Go's goroutines, a JVM's thread dumps).

    look ── pause ── look ── pause ── …      pause: the rest of 100 ms, and 20 times what the last
                                             look took, since threads may stand still meanwhile
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from perfwright.model.watched import StackCount
from perfwright.observe.profile_frames import Sampling, counted

Stacks = Counter[tuple[str, str]]
"""How often by thread and stack."""

_PERIOD_S = 0.1
_PAUSE_PER_LOOK = 20.0


def wall_profile(
    look: Callable[[], Stacks], *, moment: str, subject: str, duration_s: float
) -> tuple[StackCount, ...]:
    """Stacks of mode wall, over `duration_s`. Raises what `look` does."""
    until_s = time.monotonic() + duration_s
    total: Stacks = Counter()
    looks = 0
    while looks == 0 or time.monotonic() < until_s:
        began_s = time.monotonic()
        total += look()
        looks += 1
        took_s = time.monotonic() - began_s
        pause_s = max(_PERIOD_S - took_s, _PAUSE_PER_LOOK * took_s)
        time.sleep(max(0.0, min(pause_s, until_s - time.monotonic())))
    sampling = Sampling(
        moment=moment,
        subject=subject,
        mode="wall",
        rate_per_s=looks / duration_s,
        duration_s=duration_s,
    )
    return counted(total, sampling)
