"""Perfwright: a performance engineer's whole job, from Python.

A test file imports everything it needs from here; see docs/scenarios.md. Each name is loaded when
it is first used, so that the command line starts quickly."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perfwright._kernel import Response
    from perfwright.load.user import User
    from perfwright.plan.feeders import csv, jsonl, parquet, rows
    from perfwright.plan.scenario import scenario, setup, teardown, user_start
    from perfwright.plan.shapes import arrivals, users
    from perfwright.plan.test import Test

    __version__: str

__all__ = [
    "Response",
    "Test",
    "User",
    "arrivals",
    "csv",
    "jsonl",
    "parquet",
    "rows",
    "scenario",
    "setup",
    "teardown",
    "user_start",
    "users",
]

_HOMES = {
    "Response": "perfwright._kernel",
    "Test": "perfwright.plan.test",
    "User": "perfwright.load.user",
    "arrivals": "perfwright.plan.shapes",
    "csv": "perfwright.plan.feeders",
    "jsonl": "perfwright.plan.feeders",
    "parquet": "perfwright.plan.feeders",
    "rows": "perfwright.plan.feeders",
    "scenario": "perfwright.plan.scenario",
    "setup": "perfwright.plan.scenario",
    "teardown": "perfwright.plan.scenario",
    "user_start": "perfwright.plan.scenario",
    "users": "perfwright.plan.shapes",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("perfwright")
    if name not in _HOMES:
        raise AttributeError(f"module 'perfwright' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
