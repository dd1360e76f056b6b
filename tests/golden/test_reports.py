"""Every renderer's output for the same seeded run; UPDATE_GOLDEN=1 accepts a change."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from support.exchanges import failed_upload, login
from support.odd_runs import document_of, run_named
from support.runs import SLOS, demo_frames, demo_manifest

from perfwright.model.result import CheckResult
from perfwright.model.verdict import SloResult
from perfwright.report.html import page
from perfwright.report.junit import render_junit
from perfwright.report.live_screen import draw, plain_line
from perfwright.report.live_state import LiveState
from perfwright.report.markdown import render_markdown
from perfwright.report.once import render_exchange, render_once_end
from perfwright.report.terminal import render_terminal

DATA = Path(__file__).parent / "data"


def html() -> str:
    """Without bundle, style sheet and the charts' data: what is left is ours and readable."""
    text = page(document_of("demo"), bundle="")
    text = re.sub(r"<style>.*?</style>", "<style>…</style>", text, flags=re.DOTALL)
    return re.sub(r'(<script type="application/json">).*?(</script>)', r"\1…\2", text)


def live() -> str:
    state = LiveState(manifest=demo_manifest(), length_s=40.0, judge=lambda _: _LIGHTS)
    lines = []
    for frame in demo_frames()[:31]:
        state.feed(frame)
        lines.append(plain_line(state))
    return draw(state, width=80, height=24).plain + "\n\n" + "\n".join(lines[-3:]) + "\n"


def once() -> str:
    checks = (
        CheckResult(name="logged in", passed=1, failed=0),
        CheckResult(name="photo accepted", passed=0, failed=1),
    )
    error = "Traceback (most recent call last):\n  shop.py:9 in buy\nKeyError: 'token'\n"
    exchanges = (login(), failed_upload())
    shown = [render_exchange(e, number=number) for number, e in enumerate(exchanges, 1)]
    return "".join(shown) + render_once_end(checks, error=error)


_LIGHTS = (
    SloResult(expr=SLOS[0], value=269.1, limit=300.0, unit="ms", ok=True),
    SloResult(expr=SLOS[1], value=513.0, limit=300.0, unit="ms", ok=False),
)
RENDERERS = {
    "report.html": html,
    "report.md": lambda: render_markdown(document_of("demo")),
    "report.junit.xml": lambda: render_junit(*run_named("demo")[:2]),
    "terminal.txt": lambda: render_terminal(*run_named("demo")[:2]),
    "terminal-color.txt": lambda: render_terminal(*run_named("demo")[:2], color=True),
    "live.txt": live,
    "once.txt": once,
}


@pytest.mark.parametrize("name", RENDERERS)
def test_the_report_of_a_run_is_as_it_was(name: str) -> None:
    text = RENDERERS[name]()
    golden = DATA / name
    if "UPDATE_GOLDEN" in os.environ:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
