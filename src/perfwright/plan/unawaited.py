"""Finds `user.get(…)` that nobody awaits: it would send nothing, and nobody would say so.

Python warns of a coroutine that was never awaited; the user's operations are lighter things than
coroutines, and pass in silence. So a test file's text is read for statements like

    user.think(1)              await is missing
    await user.think(1)        fine
    wait = user.think(1)       awaited later, perhaps: not judged

where `user` is what a marked function is given, or a parameter called `user` or annotated `User`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_OPERATIONS = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "request"}
    | {"think", "pace", "gather", "asyncio", "thread"}
)
_MARKS = frozenset({"scenario", "setup", "teardown", "user_start"})


def unawaited(source: bytes) -> tuple[int, str] | None:
    """The first such statement: its line and what is called, like `user.think`."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.AsyncFunctionDef):
            users = set(_users(function))
            for statement in ast.walk(function):
                if isinstance(statement, ast.Expr) and (called := _called(statement, users)):
                    return statement.lineno, called
    return None


def _users(function: ast.AsyncFunctionDef) -> Iterator[str]:
    parameters = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    if parameters and any(_last_name(mark) in _MARKS for mark in function.decorator_list):
        yield parameters[0].arg
    for parameter in parameters:
        if parameter.arg == "user" or _last_name(parameter.annotation) == "User":
            yield parameter.arg


def _last_name(expression: ast.expr | None) -> str | None:
    """`c` of `c`, `a.b.c` and `c(…)`."""
    if isinstance(expression, ast.Call):
        expression = expression.func
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else None


def _called(statement: ast.Expr, users: set[str]) -> str | None:
    match statement.value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=operation)):
            if name in users and operation in _OPERATIONS:
                return f"{name}.{operation}"
    return None
