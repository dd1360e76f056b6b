"""The command line beside a test file: what replaces the load, what stretches it, what adds."""

from __future__ import annotations

from typing import Any

import pytest

from perfwright import Test, arrivals, users
from perfwright.model.errors import UsageError
from perfwright.plan.fields import Resolve
from perfwright.plan.overrides import Overrides, url_plan, with_overrides
from perfwright.plan.presets import stress
from perfwright.plan.shapes import Shape
from perfwright.plan.test_plan import UrlRequest

FILE_LOAD = arrivals(0, "poisson").ramp(to=200, over="30s").hold("1m")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, FILE_LOAD),
        ({"duration_s": 9}, arrivals(0, "poisson").ramp(to=200, over=3).hold(6)),
        ({"users": 5}, users(5).hold(30)),
        ({"users": 5, "duration_s": 9}, users(5).hold(9)),
        ({"rate": 5.5, "ramp_s": 4, "duration_s": 9}, arrivals(0).ramp(5.5, over=4).hold(5)),
        ({"ramp_s": 10}, arrivals(0, "poisson").ramp(200, over=10).hold(20)),
        ({"kind": "stress", "users": 8, "duration_s": 40}, stress(8, 40, "closed")),
        ({"kind": "smoke"}, arrivals(1, "poisson").hold(10)),
        ({"rate": 5, "process": "poisson"}, arrivals(5, "poisson").hold(30)),
        ({"process": "uniform"}, arrivals(0).ramp(to=200, over="30s").hold("1m")),
    ],
)
def test_the_load_is_replaced_or_stretched(given: dict[str, Any], expected: Shape) -> None:
    test = with_overrides(Test(load=FILE_LOAD), Overrides(**given))
    assert test.load == {"": expected}


def test_loads_by_scenario_are_stretched_together() -> None:
    test = Test(load={"buy": users(5).hold(10), "look": users(1).hold(20)})
    stretched = with_overrides(test, Overrides(duration_s=40))
    assert stretched.load == {"buy": users(5).hold(20), "look": users(1).hold(40)}


def test_the_rest_adds_or_replaces() -> None:
    test = with_overrides(
        Test(slos=["p99 < 1s"], watch=["port:1"], seed=1, grace="10s"),
        Overrides(
            target="http://localhost:9/",
            slos=("errors < 1%",),
            watch=("port:2",),
            resolve=("shop:80:127.0.0.1",),
            workers=2,
            max_users=7,
            grace_s=0.0,
            seed=0,
            insecure=True,
            proxy="http://proxy:3128",
            connections="new",
            timeout_s=3.0,
            warmup_s=2.0,
            stop_if=("errors > 50%",),
        ),
    )
    assert (test.proxy, test.connections) == ("http://proxy:3128", "new")
    assert (test.timeout_s, test.warmup_s) == (3.0, 2.0)
    assert [rule.expr for rule in test.stop_if] == ["errors > 50%"]
    assert [slo.expr for slo in test.slos] == ["p99 < 1s", "errors < 1%"]
    assert test.watch == ("port:1", "port:2")
    assert test.resolve == (Resolve(host="shop", port=80, address="127.0.0.1"),)
    assert (test.target, test.workers, test.max_users) == ("http://localhost:9", 2, 7)
    assert (test.grace_s, test.seed, test.insecure) == (0, 0, True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"users": 5, "rate": 5}, "--users and --rate: choose the closed model"),
        ({"users": 0}, "load: it never rises above zero"),
        ({"users": 5, "ramp_s": 30}, "--ramp: 30 s must be shorter than the whole load, 30 s"),
        ({"kind": "load", "ramp_s": 3}, "--ramp: the shape of --kind has its own ramps"),
        ({"kind": "lode"}, "did you mean 'load'"),
        ({"users": 5, "process": "poisson"}, "--process: only the open model has arrivals"),
        ({"duration_s": 0}, "a load must last longer than zero"),
        ({"target": "shop"}, "--target: 'shop' is no URL"),
        ({"workers": 0}, "--workers: 0 must be a whole number of one or more"),
        ({"slos": ("p99 < 1",)}, "give a unit"),
    ],
)
def test_options_that_contradict_or_mean_nothing_are_refused(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        with_overrides(Test(load=FILE_LOAD), Overrides(**given))


def test_a_warm_up_that_eats_the_whole_load_is_refused() -> None:
    with pytest.raises(UsageError, match="warmup: 10 s leaves nothing to judge of a load of 5 s"):
        with_overrides(Test(warmup="10s"), Overrides(duration_s=5))


def test_a_kind_needs_a_level_where_each_scenario_has_its_own() -> None:
    test = Test(load={"buy": users(5), "look": users(1)})
    with pytest.raises(UsageError, match="each scenario has its own load; say --users or --rate"):
        with_overrides(test, Overrides(kind="spike"))


def test_a_bare_url_is_a_plan_of_one_request() -> None:
    plan = url_plan(
        "http://localhost:8000/items?page=1#top",
        method="post",
        headers={"Accept": "text/html"},
        body=b"{}",
        overrides=Overrides(users=3),
    )
    assert plan.test.target == "http://localhost:8000"
    assert plan.test.load == {"": users(3).hold(30)}
    assert plan.scenarios == ()
    assert plan.request == UrlRequest(
        method="POST",
        url="http://localhost:8000/items?page=1",
        headers=(("Accept", "text/html"),),
        body=b"{}",
    )


@pytest.mark.parametrize(
    ("url", "rest", "message"),
    [
        ("localhost:8000", {}, "URL: 'localhost:8000' is no URL"),
        ("http://x", {"method": "GE T"}, "--method: 'GE T' is no HTTP method"),
        ("http://x", {"headers": {"a b": "c"}}, "--header: 'a b' is no header name"),
    ],
)
def test_a_bad_url_plan_is_refused(url: str, rest: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        url_plan(url, **rest)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cert": "c.pem"}, "--cert: it needs --key beside it"),
        ({"key": "k.pem"}, "--key: it needs --cert beside it"),
        ({"ca": "missing.pem"}, "--ca: there is no file 'missing.pem'"),
        ({"proxy": "proxy:3128"}, "--proxy: 'proxy:3128' is no URL"),
        ({"timeout_s": 0.0}, "--timeout: 0.0 must be longer than zero"),
        ({"warmup_s": 40.0}, "warmup: 40 s leaves nothing to judge"),
    ],
)
def test_a_wrong_option_is_named_with_its_remedy(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        with_overrides(Test(), Overrides(**given))
