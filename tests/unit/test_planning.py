"""The pure part of a test plan: what an iteration comes to, which tests, how long, which SLOs."""

from __future__ import annotations

import dataclasses
import itertools
import math
import shlex

import pytest
from scipy import stats
from support.command_lines import parse_command_line
from support.plans import shop_draft, shop_page, shop_workload

from perfwright.analyze.planning.objectives import guessed_slos, objectives_of
from perfwright.analyze.planning.purposes import PURPOSES
from perfwright.analyze.planning.shell import command_line
from perfwright.analyze.planning.think_times import mean_s, quantile_s
from perfwright.analyze.planning.visits import visits_of
from perfwright.model.journey import (
    Call,
    DraftLoad,
    Edge,
    Group,
    Item,
    Journey,
    LoadPart,
    OneOf,
    Pause,
    Repeat,
    ScenarioDraft,
    Sometimes,
    Text,
    Walk,
)
from perfwright.model.plan_page import PlannedTest, PlanPage, Purpose
from perfwright.model.think import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Think,
    Uniform,
    Weibull,
)

THINKS: list[tuple[Think, object]] = [
    (Uniform(1, 3), stats.uniform(1, 2)),
    (Exponential(4), stats.expon(scale=4)),
    (LogNormal(0.5, 0.7), stats.lognorm(0.7, scale=math.exp(0.5))),
    (Gamma(2, 3), stats.gamma(2, scale=3)),
    (Weibull(0.8, 9), stats.weibull_min(0.8, scale=9)),
]


@pytest.mark.parametrize(("think", "known"), THINKS)
def test_means_and_quantiles_of_think_times_are_scipys(think: Think, known: object) -> None:
    assert mean_s(think) == pytest.approx(known.mean())  # type: ignore[attr-defined]
    for q in (0.1, 0.5, 0.9):
        assert quantile_s(think, q) == pytest.approx(known.ppf(q))  # type: ignore[attr-defined]


def test_fixed_and_empirical_think_times_have_the_mean_of_their_lines() -> None:
    assert mean_s(Fixed(2)) == quantile_s(Fixed(2), 0.9) == 2
    assert mean_s(Empirical((0, 2, 10))) == 3.5
    assert quantile_s(Empirical((0, 2, 10)), 0.75) == 6
    assert mean_s(Empirical((5.0,))) == 5


def call(name: str) -> Call:
    return Call(name=name, method="GET", url=Text(("/",)))


def test_an_iteration_of_a_journey_counts_what_it_does() -> None:
    items: tuple[Item, ...] = (
        Group("g", (call("a"), Pause(Fixed(2)))),
        Repeat(3, (call("b"),)),
        Sometimes(0.5, (call("c"),)),
        OneOf(((1, (call("d"),)), (3, (call("e"),)))),
        dataclasses.replace(call("f"), resources=(call("g"), call("g"))),
    )
    journey = Journey(name="j", weight=1, items=items)
    visits = visits_of(ScenarioDraft(title="", sources=(), journeys=(journey,)))
    assert dict(visits.by_step) == {
        "a": 1, "b": 3, "c": 0.5, "d": 0.25, "e": 0.75, "f": 1, "g": 2,
    }  # fmt: skip
    assert visits.think_s == 2


def test_an_iteration_of_a_walk_counts_the_visits_of_its_chain() -> None:
    edges = (
        Edge(source=None, to="a", probability=1),
        Edge(source="a", to="a", probability=0.5, think=Fixed(10)),
        Edge(source="a", to="b", probability=0.25),
        Edge(source="a", to=None, probability=0.25),
        Edge(source="b", to=None, probability=1),
    )
    walk = Walk(name="w", weight=1, edges=edges)
    visits = visits_of(ScenarioDraft(title="", sources=(), walks=(walk,)))
    assert visits.by_step["a"] == pytest.approx(2)
    assert visits.by_step["b"] == pytest.approx(0.5)
    assert visits.think_s == pytest.approx(10)


def test_a_walk_that_never_ends_is_cut_and_does_not_fail() -> None:
    edges = (
        Edge(source=None, to="a", probability=1),
        Edge(source="a", to="a", probability=1),
    )
    walk = Walk(name="w", weight=1, edges=edges)
    visits = visits_of(ScenarioDraft(title="", sources=(), walks=(walk,)))
    assert 1 < visits.requests < math.inf


@pytest.fixture
def page() -> PlanPage:
    return shop_page()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_purpose_has_its_own_tests_and_says_which_it_leaves_out(purpose: Purpose) -> None:
    page = shop_page(shop_draft(), purpose=purpose)
    kinds = [test.kind for test in page.tests]
    assert kinds == list(PURPOSES[purpose].kinds)
    assert kinds[:2] == ["smoke", "load"]
    assert set(kinds) | set(page.not_called_for) == set(PURPOSES["general"].kinds)


def test_every_command_is_one_that_the_command_line_takes(page: PlanPage) -> None:
    for command in page.commands:
        if command.line.startswith("perfwright "):
            line = command.line.replace('"$TARGET"', "http://127.0.0.1:1")
            parse_command_line(command.what, line.removeprefix("perfwright "))


