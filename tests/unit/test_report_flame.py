"""The flame graph's numbers and table: what is merged, folded, left out and compared."""

from __future__ import annotations

import json

from support.flames import flame_stacks, seen

from perfwright.model.verdict import Status
from perfwright.report.document import Document, Section, VerdictBox
from perfwright.report.flame import flame_block, flame_blocks
from perfwright.report.flame_tree import LIBRARY, NATIVE, OWN, boxes_of, kind_of, laid_out
from perfwright.report.html import page
from perfwright.report.markdown import render_markdown


def document() -> Document:
    section = Section(key="profiles", title="Profiles", blocks=flame_blocks(flame_stacks()))
    verdict = VerdictBox(status=Status.PASS, headline="All held.")
    return Document(
        title="t", subtitle="s", facts=(), verdict=verdict, sections=(section,), footer="f"
    )


def test_a_box_is_as_wide_as_the_time_in_and_below_it_at_both_moments() -> None:
    stacks = [seen("a (./a.py:1);b (./a.py:9)", 300), seen("a (./a.py:1)", 100, moment="low")]
    frames: dict[str, int] = {}
    assert laid_out(boxes_of(stacks, "knee", "low"), frames) == (
        0, 0.3, 0.1, [(1, 0.3, 0.1, [(2, 0.3, 0.0, [])])],
    )  # fmt: skip
    assert list(frames) == ["all", "a (./a.py:1)", "b (./a.py:9)"]


def test_library_frames_that_only_pass_on_become_one() -> None:
    through = ";".join(f"pass{n} (lib/x.py:{n})" for n in range(14))
    root = boxes_of([seen(f"{through};handle (./a.py:4);dumps (json/a.py:1)", 10)], "knee", "low")
    (folded,) = root.below.values()
    assert folded.frame == "⋯ 14 library frames"
    assert list(folded.below) == ["handle (./a.py:4)"]


def test_lines_tell_own_frames_apart_and_libraries_are_merged_by_function() -> None:
    stacks = [seen(f"serve (web/a.py:{n});handle (./a.py:{n})", 10) for n in (1, 2)]
    (serve,) = boxes_of(stacks, "knee", "low").below.values()
    assert serve.frame == "serve (web/a.py)"
    assert list(serve.below) == ["handle (./a.py:1)", "handle (./a.py:2)"]


def test_what_is_rare_is_left_out() -> None:
    stacks = [
        seen(f"f{n} (./a.py:{n});g (./a.py:1)", 1 + n) for n in [*range(20), *range(5_900, 6_000)]
    ]
    frames: dict[str, int] = {}
    laid_out(boxes_of(stacks, "knee", "low"), frames)
    assert 1 < len(frames) <= 4_000
    assert "f5999 (./a.py:5999)" in frames and "f1 (./a.py:1)" not in frames


def test_kinds_are_told_by_the_file() -> None:
    frames = ("total (./shop.py:4)", "get (queue.py:4)", "f (starlette/a.py)", "read (libc.so.6)",
              "serve (net/http/server.go:9)", "(garbage collector)")  # fmt: skip
    assert [kind_of(one) for one in frames] == [OWN, LIBRARY, LIBRARY, NATIVE, LIBRARY, LIBRARY]


def test_the_table_says_the_hottest_functions_and_what_they_took_at_low_load() -> None:
    block = flame_block(flame_stacks())
    first = [cell.text for cell in block.table.rows[0]]
    assert first == ["total (shop.py:19)", "application", "60.0%", "60.0%", "10.0%"]
    assert block.data["modes"][0]["name"] == "on CPU"
    assert block.data["modes"][0]["pair"]


def test_one_moment_is_shown_as_it_is() -> None:
    block = flame_block([seen("a (./a.py:1)", 5, moment="run")])
    assert not block.data["modes"][0]["pair"]
    assert len(block.table.columns) == 4


def test_names_from_outside_cannot_leave_the_data_block() -> None:
    hostile = "</script><img src=x onerror=alert(1)> (./a.py:1)"
    html = page(
        Document(
            title="t", subtitle="s", facts=(), footer="f",
            verdict=VerdictBox(status=Status.PASS, headline="h"),
            sections=(
                Section(key="p", title="P", blocks=(flame_block([seen(hostile, 5)]),)),
            ),
        ),
        bundle="",
    )  # fmt: skip
    assert "<img" not in html
    text = html.split('<script type="application/json">')[1].split("</script>")[0]
    assert hostile.split(" (")[0] in json.loads(text)["frames"][1]


def test_text_reports_have_the_table() -> None:
    assert "total (shop.py:19)" in render_markdown(document()).replace("\\", "")
