"""The command reference is complete and is what the command line says today."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

import command_reference
import perfwright.cli

needs_cli = pytest.mark.skipif(
    not hasattr(perfwright.cli, "main"), reason="the command line has not landed yet"
)


def small_tree() -> click.Group:
    @click.group()
    def root() -> None:
        """The root."""

    @root.command(help="Runs.")
    @click.option("--seed", help="A number.")
    @click.option("--silent")
    def run(seed: str, silent: str) -> None: ...

    @root.group()
    def lab() -> None:
        """Services."""

    @lab.command()
    def shop() -> None: ...

    @root.command(hidden=True)
    def secret() -> None: ...

    return root


def test_every_visible_command_gets_a_section_parents_first() -> None:
    headings = [
        line
        for line in command_reference.reference(small_tree()).splitlines()
        if line.startswith("## ")
    ]
    assert headings == ["## perfwright lab", "## perfwright lab shop", "## perfwright run"]


def test_what_has_no_help_is_named() -> None:
    missing = command_reference.undocumented(small_tree())
    assert missing == ["perfwright lab shop", "perfwright run --silent"]


@needs_cli
def test_every_command_and_option_is_documented() -> None:
    assert command_reference.undocumented(perfwright.cli.main) == []


@needs_cli
def test_the_command_reference_is_up_to_date() -> None:
    expected = command_reference.reference(perfwright.cli.main)
    assert command_reference.PAGE.read_text() == expected, "make docs brings it up to date"


@needs_cli
def test_help_answers_for_every_command() -> None:
    runner = CliRunner()
    for context in command_reference.commands(perfwright.cli.main):
        words = context.command_path.split()[1:]
        result = runner.invoke(perfwright.cli.main, [*words, "--help"])
        assert result.exit_code == 0, context.command_path
