"""What the pre-flight says about a load that this machine cannot make."""

from __future__ import annotations

import resource

import pytest

from perfwright import Test, arrivals, users
from perfwright.plan.shapes import Shape
from perfwright.workflow.preflight import Limits, limits_for, most_users, preflight

ROOMY = Limits(files=1_000_000, ports=28_000, reused_after_s=60.0, cores=8)


def limits(**tight: float) -> Limits:
    values = {"files": ROOMY.files, "ports": ROOMY.ports, "cores": ROOMY.cores, **tight}
    return Limits(reused_after_s=values.pop("reused_after_s", 60.0), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("load", "max_users", "expected"),
    [
        (users(50).hold(10), None, 50),
        (users(0).ramp(80, over=5).hold(5), None, 80),
        (users(50).hold(10), 20, 20),
        (arrivals(50).hold(10), None, None),
        (arrivals(50).hold(10), 20, 20),
        ({"buy": users(5).hold(10), "look": users(7).hold(10)}, None, 12),
        ({"buy": users(5).hold(10), "look": users(0).ramp(9, over=20)}, None, 10),
    ],
)
def test_the_most_users_at_once(
    load: Shape | dict[str, Shape], max_users: int | None, expected: int | None
) -> None:
    assert most_users(Test(load=load, max_users=max_users)) == expected


def test_a_load_within_all_limits_gets_no_note() -> None:
    assert preflight(Test(load=users(500).hold(10)), 4, ROOMY) == ()


def test_too_few_open_files_names_the_limit_and_by_how_much_to_raise_it() -> None:
    (note,) = preflight(Test(load=users(10_000).hold(10)), 2, limits(files=4_096))
    assert "10,000 users in 2 worker(s) need about 5,064 open files each" in note
    assert "ulimit -Hn) is 4,096: raise it by 968" in note


def test_a_shared_pool_needs_neither_files_nor_ports_for_each_user() -> None:
    test = Test(load=users(100_000).hold(10), connections="shared")
    assert preflight(test, 1, limits(files=1_024)) == ()


def test_more_users_than_local_ports_are_noted() -> None:
    (note,) = preflight(Test(load=users(30_000).hold(10)), 1, ROOMY)
    assert "30,000 users need a local port each, and there are 28,000" in note
    assert "ip_local_port_range" in note


@pytest.mark.parametrize(("per_s", "reused_after_s", "noted"), [
    (466, 60.0, False), (467, 60.0, True), (20_000, 1.0, False), (28_001, 1.0, True),
])  # fmt: skip
def test_new_connections_may_not_outrun_the_ports(
    per_s: float, reused_after_s: float, noted: bool
) -> None:
    test = Test(load=arrivals(per_s).hold(10), connections="new")
    notes = preflight(test, 1, limits(reused_after_s=reused_after_s))
    assert any("new connection per request" in note for note in notes) is noted


def test_more_workers_than_cores_are_noted() -> None:
    (note,) = preflight(Test(load=users(5).hold(10)), 4, limits(cores=2))
    assert note == (
        "workers: 4 workers share 2 core(s), so they delay one another: use --workers 2 or fewer"
    )


def test_the_soft_limit_of_open_files_is_raised_to_the_hard_one() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
    try:
        found = limits_for("http://127.0.0.1:1")
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
        assert found.files >= 256
        assert found.ports > 0
        assert found.cores >= 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
