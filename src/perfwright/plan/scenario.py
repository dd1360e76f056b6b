"""Marks what a test file's functions are for: `@scenario`, `@setup`, `@teardown`, `@user_start`.

    @scenario(weight=3)            @setup
    async def buy(user): …         async def make_account(user): …

A decorator hands the very same function back with a mark on it; nothing is registered anywhere. The
loader reads the marks off the module's names, in the order of their definition.

A function that is not `async def`, or does not take exactly one argument (the user), is a PlanError
that names function, file and line.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, overload

from perfwright.model.errors import PlanError

UserFunction = Callable[[Any], Awaitable[Any]]
"""An `async def` of one argument, the `perfwright.User`."""

Role = Literal["scenario", "setup", "teardown", "user_start"]
F = TypeVar("F", bound=UserFunction)

_MARK = "__perfwright_mark__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a decorated function is. `name` and `weight` are of scenarios; a scenario is chosen with
    probability weight ÷ sum of weights."""

    role: Role
    name: str
    weight: float = 1.0


@overload
def scenario(function: F) -> F: ...
@overload
def scenario(*, weight: float = 1.0, name: str | None = None) -> Callable[[F], F]: ...
def scenario(
    function: F | None = None, *, weight: float = 1.0, name: str | None = None
) -> F | Callable[[F], F]:
    """Marks an `async def` as one kind of user journey, chosen in proportion to its `weight` (> 0).

    `name` is shown in reports and used in `Test(load={name: …})`; by default the function's own.
    """
    if isinstance(weight, bool) or not isinstance(weight, (int, float)):
        raise PlanError(f"@scenario(weight={weight!r}): give a number above zero")
    if not 0 < weight < math.inf:
        raise PlanError(f"@scenario(weight={weight!r}): it must be finite and above zero")

    def mark(function: F) -> F:
        return _marked(function, "scenario", name, float(weight))

    return mark if function is None else mark(function)


def setup(function: F) -> F:
    """Marks the `async def` that runs once, before the load. What it returns (JSON-able) reaches
    every worker."""
    return _marked(function, "setup")


def teardown(function: F) -> F:
    """Marks the `async def` that runs once, after the load; what it raises fails the run."""
    return _marked(function, "teardown")


def user_start(function: F) -> F:
    """Marks the `async def` that runs once for each virtual user, before its first iteration."""
    return _marked(function, "user_start")


def mark_of(function: object) -> Mark | None:
    """The mark that a decorator left, if any."""
    mark = getattr(function, _MARK, None) if inspect.isfunction(function) else None
    return mark if isinstance(mark, Mark) else None


def written_at(function: UserFunction) -> str:
    """`file:line` of the function's definition."""
    code = inspect.unwrap(function).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def _marked(function: F, role: Role, name: str | None = None, weight: float = 1.0) -> F:
    _require_user_function(function, role)
    setattr(function, _MARK, Mark(role=role, name=name or function.__name__, weight=weight))
    return function


def _require_user_function(function: object, role: Role) -> None:
    if not inspect.isfunction(function):
        raise PlanError(f"@{role}: {function!r} is no function; put it above an `async def`")
    where = f"@{role} {function.__name__} ({written_at(function)})"
    if inspect.isasyncgenfunction(function):
        raise PlanError(f"{where} has a `yield` in it; await instead")
    if not inspect.iscoroutinefunction(function):
        raise PlanError(f"{where} is no coroutine; write `async def {function.__name__}(user):`")
    if not _takes_one(inspect.signature(function).parameters):
        raise PlanError(
            f"{where} must take one argument, the user: `async def {function.__name__}(user):`"
        )


def _takes_one(parameters: Mapping[str, inspect.Parameter]) -> bool:
    try:
        inspect.Signature(list(parameters.values())).bind(None)
    except TypeError:
        return False
    return True
