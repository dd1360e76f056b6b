"""Values that sessions carry on are found, with how often; what is chosen anew each time is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from support.shoppers import shopping

from perfwright.analyze.workload.call_slots import CallSlot
from perfwright.analyze.workload.links import Found, find_links, with_reuse
from perfwright.model.journey import Call, Reuse, Text
from perfwright.model.traffic import ValuePlace, ValueUses

ITEM, CART, OTHER = 0, 1, 2
Request = list[tuple[int, int]]
"""(place, value) of each value that it holds."""


def slot(
    number: int, *, parameter: str = "", is_id: bool = True, is_whole: bool = True
) -> CallSlot:
    return CallSlot(
        place=ValuePlace(endpoint=number, segments=((1, "", ""),), parameter=parameter),
        endpoint=f"GET /{number}",
        parameters=("id",),
        variables=(f"id_{number}",),
        is_whole=is_whole,
        is_id=is_id,
    )


SLOTS = (slot(ITEM), slot(CART), slot(OTHER))


def uses(sessions: Sequence[Sequence[Request]]) -> ValueUses:
    requests = [(session, one) for session, requests in enumerate(sessions) for one in requests]
    rows = [
        (session, number, place, value)
        for number, (session, one) in enumerate(requests)
        for place, value in one
    ]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return ValueUses(
        session=columns[0],
        request=columns[1],
        place=columns[2],
        value=columns[3].astype(np.uint64),
    )


def found_in(
    sessions: Sequence[Sequence[Request]], slots: Sequence[CallSlot] = SLOTS
) -> tuple[Found, ...]:
    return find_links(uses(sessions), slots)


def shoppers(reuse: float, sessions: int = 2_000) -> list[list[Request]]:
    return [
        [*([(ITEM, item)] for item in looked_at), [(CART, bought)]]
        for looked_at, bought in shopping(reuse, sessions)
    ]


@pytest.mark.parametrize("reuse", [1.0, 0.5, 0.35])
def test_how_often_a_value_is_carried_on_is_recovered(reuse: float) -> None:
    (found,) = found_in(shoppers(reuse))
    assert (found.slot, found.source) == (SLOTS[CART], SLOTS[ITEM])
    assert found.link.observations == 2_000
    assert found.link.share == pytest.approx(reuse, abs=0.03)
    assert found.link.low <= reuse <= found.link.high + 1e-9
    assert found.link.high - found.link.low < 0.06


def test_chance_is_what_popularity_makes_equal() -> None:
    (found,) = found_in(shoppers(0.5))
    odds = np.arange(1, 301) ** -0.8
    assert found.link.chance == pytest.approx(((odds / odds.sum()) ** 2).sum(), rel=0.15)


def test_users_who_choose_anew_each_time_carry_nothing_on() -> None:
    assert found_in(shoppers(0.0)) == ()


def test_what_popularity_explains_is_no_link() -> None:
    rng = np.random.default_rng(3)
    sessions = [[[(ITEM, value)], [(CART, value)]] for value in rng.integers(0, 3, 500).tolist()]
    assert found_in(sessions) == ()


def test_a_few_sessions_tell_nothing_however_much_they_do() -> None:
    assert found_in(shoppers(1.0, sessions=19)) == ()
    busy = [[(place, value)] for value in range(300) for place in (ITEM, CART)]
    assert found_in([busy]) == ()


def test_it_is_the_last_value_that_counts() -> None:
    first = [[[(ITEM, n)], [(ITEM, n + 1000)], [(CART, n)]] for n in range(100)]
    assert found_in(first) == ()
    last = [[[(ITEM, n)], [(ITEM, n + 1000)], [(CART, n + 1000)]] for n in range(100)]
    assert len(found_in(last)) == 1


def test_what_came_with_or_after_a_value_or_in_another_session_was_not_before_it() -> None:
    beside = [[[(ITEM, n), (CART, n)]] for n in range(100)]
    after = [[[(CART, n)], [(ITEM, n)]] for n in range(100)]
    elsewhere = [[[(place, n)]] for n in range(100) for place in (ITEM, CART)]
    assert [found_in(beside), [one.slot for one in found_in(after)], found_in(elsewhere)] == [
        (), [SLOTS[ITEM]], (),
    ]  # fmt: skip


def test_a_place_may_take_over_its_own_value() -> None:
    (found,) = found_in([[[(ITEM, n)], [(ITEM, n)], [(ITEM, n)]] for n in range(30)])
    assert found.slot == found.source == SLOTS[ITEM]
    assert found.link.observations == 60


def test_of_several_sources_the_one_that_explains_most_is_taken() -> None:
    sessions = [[[(OTHER, n if n < 60 else -1)], [(ITEM, n)], [(CART, n)]] for n in range(100)]
    links = {one.slot.endpoint: one.source.endpoint for one in found_in(sessions)}
    assert links[SLOTS[CART].endpoint] == SLOTS[ITEM].endpoint


def test_text_is_not_carried_between_path_and_query() -> None:
    sessions = shoppers(1.0)
    text = (slot(ITEM, is_id=False), slot(CART, parameter="item", is_id=False))
    assert found_in(sessions, text) == ()
    numbers = (slot(ITEM), slot(CART, parameter="item"))
    assert len(found_in(sessions, numbers)) == 1


def test_a_part_of_a_path_is_handed_on_but_not_taken_over() -> None:
    sessions = shoppers(1.0)
    assert found_in(sessions, (slot(ITEM), slot(CART, is_whole=False))) == ()
    assert len(found_in(sessions, (slot(ITEM, is_whole=False), slot(CART)))) == 1


def test_no_values_are_no_links() -> None:
    assert found_in([]) == ()


def test_the_step_that_takes_a_value_over_says_so() -> None:
    links = found_in(shoppers(1.0))
    steps = [Call(name=one.endpoint, method="GET", url=Text(("/",))) for one in SLOTS]
    item, cart, _ = with_reuse(steps, links)
    assert item.reuses == ()
    assert cart.reuses == (Reuse((("id_1", "id_0"),), 1.0),)
