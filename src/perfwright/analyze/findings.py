"""From a View to ranked findings: every detector is asked, symptoms go under their cause.

    detectors ─► dropped: too unsure, worth too little ─► folded: symptoms ─► ranked 1, 2, 3 …

Rank is by score, what a fix is worth × how sure the finding is; a cause that explains a symptom
inherits the symptom's score where that is higher. A finding whose worth cannot be told counts as
`UNTOLD`. A saturated generator comes first whatever it scores: nothing else that such a run shows
is the system's.

A symptom is folded where the cause names its kind (`Finding.explains`), is not much less sure, and
both belong together: same component, the host, or components that talk to one another. Nothing is
folded in a circle: the higher score keeps its place.

A detector that raises costs its own findings and leaves a note, never the others'.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.analyze.detectors import DETECTORS, Detector
from perfwright.analyze.resources import HOST, process_of
from perfwright.analyze.view import View
from perfwright.model.finding import Finding

UNTOLD = 0.3
_LEAST_CONFIDENCE = 0.3
_LEAST_SCORE = 0.05
_SURE_ENOUGH_TO_EXPLAIN = 0.6
_FIRST = "generator.saturated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """`findings`: best first. `notes`: detectors that failed, a sentence each."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def find(view: View) -> tuple[Finding, ...]:
    """The run's findings, ranked; none for a system that only has a capacity, as all have."""
    return examine(view).findings


def examine(view: View, detectors: Sequence[Detector] = DETECTORS) -> Examination:
    """All detectors' findings, ranked, and what went wrong with which detector."""
    found: list[Finding] = []
    notes: list[str] = []
    for detector in detectors:
        try:
            found += detector(view)
        except Exception as error:
            name = detector.__module__.rpartition(".")[2]
            logging.getLogger(__name__).debug("%s failed", name, exc_info=error)
            notes.append(f"The detector {name} failed and found nothing: {error!r}")
    kept = [finding for finding in found if _counts(finding)]
    return Examination(findings=_ranked(_folded(view, kept)), notes=tuple(notes))


def worth(finding: Finding) -> float:
    """The score it is ranked by, what it explains included."""
    told = finding.impact.response_ms_p95 or finding.impact.throughput_per_s
    own = finding.score if told else UNTOLD * finding.confidence
    return max([own, *(worth(symptom) for symptom in finding.folded)])


def _counts(finding: Finding) -> bool:
    return finding.kind == _FIRST or (
        finding.confidence >= _LEAST_CONFIDENCE and worth(finding) >= _LEAST_SCORE
    )


def _folded(view: View, found: list[Finding]) -> list[Finding]:
    """Causes, each with its symptoms; a symptom goes to the cause that is worth most."""
    by_worth = sorted(found, key=lambda finding: -worth(finding))
    cause_of: dict[int, int] = {}
    for symptom, finding in enumerate(by_worth):
        causes = [
            cause
            for cause, other in enumerate(by_worth)
            if cause != symptom
            and _explains(view, other, finding)
            and symptom not in _chain(cause_of, cause)
        ]
        if causes:
            cause_of[symptom] = causes[0]
    return [
        dataclasses.replace(
            finding,
            folded=tuple(
                by_worth[symptom]
                for symptom in sorted(cause_of)
                if _chain(cause_of, symptom)[-1] == index
            ),
        )
        for index, finding in enumerate(by_worth)
        if index not in cause_of
    ]


def _chain(cause_of: dict[int, int], start: int) -> list[int]:
    """From a finding to the cause of its cause."""
    chain = [start]
    while chain[-1] in cause_of:
        chain.append(cause_of[chain[-1]])
    return chain


def _explains(view: View, cause: Finding, symptom: Finding) -> bool:
    return (
        symptom.kind in cause.explains
        and cause.confidence >= _SURE_ENOUGH_TO_EXPLAIN * symptom.confidence
        and _belong_together(view, cause.component, symptom.component)
    )


def _belong_together(view: View, one: str, other: str) -> bool:
    """Whether two subjects are one, talk to each other (also through a third), or one is the host
    or nobody in particular."""
    ends = {process_of(view, one), process_of(view, other)}
    if len(ends) == 1 or ends & {"", HOST}:
        return True
    linked = {process_of(view, one)}
    pairs = [
        {process_of(view, part.subject), process_of(view, peer)}
        for part in view.watched.components
        for peer in part.talks_to
    ]
    for _ in pairs:
        linked |= {end for pair in pairs if pair & linked for end in pair}
    known = {end for pair in pairs for end in pair}
    return ends <= linked or not ends <= known


def _ranked(found: list[Finding]) -> tuple[Finding, ...]:
    ordered = sorted(found, key=lambda finding: (finding.kind != _FIRST, -worth(finding)))
    return tuple(
        dataclasses.replace(finding, rank=rank) for rank, finding in enumerate(ordered, start=1)
    )
