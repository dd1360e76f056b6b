"""What a gate says as GitHub annotations: workflow commands, a line each, on the job's output.

    ::error file=shop.py,line=1,title=Slower%3A login::p95 rose by 12%…

An error for each SLO broken, step slower and budget broken; a warning for what could not be told.
GitHub shows ten of a kind a step, so the tenth says how many there are besides. What has a meaning
in a command is escaped (docs.github.com, "Workflow commands for GitHub Actions").
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from perfwright.analyze.gate_verdict import budget_text
from perfwright.model.comparison import Judged
from perfwright.model.gate import Kept
from perfwright.report import wording
from perfwright.report.gate_rows import step_rows
from perfwright.workflow.gate import Gated

SHOWN = 10
_TITLE_MAX = 120
_TEXT_MAX = 1_000
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}
Told = tuple[str, str, str]
"""(level, title, text)"""


def annotation_lines(gated: Gated, *, root: Path) -> list[str]:
    """The commands, errors first; none for a gate that is open. `root`: of the repository, in which
    GitHub looks for the test file."""
    told = list(_told(gated))
    file = _within(gated.manifest.test_file, root)
    lines = []
    for level in ("error", "warning"):
        of_level = [(title, text) for kind, title, text in told if kind == level]
        shown = of_level if len(of_level) <= SHOWN else of_level[: SHOWN - 1]
        for title, text in shown:
            lines.append(_command(level, title, text, file=file))
        if more := len(of_level) - len(shown):
            lines.append(_command(level, f"{more} more", "The job's summary has all of them."))
    return lines


def _told(gated: Gated) -> Iterator[Told]:
    result = gated.result
    for slo in result.slos:
        if slo.ok is not True:
            value = f"measured {wording.measured(slo.value, slo.unit)} {slo.detail}".strip()
            what = "SLO broken" if slo.ok is False else "SLO not judged"
            yield "error" if slo.ok is False else "warning", f"{what}: {slo.expr}", value
    for row in step_rows(result.comparison) if result.comparison else ():
        if row.step.verdict is Judged.SLOWER:
            yield "error", f"Slower: {row.step.name}", row.step.reason
        elif row.step.verdict is Judged.UNKNOWN:
            yield "warning", f"Not told: {row.step.name}", row.step.reason
    for budget in result.budgets:
        if budget.verdict is not Kept.KEPT:
            level = "error" if budget.verdict is Kept.BROKEN else "warning"
            yield level, f"Budget {budget.verdict}: {budget.expr}", budget_text(budget)


def _within(file: str | None, root: Path) -> str:
    """The file's path from `root` on; "" where it is not in it."""
    path = root / file if file else None
    return str(path.relative_to(root)) if path and path.is_relative_to(root) else ""


def _command(level: str, title: str, text: str, *, file: str = "") -> str:
    place = f"file={_property(file)},line=1," if file else ""
    shown = wording.shorten(wording.clean(title), _TITLE_MAX)
    message = wording.shorten(wording.clean(text, keep="\n"), _TEXT_MAX) or shown
    return f"::{level} {place}title={_property(shown)}::{_escaped(message, _DATA)}"


def _property(text: str) -> str:
    return _escaped(wording.clean(text), _PROPERTY)


def _escaped(text: str, codes: dict[str, str]) -> str:
    return "".join(codes.get(char, char) for char in text)
