"""The list of runs fits a terminal, and a pipe gets all of it."""

from __future__ import annotations

from perfwright.cli.runs import runs_table

HEAD = ("RUN", "NAME", "STATE", "STARTED (UTC)", "VERDICT", "REQUESTS", "P99", "TAGS")
RUN = ("20261123-070116-rm67", "GET /items/{id}/reviews", "interrupted", "2026-11-23 07:01:16",
       "inconclusive", "1,234,567", "38.5 ms", "")  # fmt: skip


def test_a_terminal_of_80_columns_leaves_out_the_start_and_cuts_names() -> None:
    lines = runs_table([HEAD, RUN], 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("20261123-070116-rm67  GET /items…  interrupted  inconclusive")


def test_a_wide_terminal_and_a_pipe_show_all() -> None:
    assert runs_table([HEAD, RUN], 200) == runs_table([HEAD, RUN], None)
    assert "GET /items/{id}/reviews  interrupted  2026-11-23" in runs_table([HEAD, RUN], None)
