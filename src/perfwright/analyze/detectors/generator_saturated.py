"""generator.saturated: the load generator, not the system, set the pace.

Looks at each stage's busiest load worker and at how late it started what was due. It is a finding
only where it stood in the way of the answer: in the stage that completed most, or in the one that
was not held. Nothing is predicted: what the system could do is just what such a run does not tell.
Fooled by a machine so full that the generator is starved of CPU by the system under test; the
evidence then shows lateness without a busy worker, and the confidence is lower.
"""

from __future__ import annotations

from perfwright.analyze.telling import measured, percent, seconds
from perfwright.analyze.view import View
from perfwright.model.finding import Evidence, Finding, Impact
from perfwright.model.stage import Stage

_CPU = 0.9
_LATE_FLOOR_S = 0.001
_LATE_SHARE = 0.5


def detect(view: View) -> list[Finding]:
    """One finding where a stage that matters was the generator's."""
    stage = next((one for one in (view.under_stress, view.busiest) if _at_fault(one)), None)
    if stage is None:
        return []
    busy = stage.generator_ratio >= _CPU
    return [
        Finding(
            kind="generator.saturated",
            subject=f"the load generator at {stage.offered:,.0f} {_unit(stage)}",
            component="",
            confidence=0.95 if busy else 0.7,
            impact=Impact(method="What the system could do was not measured."),
            evidence=_evidence(view, stage),
            recommendation=(
                "Give the load more workers (--workers, one core each) or a machine of its own,"
                " and run again: from here on the system's limit is not known."
                if busy
                else "Take other work off the generator's cores, or give it a machine of its own,"
                " and run again."
            ),
        )
    ]


def _at_fault(stage: Stage) -> bool:
    late_s = max(_LATE_FLOOR_S, _LATE_SHARE * stage.response_p95_s)
    return stage.generator_ratio >= _CPU or stage.lateness_p99_s > late_s


def _unit(stage: Stage) -> str:
    return "users" if stage.model == "closed" else "iterations/s"


def _evidence(view: View, stage: Stage) -> tuple[Evidence, ...]:
    return (
        measured(
            view,
            "CPU of the busiest load worker, of one core",
            view.low.generator_ratio,
            stage.generator_ratio,
            percent,
        ),
        measured(
            view,
            "how late requests started, p99",
            view.low.lateness_p99_s,
            stage.lateness_p99_s,
            seconds,
        ),
    )
