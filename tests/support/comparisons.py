"""A comparison of two whole runs, with profiles and statements, in which one step became slower."""

from __future__ import annotations

import dataclasses
import functools
import tempfile
from pathlib import Path

from support.flames import flame_stacks
from support.judged_runs import stored, wandering
from support.views import DB, fingerprint

from perfwright.model.watched import Reading, StatementTally
from perfwright.workflow.compare import Compared, compare

BASE, CANDIDATE = "20261122-170501-aaaa", "20261122-180501-bbbb"
_STATEMENT = "SELECT * FROM items WHERE order_id = ?"


@functools.cache
def slower_comparison() -> Compared:
    """`POST /orders` takes 1.15 times as long; `GET /items` as long as before."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        stored(store, BASE, wandering(1, watched=_watched("low", 1.0)))
        candidate = wandering(2, slower={"POST /orders": 1.15}, watched=_watched("knee", 4.0))
        stored(store, CANDIDATE, candidate, seed=8, git_commit="b81d0aa")
        return compare(store, BASE, CANDIDATE)


def _watched(moment: str, calls: float) -> Reading:
    """Profiles of a moment of `flame_stacks`, as of a plain run, and a statement's calls."""
    return Reading(
        stacks=tuple(
            dataclasses.replace(stack, moment="run")
            for stack in flame_stacks()
            if stack.moment == moment
        ),
        statements=tuple(
            StatementTally(
                second=second,
                subject=DB,
                fingerprint=fingerprint(_STATEMENT),
                text=_STATEMENT,
                calls=120 * calls,
                total_ns=120 * calls * 2e6,
            )
            for second in range(30)
        ),
    )
