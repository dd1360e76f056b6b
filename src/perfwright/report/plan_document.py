"""A test plan as a document: what for, of what, with which load, which tests, what must be there.

    Purpose → System under test → Risks → Workload → Fidelity → Tests → Objectives → Test data →
    Environment → Watched → Schedule → Commands → Sources and notes

Pure: the page's records in, document out. One document serves TEST_PLAN.md and the HTML page.
"""

from __future__ import annotations

from perfwright.model.plan_page import PlanPage
from perfwright.model.units import format_number
from perfwright.report.document import Document, Section
from perfwright.report.plan_conditions import (
    command_blocks,
    data_blocks,
    environment_blocks,
    note_blocks,
    objective_blocks,
    schedule_blocks,
    watched_blocks,
)
from perfwright.report.plan_tests import risk_blocks, test_cards
from perfwright.report.plan_workload import (
    fidelity_blocks,
    purpose_blocks,
    system_blocks,
    workload_blocks,
)


def plan_document(page: PlanPage) -> Document:
    """The whole plan."""
    sections = (
        Section(key="purpose", title="Purpose", blocks=purpose_blocks(page)),
        Section(key="system", title="System under test", blocks=system_blocks(page)),
        Section(key="risks", title="Risks", blocks=risk_blocks(page), lead=_RISKS),
        Section(key="workload", title="Workload", blocks=workload_blocks(page)),
        Section(key="fidelity", title="Fidelity", blocks=fidelity_blocks(page), lead=_FIDELITY),
        Section(key="tests", title="Tests", blocks=test_cards(page), lead=_TESTS),
        Section(key="objectives", title="Objectives", blocks=objective_blocks(page)),
        Section(key="data", title="Test data", blocks=data_blocks(page)),
        Section(
            key="environment",
            title="Environment",
            blocks=environment_blocks(page),
            lead=_ENVIRONMENT,
        ),
        Section(key="watched", title="What is watched", blocks=watched_blocks(page), lead=_WATCHED),
        Section(key="schedule", title="Schedule", blocks=schedule_blocks(page)),
        Section(key="commands", title="Commands", blocks=command_blocks(page)),
        Section(key="notes", title="Sources and notes", blocks=note_blocks(page)),
    )
    return Document(
        title=f"Test plan: {page.name}",
        subtitle="Load test plan: what, why, with which load, and when it has passed.",
        facts=_facts(page),
        verdict=None,
        sections=tuple(section for section in sections if section.blocks),
        footer=f"Made by perfwright {page.made_by}. It is yours: edit it.",
    )


def _facts(page: PlanPage) -> tuple[tuple[str, str], ...]:
    load = page.load_test
    unit = "users" if load.model == "closed" else "sessions/s"
    peak = f"{format_number(load.peak)} {unit}"
    if load.requests_per_s is not None:
        peak += f", about {format_number(load.requests_per_s)} requests/s"
    return (
        ("Target", page.target or "to be named"),
        ("Purpose", page.purpose),
        ("Peak", peak),
        ("Tests", ", ".join(test.kind for test in page.tests)),
    )


_RISKS = "What may go wrong, and which test would show it (product and project risks)."
_FIDELITY = (
    "The scenario was run without a network on a simulated clock, and compared with the log: 0 is "
    "alike, 1 is nothing in common. Noise is the distance between two halves of the log itself."
)
_TESTS = (
    "In this order: each rests on the one before. Lengths are the usual ones of the kind unless "
    "the workload asks for more. A verdict of inconclusive is no pass: repeat the test."
)
_ENVIRONMENT = (
    "Fill in both columns before the first test, and keep them with the result: what differs says "
    "how far the result carries over to production."
)
_WATCHED = (
    "Each is an option of the commands below: --watch SPEC. Without it a slow answer is known, but "
    "not its cause."
)
