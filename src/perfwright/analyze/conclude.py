"""The whole way from a digest to a run's result: judge the SLOs, give the verdict, sum up."""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
from perfwright.analyze.slos import judge_slos
from perfwright.analyze.summary import summarize
from perfwright.analyze.verdict import give_verdict
from perfwright.model.result import RunResult
from perfwright.plan.slo import Slo


def conclude(digest: Digest, facts: RunFacts, slos: Sequence[Slo]) -> RunResult:
    """What the run comes to. The digest must have been cut to `window_lengths_s(slos)`."""
    results = judge_slos(
        slos, digest, judged_duration_s=facts.judged_duration_s(), told=facts.quantiles
    )
    verdict = give_verdict(slos, results, digest, facts)
    return summarize(digest, facts, slos=results, verdict=verdict)
