"""The files that a gate leaves behind. UsageError where one cannot be written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.cli.shared import writing

if TYPE_CHECKING:
    from perfwright.workflow.gate import Gated

_SUMMARY = "GITHUB_STEP_SUMMARY"


def write_text(option: str, path: Path, text: str, *, mode: str = "w") -> Path:
    """The path, once the text is there."""
    with writing(option, path), path.open(mode, encoding="utf-8") as file:
        file.write(text)
    return path


def write_comment(gated: Gated, path: Path) -> list[Path]:
    """The comment and, where there is something to draw, its picture beside it."""
    from perfwright.report.gate_chart import gate_svg
    from perfwright.report.gate_markdown import COMMENT_LIMIT_BYTES, render_gate_markdown

    comparison = gated.result.comparison
    svg = gate_svg(comparison) if comparison else ""
    picture = path.with_suffix(".svg")
    written = [write_text("--comment", picture, svg)] if svg else []
    text = render_gate_markdown(
        gated, limit_bytes=COMMENT_LIMIT_BYTES, picture=picture.name if svg else ""
    )
    return [write_text("--comment", path, text), *written]


def append_summary(gated: Gated) -> None:
    """To the summary of a GitHub job's step, if this is one; others may have written to it."""
    place = os.environ.get(_SUMMARY)
    if not place:
        return
    from perfwright.report.gate_markdown import SUMMARY_LIMIT_BYTES, render_gate_markdown

    text = render_gate_markdown(gated, limit_bytes=SUMMARY_LIMIT_BYTES)
    write_text(_SUMMARY, Path(place), text, mode="a")
