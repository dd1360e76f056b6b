"""The supplier's desk: how many it serves at a time, who waits, and who is refused."""

from __future__ import annotations

import asyncio

import pytest

from perfwright.lab.partner.desk import Desk


async def taken_and_order(desk: Desk, questions: int) -> tuple[list[bool], list[int]]:
    """Which questions it took, and in what order it answered them."""
    answered: list[int] = []
    taken = [desk.ask(lambda number=number: answered.append(number)) for number in range(questions)]
    while len(answered) < sum(taken):
        await asyncio.sleep(0.001)
    return taken, answered


@pytest.mark.parametrize(
    ("clerks", "room", "taken"),
    [(None, None, 6), (2, None, 6), (2, 1, 3), (2, 0, 2)],
)
def test_it_takes_as_many_as_have_a_clerk_or_room(
    clerks: int | None, room: int | None, taken: int
) -> None:
    desk = Desk(delay_ms=1, clerks=clerks, room=room)
    took, answered = asyncio.run(taken_and_order(desk, 6))
    assert took == [True] * taken + [False] * (6 - taken)
    assert answered == list(range(taken))


def test_a_clerk_who_is_done_takes_the_next() -> None:
    async def twice() -> None:
        desk = Desk(delay_ms=1, clerks=1, room=0)
        for _ in range(2):
            took, _ = await taken_and_order(desk, 2)
            assert took == [True, False]

    asyncio.run(twice())
