"""Ctrl-C once stops the load, twice unwinds it, three times ends us; the handlers come back."""

from __future__ import annotations

import signal

import pytest

from perfwright.workflow.interrupts import interrupts


class Load:
    def __init__(self) -> None:
        self.stops: list[bool] = []

    def stop(self, *, now: bool = False) -> None:
        self.stops.append(now)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_each_signal_goes_a_step_further(number: signal.Signals) -> None:
    load, said = Load(), []
    with interrupts(load, said.append) as counter:
        signal.raise_signal(number)
        assert load.stops == [False]
        signal.raise_signal(number)
        assert load.stops == [False, True]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert counter.count == 3
    assert [line.partition(":")[0] for line in said] == ["Stopping", "Stopping at once."]


def test_the_handlers_from_before_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(ValueError, match="x"), interrupts(Load(), print):
        raise ValueError("x")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
