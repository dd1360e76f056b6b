"""The live view of a run on stderr: a sink that repaints once a second, or writes plain lines.

A terminal gets the picture of `live_screen.py`, which disappears when the run ends, so that the
final text can take its place. Anything else (a pipe, a CI log, a dumb terminal) gets one plain line
every second, every five in runs above a minute. A frame costs below 5 ms of CPU.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.report.live_screen import draw, plain_line
from perfwright.report.live_state import Judge, LiveState
from perfwright.report.load_words import load_length_s

_SHORT_RUN_S = 60.0
_PLAIN_EVERY_S = 5


class LiveView:
    """A `Sink` for people. `judge` evaluates the SLO lights; without one they stay grey."""

    def __init__(
        self,
        *,
        stream: TextIO | None = None,
        judge: Judge | None = None,
        interactive: bool | None = None,
    ) -> None:
        self._stream = stream if stream is not None else sys.stderr
        dumb = os.environ.get("TERM", "") in ("", "dumb")
        is_terminal = self._stream.isatty() and not dumb
        self._interactive = is_terminal if interactive is None else interactive
        self._judge = judge
        self._state: LiveState | None = None
        self._live: Live | None = None

    def start(self, manifest: RunManifest) -> None:
        self._state = LiveState(
            manifest=manifest, length_s=load_length_s(manifest.load), judge=self._judge
        )
        if self._interactive:
            console = Console(file=self._stream, force_terminal=True, highlight=False)
            self._live = Live(
                console=console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start()
            self._paint(self._state, self._live)

    def frame(self, frame: Frame) -> None:
        state = self._state
        assert state is not None, "start comes before frame"
        state.feed(frame)
        if self._live is not None:
            self._paint(state, self._live)
        elif state.length_s <= _SHORT_RUN_S or state.seconds % _PLAIN_EVERY_S == 0:
            self._stream.write(plain_line(state) + "\n")
            self._stream.flush()

    def say(self, line: str) -> None:
        """A line that stays, above the picture; from any thread, before and after the run too."""
        if self._live is not None:
            self._live.console.print(Text(line))
        else:
            self._stream.write(line + "\n")
            self._stream.flush()

    def stop(self, manifest: RunManifest) -> None:
        """Take the picture away; `manifest` is the sink's contract and says nothing new here."""
        del manifest
        if self._live is not None:
            self._live.update(Text(), refresh=False)
            self._live.stop()
            self._live = None

    def _paint(self, state: LiveState, live: Live) -> None:
        size = live.console.size
        live.update(draw(state, width=size.width, height=size.height), refresh=True)
