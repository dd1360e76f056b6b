"""JMeter's controllers and timers become groups, repeats, choices and pauses."""

from __future__ import annotations

from pathlib import Path

from support.jmx import (
    calls_of,
    collection,
    element,
    items_of,
    plan,
    prop,
    read,
    sampler,
    thread_group,
)

from perfwright.model.journey import (
    Call,
    Group,
    OneOf,
    Pause,
    Repeat,
    Sometimes,
    Var,
)
from perfwright.model.think import Empirical, Fixed, Uniform


def test_controllers_become_groups_repeats_and_choices(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        thread_group(
            element("TransactionController", "Check out", children=(sampler("/a"),)),
            element("LoopController", "l", prop("LoopController.loops", 3),
                    children=(sampler("/b"),)),
            element("RandomController", "r", children=(sampler("/c"), sampler("/d"))),
            element("ThroughputController", "t", prop("ThroughputController.style", 1),
                    prop("ThroughputController.percentThroughput", "25.0"),
                    children=(sampler("/e"),)),
            element("IfController", "i", prop("IfController.condition", "false"),
                    children=(sampler("/f"),)),
        ),
    )  # fmt: skip
    group, repeat, one_of, sometimes = items_of(draft)
    assert isinstance(group, Group) and group.name == "Check out"
    assert isinstance(repeat, Repeat) and repeat.times == 3
    assert isinstance(one_of, OneOf) and [weight for weight, _ in one_of.ways] == [1.0, 1.0]
    assert isinstance(sometimes, Sometimes) and sometimes.probability == 0.25
    assert any("has the condition false" in note for note in draft.notes)


def test_what_is_done_once_is_the_users_start_where_one_group_is_alone(tmp_path: Path) -> None:
    once = element("OnceOnlyController", "once", children=(sampler("/login"),))
    draft = read(tmp_path, thread_group(once, sampler("/a")))
    assert [call.name for call in draft.user_start if isinstance(call, Call)] == ["/login"]
    two = read(tmp_path, thread_group(once, sampler("/a")), thread_group(sampler("/b"), name="B"))
    assert two.user_start == ()
    assert any("is done once a thread" in note for note in two.notes)


def test_a_set_up_group_is_done_at_a_users_start_and_a_tear_down_is_told(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        thread_group(sampler("/make"), name="before", kind="SetupThreadGroup"),
        thread_group(sampler("/a")),
        thread_group(sampler("/remove"), name="after", kind="PostThreadGroup"),
    )
    assert [call.name for call in draft.user_start if isinstance(call, Call)] == ["/make"]
    assert any("@teardown" in note and "/remove" in note for note in draft.notes)


def test_a_module_controller_takes_in_what_it_points_to_but_not_itself(tmp_path: Path) -> None:
    def pointing(*names: str) -> str:
        rows = [prop(str(place), name) for place, name in enumerate(names)]
        return element("ModuleController", "m", collection("ModuleController.node_path", *rows))

    fragment = element(
        "TestFragmentController", "part", children=(sampler("/shared"), pointing("Plan", "part"))
    )
    draft = read(tmp_path, fragment, thread_group(pointing("Test Plan", "Plan", "part")))
    assert [call.name for call in calls_of(draft)] == ["/shared"]


def test_an_include_controller_reads_a_file_beside_the_plan_only(tmp_path: Path) -> None:
    other = element("TestFragmentController", "f", children=(sampler("/included"),))
    (tmp_path / "part.jmx").write_text(plan(other))

    def including(path: str) -> str:
        return element("IncludeController", "i", prop("IncludeController.includepath", path))

    draft = read(tmp_path, thread_group(including("part.jmx"), including("../../x.jmx")))
    assert [call.name for call in calls_of(draft)] == ["/included"]
    assert any("which is not there" in note for note in draft.notes)


def test_timers_pause_before_each_sampler_in_their_scope(tmp_path: Path) -> None:
    def timer(kind: str, delay: str, spread: str = "0") -> str:
        return element(kind, kind, prop("ConstantTimer.delay", delay),
                       prop("RandomTimer.range", spread))  # fmt: skip

    draft = read(
        tmp_path,
        thread_group(
            timer("ConstantTimer", "250"),
            sampler("/a"),
            sampler("/b", timer("UniformRandomTimer", "100", "400")),
            sampler("/c", timer("GaussianRandomTimer", "1000", "100")),
            sampler("/d", timer("ConstantTimer", "${__Random(10,20)}")),
        ),
    )
    thinks = [item.think for item in items_of(draft) if isinstance(item, Pause)]
    assert thinks[:3] == [Fixed(0.25), Fixed(0.25), Uniform(0.1, 0.5)]
    gaussian = thinks[4]
    assert isinstance(gaussian, Empirical)
    assert abs(sum(gaussian.quantiles_s) / len(gaussian.quantiles_s) - 1.0) < 0.001
    assert thinks[6] == Uniform(0.01, 0.02)


def test_a_flow_control_action_pauses_for_a_random_time(tmp_path: Path) -> None:
    pause = element("TestAction", "think", prop("ActionProcessor.action", 1),
                    prop("ActionProcessor.duration", "${__Random(100,300)}"))  # fmt: skip
    draft = read(tmp_path, thread_group(pause, sampler("/a")))
    assert items_of(draft)[0] == Pause(Uniform(0.1, 0.3))


def test_what_a_loop_over_matches_returns_is_the_first_of_them(tmp_path: Path) -> None:
    links = element("RegexExtractor", "links", prop("RegexExtractor.refname", "link"),
                    prop("RegexExtractor.regex", 'href="([^"]+)"'),
                    prop("RegexExtractor.match_number", -1))  # fmt: skip
    loop = element("ForeachController", "each", prop("ForeachController.inputVal", "link"),
                   prop("ForeachController.returnVal", "page"),
                   children=(sampler("/go?to=${page}", name="go"),))  # fmt: skip
    draft = read(tmp_path, thread_group(sampler("/a", links), loop))
    assert calls_of(draft)[1].params == (("to", Var("link")),)
    assert any("made once" in note for note in draft.notes)


def test_a_fragment_that_nothing_points_to_is_told_once(tmp_path: Path) -> None:
    fragment = element("TestFragmentController", "spare", children=(sampler("/x"), sampler("/y")))
    draft = read(tmp_path, fragment, thread_group(sampler("/a")))
    assert [note for note in draft.notes if "spare" in note] == [
        "Plan / spare (TestFragmentController) is pointed to by nothing, and left out with all "
        "under it."
    ]
