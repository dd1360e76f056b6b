"""Each kind of SLO against frames whose numbers are known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.tallies import second

from perfwright.analyze.digest import Digest
from perfwright.analyze.slo_values import said
from perfwright.analyze.slos import judge_slos, looked_at, window_lengths_s
from perfwright.model.frame import CheckTally, Frame
from perfwright.model.verdict import SloResult
from perfwright.model.watched import Reading, Sample
from perfwright.plan.slo import parse_slo

TEN = [float(time) for time in range(1, 11)]


def judged(expression: str, frames: Sequence[Frame]) -> SloResult:
    slo = parse_slo(expression)
    digest = Digest.of(frames, window_lengths_s=window_lengths_s([slo]))
    return judge_slos([slo], digest, judged_duration_s=digest.judged.seconds)[0]


@pytest.mark.parametrize(
    ("expression", "value", "ok"),
    [
        ("p50 < 6ms", 5.0, True),
        ("p90 < 8.9ms", 9.0, False),
        ("max < 11ms", 10.0, True),
        ("mean <= 5.5ms", 5.5, True),
        ("service.p90 < 10ms", 9.0, True),
        ("p90(GET /) < 10ms", 9.0, True),
        ("errors < 10%", 10.0, False),
        ("errors <= 10%", 10.0, True),
        ("errors(GET /) < 11%", 10.0, True),
        ("throughput > 9/s", 10.0, True),
        ("throughput(GET /) > 10/s", 10.0, False),
        ("apdex(5.5ms) > 0.5", 0.65, True),
    ],
)
def test_value_and_answer(expression: str, value: float, ok: bool) -> None:
    result = judged(expression, [second(0, TEN, errors=1), second(1, TEN, errors=1)])
    assert result.value == pytest.approx(value, rel=0.002)
    assert result.ok is ok


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (50.25, "1/s", "50.2/s"),
        (340.0, "ms", "340 ms"),
        (0.2, "%", "0.2%"),
        (0.87, "", "0.87"),
    ],
)
def test_a_value_is_told_with_its_unit_as_people_write_it(
    value: float, unit: str, text: str
) -> None:
    assert said(value, unit) == text


def test_of_all_that_was_watched_only_what_objectives_need_is_kept() -> None:
    kept = Sample(second=0, metric="process.cpu.utilization", subject="port:1", value=0.5)
    label = Sample(
        second=0, metric="process.cpu.utilization", subject="port:1", value=0.5, label="pid:7"
    )
    other = Sample(second=0, metric="process.memory.usage", subject="port:1", value=1.0)
    seen = Reading(samples=(kept, label, other))
    assert looked_at([parse_slo("cpu(port:1) < 70%")], seen) == Reading(samples=(kept,))
    assert looked_at([parse_slo("p99 < 1s")], seen) == Reading()


def test_units_are_those_that_people_read() -> None:
    frames = [second(0, TEN)]
    assert judged("p99 < 0.3s", frames).unit == "ms"
    assert judged("p99 < 0.3s", frames).limit == 300
    assert judged("errors < 0.1%", frames).limit == pytest.approx(0.1)
    assert judged("throughput > 5/s", frames).unit == "1/s"


def test_seconds_that_are_not_judged_do_not_count() -> None:
    frames = [second(0, [900.0] * 50, judged=False), second(1, TEN)]
    assert judged("max < 11ms", frames).ok is True


def test_a_timeout_is_not_taken_off_the_satisfied_twice() -> None:
    frame = second(0, [1.0, 1.0, 900.0, 900.0])
    frame.total.steps["GET /"].errors = 2
    frame.total.steps["GET /"].error_kinds = {"timeout": 2}
    assert judged("apdex(5ms) > 0.4", [frame]).value == 0.5


def test_checks_are_judged_together() -> None:
    frame = second(0, TEN)
    frame.total.checks = {"a": CheckTally(passed=98), "b": CheckTally(passed=1, failed=1)}
    assert judged("checks > 99%", [frame]).value == 99.0


class TestWindows:
    FRAMES = tuple(second(n, [float(n + 1)] * 3) for n in range(7))

    def test_the_worst_whole_window_decides(self) -> None:
        result = judged("max < 5ms every 3s", self.FRAMES)
        assert (result.value, result.ok) == (6.0, False)
        assert result.detail == "in the worst window, 3 s to 6 s"

    def test_for_a_lower_limit_the_worst_is_the_least(self) -> None:
        frames = [second(0, TEN), second(1, TEN[:2]), second(2, TEN)]
        assert judged("throughput > 5/s every 1s", frames).value == 2.0

    def test_without_a_whole_window_nothing_is_judged(self) -> None:
        result = judged("max < 5ms every 10s", self.FRAMES)
        assert (result.value, result.ok) == (None, None)
        assert result.detail == "no whole window of 10 s was judged; run longer (--for)"

    def test_a_window_does_not_reach_across_seconds_that_are_not_judged(self) -> None:
        pause = second(2, [99.0], judged=False)
        frames = [second(0, TEN), second(1, TEN), pause, *self.FRAMES[3:5]]
        assert judged("max < 5ms every 3s", frames).ok is None

    def test_a_window_in_which_nothing_was_measured_is_passed_over(self) -> None:
        frames = [second(0, TEN), second(1), second(2, TEN)]
        assert judged("max < 11ms every 1s", frames).ok is True


class TestWhatCannotBeJudged:
    def test_an_unknown_step_gets_a_suggestion(self) -> None:
        result = judged("p95(logni) < 1s", [second(0, TEN, name="login")])
        assert result.ok is None
        assert "no step 'logni' ran; did you mean 'login'?" in result.detail

    def test_a_step_that_ran_only_in_the_ramp_was_not_measured(self) -> None:
        frames = [second(0, TEN, judged=False), second(1, TEN, name="other")]
        result = judged("p95(GET /) < 1s", frames)
        assert (result.ok, result.detail) == (
            None,
            "nothing was measured in the judged time; run longer (--for)",
        )

    def test_a_run_without_checks_says_how_to_make_one(self) -> None:
        assert "user.check(name, ok)" in judged("checks > 99%", [second(0, TEN)]).detail

    def test_a_probe_that_nobody_started_says_how_to(self) -> None:
        result = judged("cpu(port:8000) < 70%", [second(0, TEN)])
        assert (result.ok, result.limit, result.unit) == (None, 70, "%")
        assert result.detail == "not watched: add --watch port:8000"


class TestProbes:
    @staticmethod
    def frames(metric: str, *values: float, subject: str = "port:8000") -> list[Frame]:
        return [
            second(n, TEN, samples=(Sample(second=n, metric=metric, subject=subject, value=v),))
            for n, v in enumerate(values)
        ]

    def test_cpu_is_the_mean(self) -> None:
        frames = self.frames("process.cpu.utilization", 0.5, 0.8)
        assert judged("cpu(port:8000) < 70%", frames).value == pytest.approx(65)

    def test_cpu_of_the_host_is_that_of_all_its_cores(self) -> None:
        frames = self.frames("system.cpu.utilization", 0.5, 0.8, subject="host")
        assert judged("cpu(host) < 70%", frames).value == pytest.approx(65)

    def test_the_memory_of_a_process_goes_before_that_of_its_cgroup(self) -> None:
        both = self.frames("container.memory.usage", 8e9) + self.frames("process.memory.usage", 1e9)
        assert judged("memory(port:8000) < 2GB", both).value == pytest.approx(1)

    def test_memory_is_the_largest_in_the_unit_it_was_asked_in(self) -> None:
        frames = self.frames("process.memory.usage", 1e9, 2.5e9, 2e9)
        result = judged("memory(port:8000) < 2GB", frames)
        assert (result.value, result.limit, result.unit, result.ok) == (2.5, 2.0, "GB", False)

    def test_a_metric_without_a_subject_is_that_of_the_worst(self) -> None:
        frames = self.frames("db.pool.wait", 0.004) + self.frames(
            "db.pool.wait", 0.002, subject="b"
        )
        assert judged("db.pool.wait < 5ms", frames).value == pytest.approx(4)
