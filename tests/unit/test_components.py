"""A component is shown as people know it, without secrets."""

from __future__ import annotations

import os

from support.programs import program

from perfwright.observe.components import component_of

WAITS = "\n\nimport sys\nprint('up'); sys.stdin.read()"


def test_the_topmost_process_gives_the_name_on_one_line() -> None:
    with program(WAITS) as waiting:
        waiting.hear()
        component = component_of("port:1", (waiting.pid,), port=1, talks_to=("b", "a", "b"))
    assert component.detail == "python -u -c import sys print('up'); sys.stdin.read()"
    assert component.talks_to == ("a", "b")


def test_secrets_in_a_command_line_are_taken_out() -> None:
    words = ("--db", "postgresql://ann:hunter2@db/shop", "--api-key", "hunter3")
    with program(WAITS, *words) as waiting:
        waiting.hear()
        detail = component_of("pid:1", (waiting.pid,)).detail
    assert detail.endswith("--db postgresql://***@db/shop --api-key ***")


def test_a_long_command_line_is_cut() -> None:
    with program(WAITS, "x" * 500) as waiting:
        waiting.hear()
        detail = component_of("pid:1", (waiting.pid,)).detail
    assert len(detail) == 160
    assert detail.endswith("x…")


def test_a_process_that_ended_leaves_only_its_subject() -> None:
    with program(WAITS) as waiting:
        waiting.hear()
        waiting.end()
        component = component_of("pid:1", (waiting.pid,))
    assert (component.runtime, component.detail) == ("", "")
    assert os.getpid() not in component.pids
