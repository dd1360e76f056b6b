"""The run's document: the answer first, the evidence behind it, and nothing that is empty."""

from __future__ import annotations

import pytest
from support.odd_runs import EVERY, document_of, run_named

from perfwright.model.verdict import Status
from perfwright.report.document import Chart, Document, KeyFigures, Table
from perfwright.report.run_document import verdict_box


def section_keys(document: Document) -> list[str]:
    return [section.key for section in document.sections]


def table_of(document: Document, key: str) -> Table:
    (section,) = [section for section in document.sections if section.key == key]
    return next(block for block in section.blocks if isinstance(block, Table))


@pytest.mark.parametrize("name", EVERY)
def test_every_row_is_as_long_as_its_heading_and_no_section_is_empty(name: str) -> None:
    document = document_of(name)
    for section in document.sections:
        assert section.blocks
        for block in section.blocks:
            if isinstance(block, Table):
                assert {len(row) for row in block.rows} == {len(block.columns)}


def test_a_full_run_has_its_sections_in_reading_order() -> None:
    assert section_keys(document_of("demo")) == [
        "slos", "figures", "steps", "errors", "checks", "timeline", "exemplars", "scenario",
        "records", "notes", "setup",
    ]  # fmt: skip


def test_a_run_that_never_began_has_a_verdict_and_how_it_was_run() -> None:
    document = document_of("nothing")
    assert document.verdict.status is Status.INCONCLUSIVE
    assert document.verdict.reasons
    assert section_keys(document)[-1] == "setup"
    assert not any(isinstance(b, Chart) for s in document.sections for b in s.blocks)


def test_nothing_measured_reads_as_a_dash_and_not_as_zero() -> None:
    document = document_of("empty")
    figures = next(
        block for s in document.sections for block in s.blocks if isinstance(block, KeyFigures)
    )
    assert {f.label: f.value for f in figures.figures}["Response p99"] == "–"


def test_response_and_service_p99_stand_side_by_side() -> None:
    columns = table_of(document_of("demo"), "steps").columns
    assert [(c.group, c.title) for c in columns[-3:]] == [
        ("Response, ms", "p99"),
        ("Response, ms", "max"),
        ("Service, ms", "p99"),
    ]


def test_the_steps_add_up_without_counting_groups_twice() -> None:
    *steps, everything = table_of(document_of("demo"), "steps").rows
    counts = {row[0].text: int(row[1].text.replace(",", "")) for row in steps}
    del counts["checkout"]  # a group
    assert int(everything[1].text.replace(",", "")) == sum(counts.values())


def test_each_kind_of_error_shows_the_message_that_was_kept() -> None:
    rows = table_of(document_of("demo"), "errors").rows
    examples = {(row[0].text, row[1].text): row[4].text for row in rows}
    assert examples["timeout", "order"] == "no answer within 800 ms"


def test_code_that_held_the_loop_is_named_with_file_line_and_time() -> None:
    rows = table_of(document_of("demo"), "scenario").rows
    assert rows[0][0].text == "shop.py:12 held the loop for 35 ms, 6 times"


def test_a_failed_run_without_slos_broken_does_not_blame_them() -> None:
    manifest, result, _ = run_named("failing")
    assert verdict_box(result).headline == "1 of 1 SLO broken."
    assert "users" in dict(document_of("closed").facts)["Load"]
    assert manifest.slos == ("errors < 1%",)
