"""A comparison in every form, for the same seeded runs; UPDATE_GOLDEN=1 accepts a change."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.comparisons import slower_comparison

from perfwright.report.comparison_document import comparison_document
from perfwright.report.comparison_text import render_comparison
from perfwright.report.html import page
from perfwright.report.markdown import render_markdown

DATA = Path(__file__).parent / "data"


def html() -> str:
    """Without style sheet and the data of charts and flames: what is left is ours and readable."""
    text = page(comparison_document(slower_comparison()), bundle="")
    text = re.sub(r"<style>.*?</style>", "<style>…</style>", text, flags=re.DOTALL)
    text = re.sub(r"<script>.*?</script>", "<script>…</script>", text, flags=re.DOTALL)
    return re.sub(r'(<script type="application/json">).*?(</script>)', r"\1…\2", text)


RENDERERS: dict[str, Callable[[], str]] = {
    "comparison.txt": lambda: render_comparison(slower_comparison()),
    "comparison-narrow.txt": lambda: render_comparison(slower_comparison(), width=60),
    "comparison.md": lambda: render_markdown(comparison_document(slower_comparison())),
    "comparison.html": html,
}


@pytest.mark.parametrize("name", RENDERERS)
def test_a_comparison_reads_as_it_did(name: str) -> None:
    text = RENDERERS[name]()
    golden = DATA / name
    if "UPDATE_GOLDEN" in os.environ:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "width"), [("comparison.txt", 80), ("comparison-narrow.txt", 60)])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    assert max(map(len, RENDERERS[name]().splitlines())) <= width
