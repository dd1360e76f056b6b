"""Parses a shown command line as the command line itself would, without running it."""

from __future__ import annotations

import re
import shlex

import click

from perfwright.cli import main

COMMAND = re.compile(r"(?:^|[\s/`'])perfwright (?=[a-z-])(.*)")
"""A line that runs perfwright, and what follows that word."""


def parse_command_line(place: str, line: str) -> None:
    """Fails where `line`, what follows the word perfwright, is none of ours; `place` shows it."""
    command: click.Command = main
    context: click.Context | None = None
    rest = words(line)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        context = command.context_class(
            command, info_name=command.name, parent=context, **command.context_settings
        )
        name, subcommand, rest = command.resolve_command(context, rest)
        assert subcommand is not None, f"{place}: there is no command {name!r}"
        command = subcommand
    if rest and not isinstance(command, click.Group):  # without, it is only mentioned
        command.make_context(command.name, rest, parent=context)


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
