"""The answer of a run: pass, fail, or inconclusive, and each reason in one sentence.

    fail           an SLO is broken · every request failed and no SLO on errors says that is fine ·
                   every user's first iteration failed · @teardown found something wrong ·
                   a stop_if rule ended the run
    inconclusive   the generator was the bottleneck · a worker was lost · nothing was measured ·
                   an SLO could not be judged · a quantile rests on too few requests
    pass           otherwise

A fail outranks inconclusive, with one exception: an SLO on time that was broken while the generator
was the bottleneck may be the generator's doing, so it is inconclusive; likewise one on errors that
holds without the requests that this machine could not send. What is worth telling and changes
nothing (arrivals dropped, stopped by hand) comes last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
from perfwright.analyze.generator import generator_faults, never_sent
from perfwright.analyze.slo_values import said
from perfwright.analyze.summary import all_requests
from perfwright.analyze.support import requests_needed
from perfwright.analyze.total_failure import total_failure
from perfwright.model.frame import Tally
from perfwright.model.units import format_count, format_duration
from perfwright.model.verdict import SloResult, Status, Verdict
from perfwright.plan.slo import Slo

Judgement = tuple[Slo, SloResult]
_GENERATOR_DEPENDENT = ("response", "service", "apdex")


def give_verdict(
    slos: Sequence[Slo], results: Sequence[SloResult], digest: Digest, facts: RunFacts
) -> Verdict:
    """`results` are those of `slos`, in order."""
    judgements = list(zip(slos, results, strict=True))
    faults = generator_faults(digest, workers=facts.workers)
    excused = [pair for pair in judgements if faults and _is_excusable(pair, digest.judged.tally)]
    failures = [
        *_mishaps(facts),
        *_total_failure(judgements, digest.whole),
        *(_broken(result) for slo, result in judgements
          if result.ok is False and (slo, result) not in excused),
    ]  # fmt: skip
    doubts = [
        *faults,
        *(_excuse(result) for _, result in excused),
        *_lost_workers(facts),
        *_too_little(judgements, digest, facts),
    ]
    status = Status.FAIL if failures else Status.INCONCLUSIVE if doubts else Status.PASS
    praise = [_praise(judgements, digest.whole)] if status is Status.PASS else []
    return Verdict(status=status, reasons=(*failures, *doubts, *praise, *_remarks(digest, facts)))


def _mishaps(facts: RunFacts) -> Iterator[str]:
    if facts.scenario_broken:
        yield f"The first iteration of every user failed: {facts.scenario_broken}"
    yield from (f"@teardown: {failure}" for failure in facts.teardown_failures)
    if facts.stop_reason:
        yield f"Stopped early: {facts.stop_reason}"


def _total_failure(judgements: Sequence[Judgement], whole: Tally) -> Iterator[str]:
    errors_allowed = any(slo.metric == "errors" for slo, _ in judgements)
    if not errors_allowed and (failure := total_failure(whole)):
        yield failure


def _is_excusable(judgement: Judgement, judged: Tally) -> bool:
    slo, result = judgement
    if result.ok is not False:
        return False
    return slo.metric in _GENERATOR_DEPENDENT or (
        slo.metric == "errors" and slo.window_s is None and _holds_without_unsent(slo, judged)
    )


def _holds_without_unsent(slo: Slo, judged: Tally) -> bool:
    """Of the whole judged time; in its worst window it may still be broken by the target."""
    step = judged.steps[slo.step] if slo.step else all_requests(judged)
    unsent = never_sent(step.error_kinds)
    sent = step.requests - unsent
    return unsent > 0 and slo.holds((step.errors - unsent) / sent if sent else 0.0)


def _broken(result: SloResult) -> str:
    return f"{result.expr} is broken: it was {_value(result)}{_where(result)}."


def _excuse(result: SloResult) -> str:
    return (
        f"{result.expr} did not hold ({_value(result)}{_where(result)}), "
        "but that may be the generator's doing."
    )


def _lost_workers(facts: RunFacts) -> Iterator[str]:
    for what in facts.lost_workers:
        yield (
            f"Load {what}, and its share of the load with it: "
            "what it had measured is kept; run again."
        )


def _too_little(judgements: Sequence[Judgement], digest: Digest, facts: RunFacts) -> Iterator[str]:
    if facts.scenario_broken and digest.whole.requests() == 0:
        return  # said already, and running longer is no remedy
    if digest.whole.requests() == 0 and digest.whole.iterations_completed:
        yield "No scenario sent a request, so there is nothing to judge: await user.get(…) in one."
        return
    if digest.judged.tally.requests() == 0:
        when = "in the judged time" if digest.whole.requests() else "at all"
        yield f"No request completed {when}, so there is nothing to judge: run longer (--for)."
        return
    for slo, result in judgements:
        if result.ok is None:
            yield f"{result.expr} could not be judged: {result.detail}."
        elif result.ok and slo.quantile is not None:
            yield from _thin_quantile(slo, slo.quantile, digest.judged.tally)


def _thin_quantile(slo: Slo, quantile: float, judged: Tally) -> Iterator[str]:
    step = judged.steps.get(slo.step) if slo.step is not None else None
    requests = judged.requests() if step is None else step.requests
    needed = requests_needed(quantile)
    if requests < needed:
        yield (
            f"{slo.expr} rests on {format_count(requests)} requests and p{quantile * 100:g} needs "
            f"at least {format_count(needed)}: run longer (--for) or at a higher rate."
        )


def _praise(judgements: Sequence[Judgement], whole: Tally) -> str:
    if not judgements and whole.errors():
        failed = f"{100 * whole.errors() / whole.requests():.3g}%"
        return f"No SLO was given, though {failed} of requests failed: say what must hold (--slo)."
    if not judgements:
        return "No SLO was given, and requests succeeded: say what must hold with --slo."
    return "The SLO holds." if len(judgements) == 1 else f"All {len(judgements)} SLOs hold."


def _remarks(digest: Digest, facts: RunFacts) -> Iterator[str]:
    dropped, started = digest.whole.dropped, digest.whole.iterations_started
    if dropped:
        ratio = dropped / (dropped + started)
        why = facts.dropped_because or (
            f"all {format_count(facts.max_users)} users were busy (--max-users): "
            "the system did not keep up"
            if facts.max_users is not None
            else "the run ended before their turn came"
        )
        yield f"{format_count(dropped)} arrivals ({ratio:.1%}) never started, as {why}."
    if facts.interrupted:
        yield (
            f"Stopped after {format_duration(facts.duration_s)}, before its time: "
            "judged on what was measured until then."
        )


def _value(result: SloResult) -> str:
    return said(result.value or 0, result.unit)


def _where(result: SloResult) -> str:
    return f" {result.detail}" if result.detail else ""
