"""Counters that come and go are differenced without inventing history."""

from __future__ import annotations

from perfwright.observe.growth import Counts, Growth


def test_the_first_read_gives_nothing() -> None:
    assert Growth[str]().since_last({"a": Counts((5,))}, 1.0) is None


def test_a_counter_grows_by_its_difference() -> None:
    growth: Growth[str] = Growth()
    growth.since_last({"a": Counts((5, 1))}, 1.0)
    grown = growth.since_last({"a": Counts((9, 1))}, 3.0)
    assert grown is not None
    assert grown.by == {"a": (4, 0)}
    assert grown.elapsed_s == 2.0
    assert grown.per_s(0) == 2.0


def test_what_was_born_since_counts_from_its_beginning_what_was_only_not_seen_does_not() -> None:
    growth: Growth[str] = Growth()
    growth.since_last({}, 10.0)
    grown = growth.since_last({"new": Counts((7,), 10.5), "old": Counts((900,), 3.0)}, 11.0)
    assert grown is not None
    assert grown.by == {"new": (7,), "old": (0.0,)}


def test_a_counter_that_fell_was_reset() -> None:
    growth: Growth[str] = Growth()
    growth.since_last({"a": Counts((100,))}, 1.0)
    grown = growth.since_last({"a": Counts((3,))}, 2.0)
    assert grown is not None
    assert grown.by == {"a": (0.0,)}


def test_what_vanished_is_told_with_what_it_had_counted() -> None:
    growth: Growth[str] = Growth()
    growth.since_last({"a": Counts((100,)), "b": Counts((1,))}, 1.0)
    grown = growth.since_last({"b": Counts((1,))}, 2.0)
    assert grown is not None
    assert grown.gone == {"a": (100,)}


def test_no_time_between_two_reads_gives_no_rate() -> None:
    growth: Growth[str] = Growth()
    growth.since_last({"a": Counts((1,))}, 1.0)
    assert growth.since_last({"a": Counts((2,))}, 1.0) is None
