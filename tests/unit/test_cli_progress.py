"""What is under way stands on one line of a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys

import pytest

from perfwright.cli.shared import show_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, term: str = "xterm") -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", "40")
    for text in ("reading access.log: 42%", "x" * 200, ""):
        show_progress(text)
    return stream.getvalue()


def test_each_text_takes_the_place_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(Terminal(), monkeypatch) == (
        "\rreading access.log: 42%\x1b[K" + "\r" + "x" * 39 + "\x1b[K" + "\r\x1b[K"
    )


def test_no_file_and_no_dumb_terminal_is_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(io.StringIO(), monkeypatch) == ""
    assert shown(Terminal(), monkeypatch, term="dumb") == ""
