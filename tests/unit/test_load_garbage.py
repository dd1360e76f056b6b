"""Cyclic garbage in a worker: freed as it grows, whatever is alive meanwhile."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from perfwright.load.garbage import GarbageWatch


@pytest.fixture
def watch() -> Iterator[GarbageWatch]:
    yield GarbageWatch()
    gc.unfreeze()
    gc.enable()


class Node:
    def __init__(self) -> None:
        self.me = self
        self.rest = [[] for _ in range(60)]  # type: ignore[var-annotated]


def test_young_cycles_are_freed_when_enough_were_made(watch: GarbageWatch) -> None:
    first = weakref.ref(Node())
    watch.look()
    assert first() is not None, "one is not worth a pass"
    for _ in range(1000):
        Node()
    watch.look()
    assert first() is None


def test_what_was_alive_in_a_pass_is_freed_by_a_later_one(watch: GarbageWatch) -> None:
    alive = [Node() for _ in range(1000)]
    watch.look()
    old = weakref.ref(alive[0])
    for _ in range(6):
        alive = [Node() for _ in range(1000)]
        watch.look()
    assert old() is None
    assert alive


def test_objects_that_go_without_a_cycle_make_no_pass(watch: GarbageWatch) -> None:
    passes = _passes()
    for _ in range(100):
        lists = [[n] for n in range(2000)]
        del lists
        watch.look()
    assert _passes() == passes


def _passes() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())
