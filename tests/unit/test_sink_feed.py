"""A sink's own thread: slow, failing and hanging sinks never touch the run."""

from __future__ import annotations

import threading

import pytest
from support.runs import demo_frames, demo_manifest

from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.workflow.sink_feed import SinkFeed

FRAMES = demo_frames(seconds=3, workers=1)
SOON_S = 10.0


class Kept:
    """Keeps what it gets; fails, or waits, where it is told to."""

    def __init__(self, *, fails_at: int | None = None, gate: threading.Event | None = None) -> None:
        self.seconds: list[int] = []
        self.states: list[str] = []
        self._fails_at = fails_at
        self._gate = gate

    def start(self, manifest: RunManifest) -> None:
        self.states.append(manifest.state)

    def frame(self, frame: Frame) -> None:
        if self._gate is not None:
            self._gate.wait(SOON_S)
        if frame.second == self._fails_at:
            raise OSError("the wire broke")
        self.seconds.append(frame.second)

    def stop(self, manifest: RunManifest) -> None:
        self.states.append(manifest.state)
        if self._fails_at == -1:
            raise OSError("no more room")


def fed(sink: Kept) -> list[str]:
    """What was said about failures when the sink got all frames."""
    failures: list[str] = []
    feed = SinkFeed(sink, failures.append)
    feed.start(demo_manifest())
    for frame in FRAMES:
        feed.frame(frame)
    feed.stop(demo_manifest(state="finished"), SOON_S)
    return failures


def test_a_sink_gets_every_frame_in_order_and_the_last_manifest() -> None:
    sink = Kept()
    assert fed(sink) == []
    assert sink.seconds == [0, 1, 2]
    assert sink.states == ["running", "finished"]


def test_a_failing_sink_is_switched_off_noted_once_and_still_stopped() -> None:
    sink = Kept(fails_at=1)
    assert fed(sink) == ["Kept failed and got nothing from second 1 on: the wire broke"]
    assert sink.seconds == [0]
    assert sink.states == ["running", "finished"]


def test_a_failure_at_the_end_is_noted() -> None:
    assert fed(Kept(fails_at=-1)) == ["Kept failed at its end: no more room"]


def test_a_slow_sink_holds_nobody_up_and_can_be_waited_for() -> None:
    gate = threading.Event()
    sink = Kept(gate=gate)
    feed = SinkFeed(sink, pytest.fail)
    feed.start(demo_manifest())
    for frame in FRAMES:
        feed.frame(frame)
    assert not feed.drain(0.0)
    gate.set()
    assert feed.drain(SOON_S)
    assert sink.seconds == [0, 1, 2]
    feed.stop(demo_manifest(), SOON_S)


def test_a_hanging_sink_is_left_behind() -> None:
    gate = threading.Event()
    failures: list[str] = []
    feed = SinkFeed(Kept(gate=gate), failures.append)
    feed.start(demo_manifest())
    feed.frame(FRAMES[0])
    feed.stop(demo_manifest(), 0.0)
    assert failures == ["Kept was still busy 0 s after the end and was left behind"]
    gate.set()


def test_a_sink_that_cannot_start_says_so_and_needs_no_stop() -> None:
    class Closed(Kept):
        def start(self, _: RunManifest) -> None:
            raise OSError("closed")

    feed = SinkFeed(Closed(), pytest.fail)
    with pytest.raises(OSError, match="closed"):
        feed.start(demo_manifest())
    feed.stop(demo_manifest(), SOON_S)
