"""Garbage collection as profiles and runtimes' own metrics show it.

native frames   gc_collect_main (CPython), runtime.gcBgMarkWorker (Go), Scavenger (V8), G1 …
pause metrics   seconds of collection: jvm_gc_*, go_gc_*, nodejs_gc_*, …   rate = share of time
counts          python_gc_collections_total by generation: how often, not how long
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from perfwright.analyze.stacks import load_of, total_load
from perfwright.analyze.view import View
from perfwright.model.stage import Stage
from perfwright.model.watched import StackCount

_FRAMES = re.compile(
    r"(^|;|\.)(gc_collect\w*|_PyGC_Collect\w*|PyGC_Collect\w*|_Py_RunGC|deduce_unreachable"
    r"|gcBgMarkWorker|gcAssistAlloc\w*|gcDrain\w*|bgsweep|bgscavenge|gcStart|\(garbage collector\)"
    r"|Scavenger\w*|MarkCompactCollector\w*|v8::internal::Heap::CollectGarbage"
    r"|G1\w+Task|GCTaskThread\w*|gc_marks\w*|gc_sweep\w*|garbage_collect\w*|rb_gc\w*|<GC>|gc)"
    r"( |;|$)"
)
_PAUSE_SECONDS = re.compile(
    r"(^|_)(gc|garbage_collect\w*)(_\w+)?_(seconds|duration_seconds|pause_seconds|time_seconds)"
    r"(_sum|_total)$"
)
COUNTS = "python_gc_collections_total"


@lru_cache(maxsize=50_000)
def collects(stack: str) -> bool:
    """Whether the thread collects garbage."""
    return _FRAMES.search(stack) is not None


def collecting_ratio(stacks: Sequence[StackCount]) -> float:
    """The part of a profile's time spent collecting, 0..1."""
    everything = total_load(stacks)
    load = sum(load_of(one) for one in stacks if collects(one.stack))
    return load / everything if everything > 0 else 0.0


def pauses(view: View) -> tuple[tuple[str, str], ...]:
    """(metric, subject) of counters of seconds spent in collection."""
    return tuple(
        sorted(
            {
                (metric, subject)
                for metric, subject, _ in view.series
                if _PAUSE_SECONDS.search(metric)
            }
        )
    )


def paused_ratio(view: View, metric: str, subject: str, stage: Stage) -> float:
    """Seconds per second, all labels together."""
    labels = view.labels(metric, subject)
    return sum(view.mean(metric, subject, label, stage=stage) or 0.0 for label in labels)


def oldest_collections_per_s(view: View, subject: str, stage: Stage) -> float | None:
    """Full collections of a Python a second; None where it does not tell."""
    labels = [one for one in view.labels(COUNTS, subject) if "2" in one]
    return (
        sum(view.mean(COUNTS, subject, one, stage=stage) or 0.0 for one in labels)
        if labels
        else None
    )
