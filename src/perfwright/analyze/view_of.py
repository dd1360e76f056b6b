"""A View of a finished run: from what an investigation kept, or from any stored run.

A run that made no search has the stages that its load shows: every stretch of at least three whole
seconds under one load, and a ramp cut into fifths of its height.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.stage_stats import stage_of
from perfwright.analyze.view import StageSteps, View
from perfwright.model.frame import Frame, merged
from perfwright.model.stage import Knee, Stage
from perfwright.model.watched import Reading

_LEAST_SECONDS = 3
_STEPS_OF_A_RAMP = 5


def view_of(
    target: str,
    counted: Sequence[StageSteps],
    watched: Reading,
    knee: Knee | None = None,
) -> View:
    """`counted`: at least one stage."""
    return View(
        target=target,
        stages=tuple(one.stage for one in counted),
        counted=tuple(counted),
        watched=watched,
        knee=knee,
    )


def recounted(stages: Sequence[Stage], frames: Sequence[Frame]) -> list[StageSteps]:
    """The stages that a search found, with what the frames say of their steps."""
    by_second = {frame.second: frame for frame in frames}
    return [
        StageSteps(
            stage=stage,
            steps=merged(
                by_second[second].total
                for second in range(round(stage.from_s), round(stage.to_s))
                if second in by_second
            ).steps,
        )
        for stage in stages
    ]


def stages_of_load(frames: Sequence[Frame]) -> list[StageSteps]:
    """The stages of a run whose load followed its plan; all of it as one where none stands out."""
    model = "open" if any(frame.total.arrivals_target_per_s for frame in frames) else "closed"
    levels = [_level(frame, model) for frame in frames]
    peak = max(levels, default=0.0)
    if peak == 0:
        return [stage_of(0, frames, model=model, offered=0.0, steady=False)] if frames else []
    step = peak / _STEPS_OF_A_RAMP
    groups: list[list[Frame]] = []
    for frame, level, before in zip(frames, levels, [-1.0, *levels], strict=False):
        if level == 0:
            continue
        if not groups or round(level / step) != round(before / step):
            groups.append([])
        groups[-1].append(frame)
    long = [group for group in groups if len(group) >= _LEAST_SECONDS] or groups
    return [
        stage_of(
            index,
            group,
            model=model,
            offered=sum(_level(frame, model) for frame in group) / len(group),
            steady=False,
        )
        for index, group in enumerate(long)
    ]


def _level(frame: Frame, model: str) -> float:
    total = frame.total
    return total.arrivals_target_per_s if model == "open" else total.users_target
