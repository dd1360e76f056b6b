"""The live view fits its terminal, tells the truth so far, and falls back to plain lines."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.cells import cell_len
from support.odd_runs import HOSTILE
from support.runs import SLOW_SECOND, demo_frames, demo_manifest

from perfwright.model.frame import Frame, StepTally, Tally, merged
from perfwright.model.protocols import Sink
from perfwright.model.verdict import SloResult
from perfwright.report.live import LiveView
from perfwright.report.live_screen import draw, sparkline
from perfwright.report.live_state import RECENT_S, LiveState

FRAMES = demo_frames()


def state_after(seconds: int) -> LiveState:
    state = LiveState(manifest=demo_manifest(), length_s=40.0)
    for frame in FRAMES[:seconds]:
        state.feed(frame)
    return state


@pytest.mark.parametrize("size", [(80, 24), (60, 12), (200, 50), (40, 6)])
@pytest.mark.parametrize("seconds", [0, 1, 30, 40])
def test_the_picture_fits_its_terminal(size: tuple[int, int], seconds: int) -> None:
    width, height = size
    lines = draw(state_after(seconds), width=width, height=height).plain.split("\n")
    assert len(lines) < height
    assert max(cell_len(line) for line in lines) <= width


def test_hostile_step_names_neither_widen_nor_control_it() -> None:
    state = LiveState(manifest=dataclasses.replace(demo_manifest(), name=HOSTILE[3]), length_s=9.0)
    tally = Tally(steps={name: StepTally(requests=3) for name in HOSTILE})
    state.feed(Frame(second=0, by_worker={}, total=tally))
    text = draw(state, width=80, height=24).plain
    assert max(cell_len(line) for line in text.split("\n")) <= 80
    assert "\x1b" not in text


def test_it_counts_as_the_whole_run_counts() -> None:
    state, whole = state_after(40), merged(frame.total for frame in FRAMES)
    assert (state.requests, state.errors) == (whole.requests(), whole.errors())
    assert state.response.pairs() == whole.measure("response").pairs()
    recent = merged(frame.total for frame in FRAMES[-RECENT_S:])
    assert state.recent_response().pairs() == recent.measure("response").pairs()


def test_the_time_left_shrinks_to_nothing() -> None:
    assert "10 s left" in draw(state_after(30), width=80, height=24).plain
    assert "finishing" in draw(state_after(40), width=80, height=24).plain


def test_the_ramp_is_said_to_be_unjudged() -> None:
    assert "not judged" in draw(state_after(5), width=80, height=24).plain
    assert "not judged" not in draw(state_after(15), width=80, height=24).plain


def test_lights_follow_the_judge_who_sees_every_second() -> None:
    seen: list[Frame] = []

    def judge(frame: Frame) -> list[SloResult]:
        seen.append(frame)
        return [SloResult(expr="p99 < 300ms", value=500.0, limit=300.0, unit="ms", ok=False)]

    state = LiveState(manifest=demo_manifest(), length_s=40.0, judge=judge)
    for frame in FRAMES[:12]:
        state.feed(frame)
    assert seen == FRAMES[:12]
    text = draw(state, width=80, height=24).plain
    assert "✗ p99 < 300ms 500 ms" in text
    assert "· errors < 1%" in text


def test_a_sparkline_runs_from_zero_to_its_peak() -> None:
    assert sparkline([0, 50, 100], 10) == "▁▅█"
    assert sparkline([0, 0], 10) == "▁▁"
    assert sparkline([1, 2, 3, 4], 2) == "▆█"
    assert sparkline([], 5) == ""


def test_a_pipe_gets_one_plain_line_a_second() -> None:
    stream = io.StringIO()
    view = LiveView(stream=stream)
    assert isinstance(view, Sink)
    view.start(demo_manifest())
    for frame in FRAMES:
        view.frame(frame)
    view.stop(demo_manifest(state="finished"))
    lines = stream.getvalue().splitlines()
    assert len(lines) == len(FRAMES)
    assert "errors" in lines[SLOW_SECOND]
    assert "\x1b" not in stream.getvalue()


def test_a_long_run_writes_a_line_every_five_seconds() -> None:
    stream = io.StringIO()
    load = {"": {"model": "open", "segments": [[0, 600, 100, 100]]}}
    view = LiveView(stream=stream)
    view.start(dataclasses.replace(demo_manifest(), load=load))
    for frame in FRAMES:
        view.frame(frame)
    assert len(stream.getvalue().splitlines()) == len(FRAMES) // 5


def test_a_terminal_gets_a_picture_that_is_taken_away_at_the_end() -> None:
    stream = io.StringIO()
    view = LiveView(stream=stream, interactive=True)
    view.start(demo_manifest())
    view.frame(FRAMES[0])
    assert "throughput" in stream.getvalue()
    view.stop(demo_manifest(state="finished"))
    view.stop(demo_manifest(state="finished"))
    assert stream.getvalue().endswith("\x1b[2K")
