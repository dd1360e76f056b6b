"""Both targets under the same load in turn, in one measurement: base, candidate, candidate, base.

    round 1      round 2     …          a slot is a run of its own in the store, a few seconds long
    A B B A      A B B A                a round's slots share a seed: the same arrivals and data

Ctrl-C ends the measurement after the round that was whole.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.analyze.interleaved import BLOCKS_MIN, interleaved_pairs
from perfwright.analyze.judging import MARGIN
from perfwright.analyze.what_grew import Side
from perfwright.model.errors import UsageError
from perfwright.model.frame import Frame
from perfwright.model.manifest import INTERLEAVED
from perfwright.model.units import format_duration
from perfwright.model.verdict import Status
from perfwright.model.watched import joined
from perfwright.plan.test_plan import TestPlan
from perfwright.store.reader import Store
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.compare import Compared, compared, judged_frames, side_of
from perfwright.workflow.options import RunOptions
from perfwright.workflow.run import run_test

_BASE, _CANDIDATE = 0, 1
_ORDER = (_BASE, _CANDIDATE, _CANDIDATE, _BASE)
_SIDES = ("base", "candidate")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    side: int
    run: StoredRun
    frames: Sequence[Frame]


def interleave(
    plans: tuple[TestPlan, TestPlan],
    options: RunOptions,
    *,
    rounds: int,
    margin: float = MARGIN,
) -> Compared:
    """`plans`: the same test against the base and against the candidate, as long as a slot.
    UsageError where not even `BLOCKS_MIN` rounds were whole; what `run_test` raises."""
    if rounds < BLOCKS_MIN:
        raise UsageError(f"--rounds: {rounds} are too few to compare; at least {BLOCKS_MIN}")
    whole: list[list[_Slot]] = []
    for number in range(rounds):
        slots = _round(plans, options, number, rounds)
        if len(slots) < len(_ORDER):
            break
        whole.append(slots)
    if len(whole) < BLOCKS_MIN:
        raise UsageError(
            f"interleaving ended after {len(whole)} of {rounds} rounds; {BLOCKS_MIN} are needed"
        )
    blocks = [(_frames(slots, _BASE), _frames(slots, _CANDIDATE)) for slots in whole]
    slots = [slot for slots in whole for slot in slots]
    return compared(
        (slots[0].run.manifest, slots[1].run.manifest),
        interleaved_pairs(blocks),
        (_side(slots, _BASE), _side(slots, _CANDIDATE)),
        margin=margin,
        notes=(_how(slots, plans[0].test.duration_s), *_doubts(slots)),
    )


def _round(
    plans: tuple[TestPlan, TestPlan], options: RunOptions, number: int, rounds: int
) -> list[_Slot]:
    """Its slots, as far as it came."""
    slots: list[_Slot] = []
    for place, side in enumerate(_ORDER):
        options.say(f"round {number + 1} of {rounds}: {_SIDES[side]}")
        plan = plans[side]
        test = plan.test.replaced(seed=plan.test.seed + number)
        labelled = dataclasses.replace(
            options,
            name=f"{_SIDES[side]} {number + 1}.{place + 1}",
            tags=(*options.tags, INTERLEAVED),
        )
        finished = run_test(dataclasses.replace(plan, test=test), labelled)
        if finished.manifest.state != "finished":
            break
        run = Store(options.store).find(finished.manifest.run_id)
        slots.append(_Slot(side=side, run=run, frames=judged_frames(run)))
    return slots


def _frames(slots: Sequence[_Slot], side: int) -> list[Frame]:
    return [frame for slot in slots if slot.side == side for frame in slot.frames]


def _side(slots: Sequence[_Slot], side: int) -> Side:
    watched = joined(slot.run.watched() for slot in slots if slot.side == side)
    return side_of(_frames(slots, side), watched)


def _how(slots: Sequence[_Slot], slot_s: float) -> str:
    first, last = slots[0].run.manifest.run_id, slots[-1].run.manifest.run_id
    return (
        f"Interleaved: {len(slots) // len(_ORDER)} rounds of base, candidate, candidate, base, "
        f"{format_duration(slot_s)} each ({first} to {last})."
    )


def _doubts(slots: Sequence[_Slot]) -> tuple[str, ...]:
    verdicts = [slot.run.manifest.verdict for slot in slots]
    unsure = [one for one in verdicts if one and one.status is Status.INCONCLUSIVE]
    if not unsure:
        return ()
    why = f": {unsure[0].reasons[0]}" if unsure[0].reasons else ""
    return (f"{len(unsure)} of {len(slots)} slots are inconclusive themselves{why}",)
