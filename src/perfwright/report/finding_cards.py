"""Findings as cards, and as the words that the terminal shares: what, evidence, what to do, what it
buys."""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.view import View
from perfwright.model.finding import Evidence, Finding, Impact
from perfwright.report import wording
from perfwright.report.document import Card, Chart


def finding_cards(view: View, findings: Sequence[Finding]) -> tuple[Card, ...]:
    """One card a finding, the first rank first."""
    return tuple(_card(view, finding) for finding in findings)


def gain_text(impact: Impact) -> str:
    """What removing it buys, in a sentence or two; "" where that cannot be told."""
    parts = []
    if more := impact.throughput_per_s:
        parts.append(
            f"About {wording.count(more.predicted)} requests/s instead of "
            f"{wording.count(more.now)} (90% interval {wording.count(more.low)} to "
            f"{wording.count(more.high)})."
        )
    if faster := impact.response_ms_p95:
        parts.append(
            f"p95 about {wording.duration(faster.predicted)} instead of "
            f"{wording.duration(faster.now)} at the load of the knee."
        )
    return " ".join(parts)


def _card(view: View, finding: Finding) -> Card:
    where = " in ".join(filter(None, (finding.subject, finding.component)))
    lines = [("Where", where), ("Do", finding.recommendation)]
    if gain := gain_text(finding.impact):
        lines.append(("Buys", f"{gain} {finding.impact.method}"))
    seen = "\n".join(f"{one.what}: {one.value} ({one.source})" for one in finding.evidence)
    lines.append(("Seen", seen))
    if finding.folded:
        symptoms = "; ".join(f"{one.title} ({one.subject})" for one in finding.folded)
        lines.append(("Explains", symptoms))
    if finding.verify:
        lines.append(("Prove", finding.verify))
    shown = next((chart for one in finding.evidence if (chart := _figure(view, one))), None)
    return Card(
        key=f"finding-{finding.rank}",
        title=f"{finding.rank}. {finding.title}",
        tag=f"{finding.kind} · {finding.confidence:.0%} sure",
        lines=tuple(lines),
        figure=shown,
    )


def _figure(view: View, evidence: Evidence) -> Chart | None:
    """The series that the evidence points at, over time and beside the load."""
    from perfwright.report.investigation_charts import evidence_chart

    series = view.series.get((evidence.metric, evidence.subject, evidence.label))
    if series is None or series.values.size < 3:
        return None
    return evidence_chart(view, evidence, series)
