"""`python -m perfwright` is the `perfwright` command."""

from __future__ import annotations

from perfwright.cli import main

if __name__ == "__main__":
    main(prog_name="perfwright")