def test_where_no_target_is_known_the_commands_take_it_from_a_variable(page: PlanPage) -> None:
    assert page.commands[0].line.startswith("export TARGET=")
    assert all('--target "$TARGET"' in test.command for test in page.tests)
    known = shop_page(shop_draft(target="http://127.0.0.1:8000"))
    assert not any("TARGET" in command.line for command in known.commands)


def test_what_a_source_was_recorded_at_is_not_loaded_unasked() -> None:
    page = shop_page(shop_draft(target="https://shop.example.com"))
    assert page.target_is_open
    assert all('--target "$TARGET"' in test.command for test in page.tests)


def by_kind(page: PlanPage) -> dict[str, PlannedTest]:
    return {test.kind: test for test in page.tests}


def test_loads_come_to_users_and_requests_by_the_laws(page: PlanPage) -> None:
    load = by_kind(page)["load"]
    assert load.peak == 3.2
    assert load.users_about == pytest.approx(3.2 * page.think_s)
    assert load.requests_per_s == pytest.approx(3.2 * page.requests_per_iteration)
    assert by_kind(page)["stress"].peak == pytest.approx(6.4)


def test_a_level_lasts_for_two_sessions_at_least() -> None:
    workload = shop_workload()
    slow = tuple(
        dataclasses.replace(one, duration_p50_s=900.0) for one in workload.sessions.patterns
    )
    sessions = dataclasses.replace(workload.sessions, patterns=slow)
    page = shop_page(shop_draft(), dataclasses.replace(workload, sessions=sessions))
    stress = by_kind(page)["stress"]
    assert stress.duration_s == 4 * 2 * 900
    assert "a session takes about 15m" in stress.why


def test_a_quantile_that_gets_too_few_requests_makes_the_load_test_longer() -> None:
    seldom = dataclasses.replace(
        shop_draft(),
        load=DraftLoad(kind="arrivals", parts=(LoadPart(to=0.05, hold_s=300),)),
        slos=("p95(POST /orders) < 1s",),
    )
    load = by_kind(shop_page(seldom))["load"]
    assert load.duration_s > 300
    assert "p95(POST /orders) < 1s needs" in load.why
    assert "--kind load" in load.command


def test_a_level_sees_sessions_even_where_they_come_seldom() -> None:
    load = DraftLoad(kind="arrivals", parts=(LoadPart(to=0.01, hold_s=300),))
    tests = by_kind(shop_page(dataclasses.replace(shop_draft(), load=load, slos=("errors < 1%",))))
    assert tests["load"].duration_s == 30 / 0.01
    assert tests["stress"].duration_s == pytest.approx(4 * 10 / 0.01, abs=60)
    assert "sessions come seldom" in tests["spike"].why


def test_the_closed_model_has_whole_users() -> None:
    load = DraftLoad(kind="users", parts=(LoadPart(to=7, over_s=10, hold_s=60),))
    page = shop_page(dataclasses.replace(shop_draft(), load=load))
    tests = by_kind(page)
    assert tests["spike"].model == "closed"
    assert "--users 14 " in tests["spike"].command
    assert tests["load"].users_about == 7


def test_objectives_show_todays_value_and_the_margin() -> None:
    slow, errors = objectives_of(
        ("p95(GET /search) < 300ms", "errors < 0.5%"), shop_workload(), proposed=True
    )
    assert slow.today == "240 ms"
    assert slow.margin_ratio == pytest.approx(0.25)
    assert slow.is_proposal
    assert errors.today == "1%"
    assert errors.basis == "Asks for more than the access log shows today."


def test_where_nothing_was_measured_the_proposals_say_so() -> None:
    slos = guessed_slos(has_checks=True)
    assert all("No measurement" in one.basis for one in objectives_of(slos, None, proposed=True))


def test_words_in_a_command_are_quoted() -> None:
    line = command_line("perfwright", "run", "a b.py", "--name", "$(rm -rf /)\nx; y")
    assert shlex.split(line) == ["perfwright", "run", "a b.py", "--name", "$(rm -rf /) x; y"]


def test_writing_steps_and_a_named_host_are_risks() -> None:
    page = shop_page(shop_draft(target="https://shop.example.com"))
    told = " ".join(risk.what + risk.why for risk in page.risks)
    assert "POST /orders" in told
    assert "https://shop.example.com may be production" in told
    local = shop_page(shop_draft(target="http://127.0.0.1:8000"))
    assert not any("production" in risk.what for risk in local.risks if not risk.shown_by)


def test_the_environment_is_left_to_be_filled_in_with_the_effect_of_each_row() -> None:
    page = shop_page()
    open_rows = [row for row in page.environment if not row.production]
    assert len(open_rows) >= 8
    assert all(row.effect for row in page.environment)


def test_the_schedule_has_no_gaps() -> None:
    slots = shop_page().schedule
    for before, after in itertools.pairwise(slots):
        assert after.begin_s == before.begin_s + before.duration_s
