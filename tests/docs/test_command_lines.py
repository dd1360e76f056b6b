"""Every command line that the documentation shows parses, and every make target exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.docs_pages import PAGES, ROOT

from perfwright.cli import main

FENCE = re.compile(r"^```(?:sh|console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(perfwright [^`…]+)`")
COMMAND = re.compile(r"(?:^|[\s/`])perfwright (?=[a-z-])(.*)")
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


def words(line: str) -> list[str]:
    """As a shell splits them, up to the first operator or comment."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&<>|")
    lexer.whitespace_split = True
    taken = []
    for word in lexer:
        if set(word) <= set(";&<>|"):
            break
        taken.append(word)
    return taken


@pytest.mark.parametrize(("page", "line"), sorted(set(command_lines())))
def test_a_command_line_in_the_docs_parses(page: str, line: str) -> None:
    command: click.Command = main
    context: click.Context | None = None
    rest = words(line)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        context = command.context_class(
            command, info_name=command.name, parent=context, **command.context_settings
        )
        name, subcommand, rest = command.resolve_command(context, rest)
        assert subcommand is not None, f"{page}: there is no command {name!r}"
        command = subcommand
    if rest and not isinstance(command, click.Group):  # without, it is only mentioned
        command.make_context(command.name, rest, parent=context)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_make_target_in_the_docs_exists(page: Path) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    assert set(MAKE.findall("\n".join(shown_lines(page)))) <= targets
