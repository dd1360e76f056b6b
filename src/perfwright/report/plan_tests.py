"""The tests of a plan as cards, and the risks that they are to show."""

from __future__ import annotations

from perfwright.analyze.planning.tests import expected_load
from perfwright.model.plan_page import PlannedTest, PlanPage
from perfwright.model.units import format_duration
from perfwright.report.document import Block, Card, Cell, Column, Table
from perfwright.report.wording import DASH


def risk_blocks(page: PlanPage) -> tuple[Block, ...]:
    if not page.risks:
        return ()
    table = Table(
        caption="Product and project risks",
        columns=(Column(title="what may happen"), Column(title="why"), Column(title="shown by")),
        rows=tuple(
            (
                Cell(text=risk.what),
                Cell(text=risk.why),
                Cell(text=", ".join(risk.shown_by) or DASH),
            )
            for risk in page.risks
        ),
    )
    return (table,)


def test_cards(page: PlanPage) -> tuple[Block, ...]:
    """One card a test, in the order in which they are run."""
    return tuple(_card(number, test) for number, test in enumerate(page.tests, 1))


def _card(number: int, test: PlannedTest) -> Card:
    from perfwright.report.plan_charts import load_chart

    expected = expected_load(test)
    return Card(
        key=f"test-{test.kind}",
        title=f"{number}. {test.title}",
        tag=format_duration(test.duration_s),
        lines=(
            ("Why", test.why),
            ("Load", f"{test.load} ({expected})" if expected else test.load),
            ("Entry", ". ".join(test.enters) + "."),
            ("Exit", ". ".join(test.passes) + "."),
        ),
        figure=load_chart(test),
        command=test.command,
    )
