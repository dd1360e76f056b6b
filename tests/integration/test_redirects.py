"""Redirects: what is asked for next, how far it goes, and what must not travel along."""

from __future__ import annotations

import pytest
from support.calibration import calibration_server
from support.drive import once


@pytest.fixture(scope="module")
def elsewhere():
    with calibration_server() as url:
        yield url


@pytest.mark.parametrize(
    ("method", "status", "next_method", "keeps_body"),
    [
        ("POST", 301, "GET", False),
        ("POST", 302, "GET", False),
        ("PUT", 302, "PUT", True),
        ("PUT", 303, "GET", False),
        ("HEAD", 303, "HEAD", False),
        ("POST", 307, "POST", True),
        ("DELETE", 308, "DELETE", True),
    ],
)
def test_the_method_rules(calibration, method, status, next_method, keeps_body):
    body = {} if method == "HEAD" else {"json": {"n": 1}}

    async def visit(user):
        answer = await user.request(method, f"/status/{status}?location=/echo", **body)
        return answer.status, answer.url, None if method == "HEAD" else answer.json()

    run = once(visit, target=calibration)
    code, url, echo = run.value
    assert (code, url) == (200, f"{calibration}/echo")
    if echo:
        assert echo["method"] == next_method
        assert echo["body"] == ('{"n":1}' if keeps_body else "")
        assert ("content-type" in echo["headers"]) == keeps_body
        assert echo["headers"]["accept"] == "*/*"
    assert run.tally.requests() == 1


def test_twenty_redirects_are_followed_and_the_twenty_first_is_an_error(calibration):
    async def visit(user):
        return [(await user.get(f"/redirect/{n}", name=f"{n}")).error for n in (20, 21)]

    run = once(visit, target=calibration)
    assert run.value == [None, "too_many_redirects"]
    assert run.tally.errors() == 1


def test_redirects_are_not_followed_where_the_scenario_says_so(calibration):
    async def visit(user):
        answer = await user.get("/redirect/3", allow_redirects=False)
        return answer.status, answer.ok, answer.headers["location"]

    assert once(visit, target=calibration).value == (302, True, "/redirect/2")


def test_credentials_stay_within_their_origin(calibration, elsewhere):
    headers = {"Authorization": "Bearer t", "Cookie": "own=1", "X-Kept": "yes"}

    async def visit(user):
        return [
            (await user.get(f"/status/302?location={to}/echo", headers=headers)).json()["headers"]
            for to in ("", elsewhere)
        ]

    same, other = once(visit, target=calibration).value
    assert (same["authorization"], same["cookie"], same["x-kept"]) == ("Bearer t", "own=1", "yes")
    assert other["x-kept"] == "yes"
    assert not {"authorization", "cookie"} & other.keys()
    assert other["host"] == elsewhere.removeprefix("http://")


@pytest.mark.parametrize("location", ["ftp://a.test/", "http://", "javascript:alert(1)"])
def test_a_location_that_leads_nowhere_is_malformed(calibration, location):
    async def visit(user):
        answer = await user.get("/status/302", params={"location": location})
        return answer.error, answer.error_message

    error, message = once(visit, target=calibration).value
    assert error == "malformed"
    assert location in message


def test_phases_of_all_hops_add_up_to_the_service_time(calibration):
    async def visit(user):
        await user.get("/status/302?location=/delay/60", name="slow end")

    measures = once(visit, target=calibration).step("slow end").measures
    service, phases = measures["service"], [measures[name] for name in ("send", "wait", "receive")]
    assert measures["wait"].total >= 60_000_000
    assert sum(phase.total for phase in phases) == service.total


def test_a_redirect_to_a_name_that_is_looked_up_waits_only_for_that(calibration):
    port = calibration.rpartition(":")[2]

    async def visit(user):
        url = f"http://localhost:{port}/status/302?location={calibration}/delay/50"
        return [(await user.get(url)).status, (await user.get(url)).status]

    run = once(visit, target=calibration)
    assert run.value == [200, 200]
    assert run.tally.requests() == 2


def test_a_public_host_is_not_asked_wherever_it_comes_from(calibration):
    async def visit(user):
        led = await user.get("/status/302?location=http://8.8.8.8/", name="led")
        asked = await user.get("http://8.8.4.4/", name="asked")
        return led.error, asked.error, asked.error_message

    led, asked, message = once(visit, target=calibration).value
    assert (led, asked) == ("not_allowed", "not_allowed")
    assert message.startswith("8.8.4.4 is a public address")
    assert message.endswith("add --allow-target 8.8.4.4")
