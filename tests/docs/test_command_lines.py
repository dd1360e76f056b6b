"""Every command line that the documentation shows parses, and every make target exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_lines import COMMAND, parse_command_line
from support.docs_pages import PAGES, ROOT

FENCE = re.compile(r"^```(?:sh|console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(perfwright [^`…]+)`")
MAKE = re.compile(r"^make ([a-z-]+)", re.MULTILINE)
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)


def shown_lines(page: Path) -> Iterator[str]:
    text = page.read_text()
    for fence in FENCE.findall(text):
        yield from fence.replace("\\\n", " ").splitlines()
    yield from INLINE.findall(text)


def command_lines() -> Iterator[tuple[str, str]]:
    """(page, what follows the word perfwright)"""
    for page in PAGES:
        for line in shown_lines(page):
            found = COMMAND.search(line)
            if found:
                yield str(page.relative_to(ROOT)), found[1]


@pytest.mark.parametrize(("page", "line"), sorted(set(command_lines())))
def test_a_command_line_in_the_docs_parses(page: str, line: str) -> None:
    parse_command_line(page, line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_make_target_in_the_docs_exists(page: Path) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    assert set(MAKE.findall("\n".join(shown_lines(page)))) <= targets
