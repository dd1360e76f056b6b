"""Bots and monitors are found by what they say and by what they do."""

from __future__ import annotations

import numpy as np

from perfwright.analyze.workload.bots import find_bots
from perfwright.model.traffic import Agents, Visitors

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


def agents(*names: str | None) -> Agents:
    return Agents(agent=names, requests=np.full(len(names), 10))


def visitor(
    *,
    requests: int = 100,
    only_path: str | None = None,
    errors: int = 0,
    robots: int = 0,
    mean_s: float = 10.0,
    cv: float = 1.0,
) -> Visitors:
    return Visitors(
        visitor=np.array([7], dtype=np.uint64),
        client=("10.0.0.1",),
        agent=(BROWSER,),
        only_path=(only_path,),
        requests=np.array([requests]),
        errors=np.array([errors]),
        robots=np.array([robots]),
        gap_mean_s=np.array([mean_s]),
        gap_median_s=np.array([mean_s]),
        gap_cv=np.array([cv]),
    )


def test_crawlers_and_monitors_say_what_they_are():
    googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    found = find_bots(agents(BROWSER, googlebot, "kube-probe/1.31", None), visitor())
    assert found.crawlers.agents == (googlebot,)
    assert found.monitors.agents == ("kube-probe/1.31",)
    assert found.requests == 20


def test_programs_that_clients_are_written_with_are_no_bots():
    clients = ("curl/8.1", "python-requests/2.32", "okhttp/4.12", "Go-http-client/2.0", "CUBOT_X18")
    assert find_bots(agents(*clients), visitor()).requests == 0


def test_a_visitor_of_many_pages_is_a_person():
    assert find_bots(agents(BROWSER), visitor()).requests == 0


def test_who_asks_for_robots_txt_is_a_robot():
    found = find_bots(agents(BROWSER), visitor(robots=1))
    assert found.crawlers.visitors == (7,)
    assert found.crawlers.examples == ("10.0.0.1: asked for /robots.txt",)


def test_who_hardly_gets_an_answer_is_a_scanner():
    assert find_bots(agents(BROWSER), visitor(errors=95)).crawlers.visitors == (7,)
    assert find_bots(agents(BROWSER), visitor(requests=3, errors=3)).requests == 0


def test_who_asks_for_one_thing_by_the_clock_is_a_monitor():
    found = find_bots(agents(BROWSER), visitor(only_path="/login", cv=0.02))
    assert found.monitors.visitors == (7,)
    assert found.monitors.examples == ("10.0.0.1: /login every 10 s",)


def test_a_clock_of_whole_seconds_does_not_hide_a_monitor():
    assert find_bots(
        agents(BROWSER), visitor(only_path="/login", mean_s=3.0, cv=0.24)
    ).monitors.visitors


def test_who_reloads_one_page_at_odd_times_is_a_person():
    assert find_bots(agents(BROWSER), visitor(only_path="/login", cv=1.3)).requests == 0
    assert find_bots(agents(BROWSER), visitor(only_path="/login", requests=5, cv=0.0)).requests == 0
    assert (
        find_bots(
            agents(BROWSER), visitor(only_path="/login", requests=2, cv=float("nan"))
        ).requests
        == 0
    )
