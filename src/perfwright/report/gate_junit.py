"""What a gate says as JUnit XML: a test case for its verdict, each SLO, each step, each budget.

    testsuites > testsuite "name" > testcase "verdict", "p99 < 300ms", "login", "p95(login) +5%", …
        failure: broken, slower         skipped: could not be told         else it passed

Follows the schema of `junit.py`. CI systems that show failed tests show so which step it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from perfwright.analyze.gate_verdict import budget_text
from perfwright.model.gate import BudgetResult
from perfwright.model.verdict import Status
from perfwright.report import wording
from perfwright.report.gate_rows import OK, StepRow, change, interval, step_rows
from perfwright.report.gate_text import headline
from perfwright.report.junit import slo_case, suites
from perfwright.workflow.gate import Gated


def render_gate_junit(gated: Gated) -> str:
    """The whole XML document, with its declaration."""
    name = wording.clean(gated.manifest.name or gated.result.run_id)
    return suites(gated.manifest, gated.run, name=f"{name} gate", cases=list(_cases(name, gated)))


def _cases(suite: str, gated: Gated) -> Iterator[ET.Element]:
    result = gated.result
    yield _verdict(suite, gated)
    yield from (slo_case(suite, slo) for slo in result.slos)
    rows = step_rows(result.comparison) if result.comparison else []
    yield from (_step(suite, row) for row in rows)
    yield from (_budget(suite, budget) for budget in result.budgets)


def _verdict(suite: str, gated: Gated) -> ET.Element:
    verdict = gated.result.verdict
    told = wording.clean("\n".join(verdict.reasons), keep="\n")
    ok = {Status.PASS: True, Status.FAIL: False, Status.INCONCLUSIVE: None}[verdict.status]
    message = f"{gated.result.word}: {wording.clean(headline(gated))}"
    return _case(f"{suite}.gate", "verdict", ok, message, told)


def _step(suite: str, row: StepRow) -> ET.Element:
    text = wording.clean(row.step.reason or f"{row.title} {change(row)} ({interval(row)})")
    return _case(
        f"{suite}.compared",
        f"{wording.clean(row.step.name)} is not slower",
        OK[row.step.verdict],
        text,
    )


def _budget(suite: str, budget: BudgetResult) -> ET.Element:
    text = wording.clean(budget_text(budget))
    return _case(f"{suite}.budget", wording.clean(budget.expr), OK[budget.verdict], text)


def _case(kind: str, name: str, ok: bool | None, message: str, told: str = "") -> ET.Element:
    case = ET.Element("testcase", {"classname": kind, "name": name, "time": "0"})
    if ok is False:
        failure = ET.SubElement(
            case, "failure", {"message": message, "type": kind.rpartition(".")[2]}
        )
        failure.text = told or message
    elif ok is None:
        ET.SubElement(case, "skipped", {"message": message})
    if ok is not False and (told or ok):
        ET.SubElement(case, "system-out").text = told or message
    return case
