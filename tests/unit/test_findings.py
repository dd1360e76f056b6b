"""Ranking: what is worth most comes first, symptoms under their cause, nothing on a healthy one."""

from __future__ import annotations

import dataclasses

from support.views import APP, DB, loaded, make_view, stage
from support.watched_shop import DB_PROCESS, shop

from perfwright.analyze.findings import examine, find
from perfwright.analyze.healthy import next_limit, used_up_by_design
from perfwright.analyze.view import View
from perfwright.model.finding import Finding, Impact, Predicted
from perfwright.model.watched import Reading


def finding(
    kind: str,
    *,
    gain: float = 2.0,
    confidence: float = 0.9,
    component: str = APP,
    explains: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        kind=kind,
        subject=kind,
        component=component,
        confidence=confidence,
        impact=Impact(
            throughput_per_s=Predicted(now=100, predicted=100 * gain, low=100, high=1000)
        ),
        evidence=(),
        recommendation="",
        explains=explains,
    )


def ranked(*findings: Finding) -> tuple[Finding, ...]:
    return examine(healthy(), [lambda _, found=one: [found] for one in findings]).findings


def healthy() -> View:
    stages = loaded(capacity_per_s=400)
    return make_view(stages, shop(stages, app_s=0.0025))


def test_a_healthy_system_has_no_findings() -> None:
    assert find(healthy()) == ()


def test_a_system_that_nobody_watched_has_none_either() -> None:
    assert find(make_view(loaded(), Reading())) == ()


def test_one_load_alone_has_none() -> None:
    stages = loaded([200.0])
    assert find(make_view(stages, shop(stages), search=False)) == ()


def test_the_next_limit_of_a_healthy_system_is_named_with_its_rate() -> None:
    told = next_limit(healthy())
    assert "No bottleneck below 380 requests/s" in told
    assert "CPU of port:8000" in told
    assert "2.5" in told
    assert used_up_by_design(healthy())


def test_without_probes_the_next_limit_is_not_guessed() -> None:
    assert "nothing was watched" in next_limit(make_view(loaded(), Reading()))


def test_what_is_worth_more_comes_first() -> None:
    small, large = finding("gc.pressure", gain=1.2), finding("code.hot_function", gain=3)
    assert [one.kind for one in ranked(small, large)] == ["code.hot_function", "gc.pressure"]
    assert [one.rank for one in ranked(small, large)] == [1, 2]


def test_sureness_weighs_as_much_as_worth() -> None:
    unsure, sure = finding("gc.pressure", gain=2.5, confidence=0.4), finding("lb.uneven", gain=2)
    assert ranked(unsure, sure)[0].kind == "lb.uneven"


def test_a_symptom_goes_under_its_cause_even_when_it_seems_worth_more() -> None:
    cause = finding("db.missing_index", gain=1.5, component=DB, explains=("pool.exhausted",))
    symptom = finding("pool.exhausted", gain=4)
    (first,) = ranked(symptom, cause)
    assert first.kind == "db.missing_index"
    assert [one.kind for one in first.folded] == ["pool.exhausted"]


def test_symptoms_of_symptoms_end_under_the_deepest_cause() -> None:
    lock = finding("db.lock_contention", component=DB, explains=("pool.exhausted",))
    pool = finding("pool.exhausted", explains=("errors.under_load",))
    errors = finding("errors.under_load", component="")
    (first,) = ranked(errors, pool, lock)
    assert first.kind == "db.lock_contention"
    assert {one.kind for one in first.folded} == {"pool.exhausted", "errors.under_load"}


def test_two_that_explain_each_other_are_not_lost() -> None:
    one = finding("cpu.saturated", gain=3, explains=("gc.pressure",))
    other = finding("gc.pressure", gain=2, explains=("cpu.saturated",))
    (first,) = ranked(one, other)
    assert first.kind == "cpu.saturated" or first.kind == "gc.pressure"
    assert len(first.folded) == 1


def test_an_unsure_cause_does_not_swallow_a_sure_symptom() -> None:
    cause = finding("db.slow_query", confidence=0.35, component=DB, explains=("pool.exhausted",))
    assert len(ranked(cause, finding("pool.exhausted", confidence=0.9))) == 2


def test_components_that_do_not_talk_keep_their_own_findings() -> None:
    view = healthy()
    elsewhere = finding("db.slow_query", component="port:9999", explains=("gc.pressure",))
    components = (
        *view.watched.components,
        dataclasses.replace(
            view.watched.components[0], subject="port:9999", port=9999, talks_to=("port:9998",)
        ),
    )
    view = dataclasses.replace(
        view, watched=dataclasses.replace(view.watched, components=components)
    )
    symptom = finding("gc.pressure", component=DB_PROCESS)
    found = examine(view, [lambda _: [elsewhere, symptom]]).findings
    assert len(found) == 2


def test_what_is_worth_nothing_or_unsure_is_dropped() -> None:
    assert ranked(finding("gc.pressure", gain=1.0), finding("lb.uneven", confidence=0.1)) == ()


def test_a_finding_whose_worth_cannot_be_told_stays_below_those_that_can() -> None:
    untold = dataclasses.replace(finding("errors.under_load"), impact=Impact())
    assert [one.kind for one in ranked(untold, finding("gc.pressure"))] == [
        "gc.pressure",
        "errors.under_load",
    ]


def test_a_detector_that_fails_costs_only_its_own_findings() -> None:
    def broken(_: View) -> list[Finding]:
        raise ZeroDivisionError("by design")

    found = examine(healthy(), [broken, lambda _: [finding("gc.pressure")]])
    assert [one.kind for one in found.findings] == ["gc.pressure"]
    assert "by design" in found.notes[0]


def test_a_saturated_generator_comes_first() -> None:
    stages = [*loaded()[:-1], stage(6, 460, throughput_per_s=390, generator_ratio=0.97)]
    found = find(make_view(stages, shop(stages)))
    assert found[0].kind == "generator.saturated"
    assert "--workers" in found[0].recommendation


def test_a_busy_generator_at_a_load_that_was_held_is_no_finding() -> None:
    stages = loaded()
    stages = (dataclasses.replace(stages[0], generator_ratio=0.95), *stages[1:])
    assert find(make_view(stages, shop(stages))) == ()
