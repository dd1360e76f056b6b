"""The decorators: they mark and return the very function, and refuse what cannot be a scenario."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from perfwright import scenario, setup, teardown, user_start
from perfwright.model.errors import PlanError
from perfwright.plan.scenario import Mark, mark_of


async def journey(user: Any) -> None: ...


async def with_default(user: Any, pause_s: float = 1.0) -> None: ...


def test_a_decorated_function_stays_itself_with_a_mark() -> None:
    async def buy(user: Any) -> None: ...

    assert scenario(buy) is buy
    assert mark_of(buy) == Mark(role="scenario", name="buy", weight=1)


def test_weight_and_name_can_be_given() -> None:
    async def buy(user: Any) -> None: ...

    assert scenario(weight=3, name="purchase")(buy) is buy
    assert mark_of(buy) == Mark(role="scenario", name="purchase", weight=3)


@pytest.mark.parametrize(
    ("decorator", "role"), [(setup, "setup"), (teardown, "teardown"), (user_start, "user_start")]
)
def test_the_other_roles_are_marked_too(decorator: Callable[[Any], Any], role: str) -> None:
    async def prepare(user: Any) -> None: ...

    mark = mark_of(decorator(prepare))
    assert mark is not None
    assert mark.role == role


def test_an_unmarked_function_and_a_thing_have_no_mark() -> None:
    assert mark_of(journey) is None
    assert mark_of(7) is None


def test_arguments_with_defaults_are_no_obstacle() -> None:
    assert scenario(with_default) is with_default


def not_async(user: Any) -> None: ...


async def without_user() -> None: ...


async def with_two(user: Any, other: Any) -> None: ...


async def generator(user: Any) -> Any:
    yield user


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            not_async,
            r"@scenario not_async \(.*test_scenario.py:\d+\) is no coroutine; write `async",
        ),
        (without_user, r"without_user \(.*\) must take one argument, the user: `async def"),
        (with_two, r"with_two \(.*\) must take one argument"),
        (generator, r"generator \(.*\) has a `yield` in it"),
        (functools.partial(journey), r"is no function; put it above an `async def`"),
    ],
)
def test_what_cannot_be_a_scenario_is_named_with_file_line_and_remedy(
    function: Any, message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        scenario(function)


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf"), "3", True])
def test_a_weight_must_be_a_number_above_zero(weight: Any) -> None:
    with pytest.raises(PlanError, match=r"@scenario\(weight="):
        scenario(weight=weight)
