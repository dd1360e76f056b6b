"""A comparison as a document: the answer, every step with its intervals, charts, what grew, why it
may be unfair.

    verdict → steps → figures → distributions of the steps that changed → what grew → flame graphs →
    notes
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from perfwright.model.comparison import Judged, MetricChange, StepComparison
from perfwright.model.manifest import RunManifest
from perfwright.model.watched import StackCount
from perfwright.report import wording
from perfwright.report.comparison_words import (
    change_text,
    interval_text,
    value_text,
    verdict_box,
)
from perfwright.report.document import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Flame,
    Paragraph,
    Section,
    Table,
    Tone,
)
from perfwright.report.flame import flame_blocks
from perfwright.report.load_words import load_of
from perfwright.workflow.compare import Compared

_DRAWN = 4
_FLAMES = 4
_TONES = {
    Judged.SLOWER: Tone.BAD,
    Judged.FASTER: Tone.GOOD,
    Judged.SAME: Tone.GOOD,
    Judged.UNKNOWN: Tone.UNSURE,
}
_RANKS = {Judged.SLOWER: 0, Judged.UNKNOWN: 1, Judged.FASTER: 2, Judged.SAME: 3}
_MOMENTS = ("run", "knee")
"""When profiles are taken that can be compared: under the same load."""


def comparison_document(compared: Compared, *, charts: bool = True) -> Document:
    """`charts`: False saves the second that Altair takes, for renderers that draw none."""
    comparison = compared.comparison
    sections = (
        Section(key="steps", title="Steps", blocks=tuple(_steps_tables(comparison.steps))),
        Section(
            key="distributions",
            title="Distributions",
            blocks=_charts(compared) if charts else (),
            lead="Slower steps first, then those in doubt. Bands: 95% intervals; shade: margin.",
        ),
        _sentences("grew", "What grew", comparison.attribution),
        Section(key="flame", title="Flame graphs", blocks=_flames(compared)),
        _sentences("notes", "Notes", comparison.notes),
    )
    return Document(
        title=compared.candidate.name or compared.candidate.run_id,
        subtitle=f"Compared with {compared.base.run_id}",
        facts=tuple(_facts(compared)),
        verdict=verdict_box(comparison),
        sections=tuple(section for section in sections if section.blocks),
        footer=(
            f"Made by perfwright from runs {compared.base.run_id} and "
            f"{compared.candidate.run_id}; changes within ±{comparison.margin * 100:g}% count as "
            "none."
        ),
    )


def _facts(compared: Compared) -> Iterator[tuple[str, str]]:
    for side, manifest in (("Base", compared.base), ("Candidate", compared.candidate)):
        yield side, _run_text(manifest)
    loads = [load_of(manifest) for manifest in (compared.base, compared.candidate)]
    if any(loads):
        yield "Load", " / ".join(dict.fromkeys(load or wording.DASH for load in loads))


def _run_text(manifest: RunManifest) -> str:
    commit = (manifest.git_commit or "")[:8]
    parts = (manifest.run_id, commit, manifest.git_branch or "", manifest.target)
    return " · ".join(part for part in parts if part)


def _steps_tables(steps: Sequence[StepComparison]) -> Iterator[Table]:
    if not steps:
        return
    yield Table(
        caption="Verdict by step",
        columns=(Column(title="Step"), Column(title="Verdict"), Column(title="Why")),
        rows=tuple(
            (
                Cell(text=step.name),
                Cell(text=step.verdict, tone=_TONES[step.verdict], light=True),
                Cell(text=step.reason),
            )
            for step in steps
        ),
    )
    titles = ("Base", "Candidate", "Change", "95% interval")
    yield Table(
        caption="Every figure",
        columns=(
            Column(title="Step"),
            Column(title="Figure"),
            *(Column(title=title, numeric=True) for title in titles),
        ),
        rows=tuple(_row(step, metric) for step in steps for metric in step.metrics),
        note="Figures with a * decide; the others are shown.",
    )


def _row(step: StepComparison, metric: MetricChange) -> tuple[Cell, ...]:
    tone = Tone.PLAIN if metric.decides else Tone.QUIET
    texts = (
        f"{metric.name} *" if metric.decides else metric.name,
        value_text(metric, metric.base),
        value_text(metric, metric.candidate),
        change_text(metric),
        interval_text(metric),
    )
    return (Cell(text=step.name), *(Cell(text=text, tone=tone) for text in texts))


def _charts(compared: Compared) -> tuple[Chart, ...]:
    from perfwright.report.comparison_charts import step_charts  # Altair: a second to import

    verdicts = {step.name: step.verdict for step in compared.comparison.steps}
    ranked = sorted(compared.pairs, key=lambda pair: _RANKS[verdicts[pair.name]])
    margin = compared.comparison.margin
    return tuple(
        chart
        for number, pair in enumerate(ranked[:_DRAWN], 1)
        for chart in step_charts(pair, number=number, margin=margin)
    )


def _flames(compared: Compared) -> tuple[Flame, ...]:
    """Where both runs were profiled: the candidate coloured by what grew since the base."""
    before, after = (side.watched.stacks for side in compared.sides)
    for moment in _MOMENTS:
        pair = [
            dataclasses.replace(stack, moment=side)
            for side, stacks in (("base", before), ("candidate", after))
            for stack in stacks
            if stack.moment == moment
        ]
        subjects = _subjects(pair, "base") & _subjects(pair, "candidate")
        if subjects:
            shared = [stack for stack in pair if stack.subject in subjects]
            return flame_blocks(shared)[:_FLAMES]
    return ()


def _subjects(stacks: Sequence[StackCount], moment: str) -> set[str]:
    return {stack.subject for stack in stacks if stack.moment == moment}


def _sentences(key: str, title: str, texts: Sequence[str]) -> Section:
    blocks: tuple[Block, ...] = tuple(Paragraph(text=text) for text in texts)
    return Section(key=key, title=title, blocks=blocks)
