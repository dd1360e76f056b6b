"""The verdict's rules, one by one, and which outranks which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.tallies import second

from perfwright.analyze.conclude import conclude
from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
from perfwright.analyze.slos import window_lengths_s
from perfwright.analyze.support import requests_needed
from perfwright.model.frame import Exemplar, Frame, Hold
from perfwright.model.verdict import Status, Verdict
from perfwright.plan.slo import parse_slo

FACTS = RunFacts(run_id="r", duration_s=2.0)
GOOD = [second(n, [10.0] * 100) for n in range(2)]
SATURATED = [second(n, [10.0] * 100, cpu_ratio=0.95) for n in range(2)]
ALL_FAILED = [second(n, [10.0] * 100, errors=100) for n in range(2)]


def verdict(frames: Sequence[Frame], *expressions: str, facts: RunFacts = FACTS) -> Verdict:
    slos = [parse_slo(expression) for expression in expressions]
    digest = Digest.of(frames, window_lengths_s=window_lengths_s(slos))
    return conclude(digest, facts, slos).verdict


@pytest.mark.parametrize(
    ("frames", "expressions", "status"),
    [
        (GOOD, (), Status.PASS),
        (GOOD, ("p99 < 20ms",), Status.PASS),
        (GOOD, ("p99 < 20ms", "throughput > 500/s"), Status.FAIL),
        (GOOD, ("p95(nobody) < 1s",), Status.INCONCLUSIVE),
        (GOOD, ("p95(nobody) < 1s", "p99 < 1ms"), Status.FAIL),
        (ALL_FAILED, (), Status.FAIL),
        (ALL_FAILED, ("p99 < 1s",), Status.FAIL),
        (ALL_FAILED, ("errors <= 100%",), Status.PASS),
        (SATURATED, (), Status.INCONCLUSIVE),
        (SATURATED, ("p99 < 20ms",), Status.INCONCLUSIVE),
        (SATURATED, ("p99 < 1ms",), Status.INCONCLUSIVE),
        (SATURATED, ("throughput > 500/s",), Status.FAIL),
        (SATURATED, ("errors > 1%",), Status.FAIL),
        (SATURATED, ("p99 < 1ms", "errors > 1%"), Status.FAIL),
        ([], (), Status.INCONCLUSIVE),
        ([second(0)], (), Status.INCONCLUSIVE),
        ([second(0, [1.0])], (), Status.PASS),
        ([second(0, [1.0] * 99)], ("p99 < 1s",), Status.INCONCLUSIVE),
        ([second(0, [1.0] * 100)], ("p99 < 1s",), Status.PASS),
        ([second(0, [1.0] * 19)], ("p95 < 1s", "max < 1s"), Status.INCONCLUSIVE),
        ([second(0, [1.0] * 19)], ("mean < 1s", "errors < 1%"), Status.PASS),
        ([second(0, [1.0] * 19)], ("p95 < 0.5ms",), Status.FAIL),
    ],
)
def test_status(frames: list[Frame], expressions: tuple[str, ...], status: Status) -> None:
    assert verdict(frames, *expressions).status is status


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"lost_workers": ("worker 1 died",)}, Status.INCONCLUSIVE, "Load worker 1 died, and its"),
        ({"teardown_failures": ("1 order lost",)}, Status.FAIL, "@teardown: 1 order lost"),
        ({"scenario_broken": "KeyError: 'x'"}, Status.FAIL, "The first iteration of every user"),
        ({"stop_reason": "errors > 50%"}, Status.FAIL, "Stopped early: errors > 50%"),
        ({"interrupted": True}, Status.PASS, "Stopped after 2 s, before its time"),
    ],
)
def test_what_befell_the_run(change: dict[str, object], status: Status, reason: str) -> None:
    found = verdict(GOOD, "p99 < 1s", facts=replace(FACTS, **change))
    assert found.status is status
    assert any(reason in each for each in found.reasons)


class TestReasons:
    def test_a_broken_slo_says_what_it_was(self) -> None:
        assert verdict(GOOD, "p99 < 1ms").reasons == ("p99 < 1ms is broken: it was 10 ms.",)

    def test_total_failure_says_of_what_and_where_to_look(self) -> None:
        assert verdict(ALL_FAILED).reasons[0] == (
            "Every request failed (200 of them, all by http_5xx): see the target's own log."
        )

    def test_total_failure_shows_a_message_and_what_helps_against_its_kind(self) -> None:
        frame = failing({"tls": 9, "reset": 1}, of=10)
        frame.total.exemplars = [exemplar("reset", "gone"), exemplar("tls", "bad certificate")]
        assert verdict([frame]).reasons == (
            "Every request failed (10 of them, mostly by tls: bad certificate): "
            "trust its issuer with --ca FILE, or verify nothing with --insecure.",
        )

    def test_a_broken_scenario_is_not_told_to_run_longer(self) -> None:
        facts = replace(FACTS, scenario_broken="KeyError: 'x'")
        assert verdict([second(0)], facts=facts).reasons == (
            "The first iteration of every user failed: KeyError: 'x'",
        )

    def test_scenarios_without_a_request_are_told_so(self) -> None:
        frame = second(0)
        frame.total.iterations_completed = 1_000
        assert verdict([frame]).reasons == (
            "No scenario sent a request, so there is nothing to judge: await user.get(…) in one.",
        )

    def test_a_saturated_generator_says_how_to_get_more(self) -> None:
        assert verdict(SATURATED, "p99 < 1ms").reasons == (
            "The load generator was the bottleneck: its busiest worker used 95% of a core. "
            "Use more workers (--workers 2, on more cores) or less load.",
            "p99 < 1ms did not hold (10 ms), but that may be the generator's doing.",
        )

    def test_too_few_requests_says_how_many_are_needed(self) -> None:
        assert verdict([second(0, [1.0] * 40)], "p99 < 1s").reasons == (
            "p99 < 1s rests on 40 requests and p99 needs at least 100: "
            "run longer (--for) or at a higher rate.",
        )

    def test_nothing_measured_is_said_once(self) -> None:
        assert verdict([second(0)], "p99 < 1s", "errors < 1%").reasons == (
            "No request completed at all, so there is nothing to judge: run longer (--for).",
        )

    def test_dropped_arrivals_are_told_and_judge_nobody(self) -> None:
        frames = [second(0, [10.0] * 150), second(1, [10.0] * 150)]
        frames[1].total.dropped = 100
        found = verdict(frames, "p99 < 1s", facts=replace(FACTS, max_users=20))
        assert found.status is Status.PASS
        assert found.reasons[-1] == (
            "100 arrivals (25.0%) never started, as all 20 users were busy (--max-users): "
            "the system did not keep up."
        )

    def test_praise_counts(self) -> None:
        assert verdict(GOOD, "p99 < 1s", "errors < 1%").reasons == ("All 2 SLOs hold.",)


class TestLateness:
    @pytest.mark.parametrize(
        ("late_ms", "response_ms", "status"),
        [
            (0.9, 1.0, Status.PASS),
            (1.1, 10.5, Status.INCONCLUSIVE),
            (1.1, 11.5, Status.PASS),
            (5.0, 40.0, Status.INCONCLUSIVE),
        ],
    )
    def test_is_too_much_above_1_ms_and_a_tenth_of_the_median(
        self, late_ms: float, response_ms: float, status: Status
    ) -> None:
        frames = [second(0, [response_ms] * 200, late_ms=[late_ms] * 100)]
        assert verdict(frames).status is status

    def test_code_that_held_the_loop_is_named(self) -> None:
        frame = second(0, [5.0] * 200, late_ms=[30.0] * 100)
        frame.total.holds = [
            Hold(file="shop.py", line=12, count=214, total_ns=10**9, longest_ns=35_000_000),
            Hold(file="shop.py", line=40, count=1, total_ns=10**6, longest_ns=10**6),
        ]
        assert "shop.py:12 held the loop for 35 ms, 214 times" in verdict([frame]).reasons[0]


class TestHolds:
    """Three holds of 300 ms in a second: what came meanwhile was read late."""

    HOLD = Hold(file="shop.py", line=6, count=3, total_ns=900_000_000, longest_ns=310_000_000)

    def frame(self, *, users: int, hold: Hold = HOLD, response_ms: float = 8.0) -> Frame:
        frame = second(0, [response_ms] * 200, users=users)
        frame.total.holds = [hold]
        return frame

    def test_they_make_the_times_of_other_users_untrustworthy(self) -> None:
        found = verdict([self.frame(users=2)], "p95 < 1ms")
        assert found.status is Status.INCONCLUSIVE
        assert found.reasons[0].startswith("Scenario code held the loop for 90% of the time")
        assert "shop.py:6 held the loop for 310 ms, 3 times" in found.reasons[0]

    def test_one_user_alone_delays_nobody(self) -> None:
        assert verdict([self.frame(users=1)]).status is Status.PASS

    @pytest.mark.parametrize(
        ("total_ms", "response_ms", "status"),
        [
            (10.0, 8.0, Status.PASS),  # 1% of the time: beyond the p99
            (12.0, 8.0, Status.INCONCLUSIVE),
            (12.0, 30.0, Status.PASS),  # 2 ms are less than a tenth of the median
        ],
    )
    def test_they_count_where_more_than_a_hundredth_of_all_moments_lies_in_them(
        self, total_ms: float, response_ms: float, status: Status
    ) -> None:
        held_ns = round(total_ms * 1e6)
        hold = Hold(file="shop.py", line=6, count=1, total_ns=held_ns, longest_ns=held_ns)
        frame = self.frame(users=2, hold=hold, response_ms=response_ms)
        assert verdict([frame]).status is status


class TestLimitsOfThisMachine:
    def test_a_machine_without_ports_says_nothing_of_the_target(self) -> None:
        found = verdict([failing({"no_ports": 99}, of=100)], "errors < 1%")
        assert found.status is Status.INCONCLUSIVE
        assert found.reasons == (
            "The load generator ran out of local ports: 99 requests were never sent. "
            "Use --connections shared, or widen /proc/sys/net/ipv4/ip_local_port_range.",
            "errors < 1% did not hold (99%), but that may be the generator's doing.",
        )

    def test_errors_of_the_target_beside_it_still_fail(self) -> None:
        frame = failing({"too_many_files": 50, "http_5xx": 25}, of=100)
        assert verdict([frame], "errors < 1%").status is Status.FAIL

    def test_what_was_sent_and_failed_is_told_by_its_own_kind(self) -> None:
        reasons = verdict([failing({"no_ports": 90, "reset": 10}, of=100)]).reasons
        assert reasons[0].startswith("Every request failed (10 of them, all by reset): ")

    def test_an_errors_slo_on_windows_is_not_excused_by_the_whole(self) -> None:
        calm = [second(at, [10.0] * 100) for at in range(1, 9)]
        frames = [failing({"http_5xx": 50, "no_ports": 1}, of=100), *calm]
        assert verdict(frames, "errors < 20% every 1s").status is Status.FAIL

    def test_a_run_that_sent_nothing_is_inconclusive(self) -> None:
        assert verdict([failing({"no_ports": 5}, of=5)]).status is Status.INCONCLUSIVE


def failing(kinds: dict[str, int], *, of: int) -> Frame:
    """A second of `of` requests, so many of which failed by each kind."""
    frame = second(0, [10.0] * of, errors=sum(kinds.values()))
    frame.total.steps["GET /"].error_kinds = kinds
    return frame


def exemplar(outcome: str, message: str) -> Exemplar:
    return Exemplar(
        second=0,
        worker=0,
        step="GET /",
        outcome=outcome,
        status=0,
        method="GET",
        url="http://127.0.0.1/",
        intended_ns=0,
        response_ns=0,
        service_ns=0,
        phases_ns={},
        message=message,
        body_head="",
        user=0,
        iteration=0,
    )


@pytest.mark.parametrize(
    ("quantile", "requests"), [(0.5, 2), (0.9, 10), (0.95, 20), (0.99, 100), (0.999, 1000)]
)
def test_requests_that_a_quantile_needs(quantile: float, requests: int) -> None:
    assert requests_needed(quantile) == requests
