"""What the database's statements cost a request of the system, at one stage.

    calls per request = calls/s ÷ X        forced flow: V = X_k / X
    time per request  = V · mean time      what a request waits for it, one call after another
    share             = its time ÷ the time of all statements of that database

`X` is the throughput of the stage. Times in seconds; a stage in which nothing completed has no
costs. A statement's plan is the one with its fingerprint, whichever database explained it.
"""

from __future__ import annotations

from dataclasses import dataclass

from perfwright.analyze.view import View
from perfwright.model.stage import Stage
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import StatementPlan, StatementTally

_TOLD_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """`time_s`: per request of the system; `mean_s`: per call; `rows`, `blocks`: per call;
    `share`: of its database's time."""

    tally: StatementTally
    calls: float
    time_s: float
    mean_s: float
    rows: float
    blocks: float
    temp_blocks: float
    share: float
    calls_per_s: float

    @property
    def subject(self) -> str:
        return self.tally.subject

    @property
    def verb(self) -> str:
        return self.tally.text.split(None, 1)[0].upper() if self.tally.text.strip() else ""

    @property
    def told(self) -> str:
        """The statement as people read it."""
        return one_line(self.tally.text)


def one_line(statement: str) -> str:
    """A statement on one line, cut where it is long."""
    text = " ".join(statement.split())
    return text if len(text) <= _TOLD_CHARACTERS else text[: _TOLD_CHARACTERS - 1] + "…"


def costs(view: View, stage: Stage) -> tuple[Cost, ...]:
    """Of every statement called in the stage, the one that takes most time first."""
    tallies = [one for one in view.statements(stage) if one.calls > 0]
    rate = stage.throughput_per_s
    if rate <= 0 or not tallies:
        return ()
    whole: dict[str, float] = {}
    for tally in tallies:
        whole[tally.subject] = whole.get(tally.subject, 0.0) + tally.total_ns
    return tuple(_cost(tally, rate, stage.duration_s, whole[tally.subject]) for tally in tallies)


def cost_at(view: View, stage: Stage, cost: Cost) -> Cost | None:
    """The same statement at another stage; None where it was not called."""
    return next(
        (
            one
            for one in costs(view, stage)
            if (one.subject, one.tally.fingerprint) == (cost.subject, cost.tally.fingerprint)
        ),
        None,
    )


def plan_of(view: View, cost: Cost) -> StatementPlan | None:
    """The last plan of the statement."""
    plans = [one for one in view.watched.plans if one.fingerprint == cost.tally.fingerprint]
    return plans[-1] if plans else None


def _cost(tally: StatementTally, rate: float, seconds: float, whole_ns: float) -> Cost:
    calls_per_s = tally.calls / seconds
    mean_s = tally.total_ns / tally.calls / NS_PER_S
    return Cost(
        tally=tally,
        calls=calls_per_s / rate,
        time_s=mean_s * calls_per_s / rate,
        mean_s=mean_s,
        rows=tally.rows / tally.calls,
        blocks=(tally.blocks_hit + tally.blocks_read) / tally.calls,
        temp_blocks=tally.temp_blocks / tally.calls,
        share=tally.total_ns / whole_ns if whole_ns > 0 else 0.0,
        calls_per_s=calls_per_s,
    )
