"""A trend as a document: the answer, the chart, each change as a card, anomalies as a table.

The verdict: pass where nothing lasting changed for the worse, fail where something did, and
inconclusive where something changed and nobody said which way is better (a CSV file).
"""

from __future__ import annotations

from importlib.metadata import version

from perfwright.model.trend import ChangePoint
from perfwright.model.verdict import Status
from perfwright.report.document import (
    Block,
    Callout,
    Card,
    Cell,
    Chart,
    Column,
    Document,
    Paragraph,
    Section,
    Table,
    Tone,
    VerdictBox,
)
from perfwright.report.trend_words import (
    anomaly_sentence,
    noise,
    sentence,
    standing,
    summary,
    support,
    when,
)
from perfwright.workflow.trend import Origin, Trended

_ANOMALIES = 100
_WORDS = {Status.FAIL: "worse", Status.PASS: "better", Status.INCONCLUSIVE: "changed"}


def trend_document(trended: Trended, chart: Chart | None) -> Document:
    """`chart`: of `trend_chart`; without one (Markdown) there is none."""
    trend = trended.trend
    sections = (
        Section(key="trend", title="Over time", blocks=_overview(trended, chart)),
        Section(key="changes", title="Changes", blocks=_changes(trended)),
        Section(key="anomalies", title="Out of the ordinary", blocks=_anomalies(trended)),
    )
    facts = [("Series", trend.name), ("Rows", f"{len(trend.points):,}")]
    if trend.points:
        facts += [("From", when(trend.points[0].time)), ("To", when(trend.points[-1].time))]
    return Document(
        title=trended.subject,
        subtitle=f"Trend of {trend.name}",
        facts=tuple(facts),
        verdict=_verdict(trended),
        sections=tuple(section for section in sections if section.blocks),
        footer=f"Made by perfwright {version('perfwright')}.",
    )


def _verdict(trended: Trended) -> VerdictBox:
    still = standing(trended.trend)
    judged = [trended.is_worse(change) for change in still]
    status = Status.PASS
    if True in judged:
        status = Status.FAIL
    elif None in judged:
        status = Status.INCONCLUSIVE
    reasons = tuple(
        f"{when(change.time)}: {sentence(change, trended.trend.unit)}" for change in still
    )
    word = _WORDS[status] if still else "no change"
    return VerdictBox(status=status, word=word, headline=summary(trended), reasons=reasons)


def _overview(trended: Trended, chart: Chart | None) -> tuple[Block, ...]:
    notes = tuple(Callout(tone=Tone.UNSURE, text=note) for note in trended.trend.notes)
    blocks: tuple[Block, ...] = () if chart is None else (chart,)
    return (*blocks, Paragraph(text=f"Besides its changes: {noise(trended.trend)}."), *notes)


def _changes(trended: Trended) -> tuple[Block, ...]:
    changes = trended.trend.change_points
    origins: tuple[Origin | None, ...] = trended.origins or (None,) * len(changes)
    return tuple(
        _card(trended, number, change, origin)
        for number, (change, origin) in enumerate(zip(changes, origins, strict=True), 1)
    )


def _card(trended: Trended, number: int, change: ChangePoint, origin: Origin | None) -> Card:
    worse = {True: "worse", False: "better", None: str(change.kind)}[trended.is_worse(change)]
    lines = [("What", sentence(change, trended.trend.unit)), ("How sure", support(change))]
    if change.went_away:
        lines.append(("Went away", "A later change took it back, or this one took one back."))
    if origin is not None:
        lines.append(("Runs", f"{origin.run_before} → {origin.run}"))
        if origin.also:
            lines.append(("Also changed", ", ".join(origin.also)))
        if origin.commits:
            lines.append(("Commits", "\n".join(origin.commits)))
        elif origin.commit:
            lines.append(("Commits", f"{origin.commit_before or '?'}..{origin.commit}"))
    return Card(
        key=f"change-{number}",
        title=f"{number}. {when(change.time)}",
        tag="went away" if change.went_away else worse,
        lines=tuple(lines),
    )


def _anomalies(trended: Trended) -> tuple[Block, ...]:
    found = trended.trend.anomalies
    if not found:
        return ()
    worst = sorted(found, key=lambda one: -one.score)[:_ANOMALIES]
    left_out = len(found) - len(worst)
    return (
        Table(
            caption="Anomalies, the farthest first",
            columns=(
                Column(title="from"), Column(title="to"), Column(title="score", numeric=True),
                Column(title="what"),
            ),
            rows=tuple(
                (
                    Cell(text=when(one.start)),
                    Cell(text=when(one.end)),
                    Cell(text=f"{one.score:.1f}"),
                    Cell(text=anomaly_sentence(one, trended.trend.unit)),
                )
                for one in worst
            ),
            note=f"{left_out:,} more are left out." if left_out else "",
        ),
    )  # fmt: skip
