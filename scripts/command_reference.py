"""Writes docs/commands.md from the command line itself: `python scripts/command_reference.py`.

Walks the tree of Click commands and puts each command's `--help`, at 80 columns, under a heading of
its own. `undocumented` lists what has no help text; a test fails where it finds something, or where
the page is not what this script would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
WIDTH = 80
HEAD = """# Commands

<!-- Written by `make docs` from the command line itself: change the command, not this page. -->

Every command takes `--json` (one JSON document on stdout; progress goes to stderr) and honours
`NO_COLOR`.

| exit code | meaning |
|---|---|
| 0 | pass |
| 1 | internal error |
| 2 | wrong usage |
| 97 | inconclusive: the numbers cannot be trusted, and the reason says what to do |
| 98 | regression |
| 99 | an SLO is broken |
"""


def commands(root: click.Group) -> Iterator[click.Context]:
    """A context for every command below `root` that is not hidden, parents before children."""
    pending = [_context(root, "perfwright", None)]
    while pending:
        context = pending.pop(0)
        if context.parent is not None:
            yield context
        if isinstance(context.command, click.Group):
            pending[:0] = list(_children(context, context.command))


def reference(root: click.Group) -> str:
    """The whole page."""
    sections = [
        f"## {context.command_path}\n\n```text\n{context.get_help().rstrip()}\n```\n"
        for context in commands(root)
    ]
    return "\n".join([HEAD, *sections])


def undocumented(root: click.Group) -> list[str]:
    """Commands without a description and options without help, as `perfwright run --seed`."""
    missing = []
    for context in commands(root):
        if not context.command.help:
            missing.append(context.command_path)
        for parameter in context.command.params:
            if isinstance(parameter, click.Option) and not (parameter.help or parameter.hidden):
                missing.append(f"{context.command_path} {parameter.opts[0]}")
    return missing


def _children(context: click.Context, group: click.Group) -> Iterator[click.Context]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield _context(command, name, context)


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings = {**command.context_settings, "max_content_width": WIDTH}
    return click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, **settings)


def main() -> int:
    from perfwright.cli import main as root

    PAGE.write_text(reference(root))
    for name in undocumented(root):
        print(f"{name} has no help text; write one where the command is defined")
    return 0


if __name__ == "__main__":
    sys.exit(main())
