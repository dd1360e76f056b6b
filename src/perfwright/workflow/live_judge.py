"""How the SLOs stand while a run goes on: the lights of a live view."""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.digest import Digest
from perfwright.analyze.slos import judge_slos, window_lengths_s
from perfwright.model.frame import Frame
from perfwright.model.verdict import SloResult
from perfwright.plan.slo import Slo


class LiveJudge:
    """Call it with every frame, in order. What cannot be judged yet has `ok` None."""

    def __init__(self, slos: Sequence[Slo]) -> None:
        self._slos = slos
        self._digest = Digest(window_lengths_s=window_lengths_s(slos))

    def __call__(self, frame: Frame) -> Sequence[SloResult]:
        self._digest.feed(frame)
        judged_s = float(self._digest.judged.seconds)
        return judge_slos(self._slos, self._digest, judged_duration_s=judged_s)
