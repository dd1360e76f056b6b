"""Cookies (RFC 6265): what is sent back where, and for how long."""

from __future__ import annotations

import pytest
from support.drive import load, once

from perfwright.plan.shapes import users


async def sent(user, path="/echo"):
    """The Cookie header that arrives at `path`."""
    return (await user.get(path)).json()["headers"].get("cookie", "")


@pytest.mark.parametrize(
    ("attributes", "path", "expected"),
    [
        ("", "/echo", "a=1"),
        ("&path=/echo", "/echo/deeper", "a=1"),
        ("&path=/other", "/echo", ""),
        ("&domain=other.test", "/echo", ""),
        ("&max_age=0", "/echo", ""),
        ("&max_age=60", "/echo", "a=1"),
        ("&expires=Wed, 21 Oct 2015 07:28:00 GMT", "/echo", ""),
        ("&expires=Wed, 21 Oct 2065 07:28:00 GMT", "/echo", "a=1"),
    ],
)
def test_attributes_say_where_a_cookie_goes(calibration, attributes, path, expected):
    async def visit(user):
        await user.get("/cookie?name=a&value=1" + attributes.replace(" ", "%20"))
        return await sent(user, path)

    assert once(visit, target=calibration).value == expected


def test_cookies_belong_to_a_host_and_to_its_domain_if_it_says_so(calibration):
    port = calibration.rpartition(":")[2]
    resolve = [f"{host}:{port}:127.0.0.1" for host in ("shop.test", "www.shop.test", "a.test")]

    async def visit(user):
        await user.get(f"http://shop.test:{port}/cookie?name=wide&value=1&domain=shop.test")
        await user.get(f"http://shop.test:{port}/cookie?name=narrow&value=2")
        hosts = ("shop.test", "www.shop.test", "a.test")
        return [await sent(user, f"http://{host}:{port}/echo") for host in hosts]

    run = once(visit, target=calibration, resolve=resolve)
    assert run.value == ["wide=1; narrow=2", "wide=1", ""]


def test_a_secure_cookie_goes_over_plain_http_to_loopback_only(calibration):
    port = calibration.rpartition(":")[2]

    async def visit(user):
        found = []
        for host in ("127.0.0.1", "shop.test"):
            await user.get(f"http://{host}:{port}/cookie?name=a&value=1&secure=1")
            found.append(await sent(user, f"http://{host}:{port}/echo"))
        return found

    run = once(visit, target=calibration, resolve=[f"shop.test:{port}:127.0.0.1"])
    assert run.value == ["a=1", ""]


def test_a_redirect_carries_the_cookie_it_sets(calibration):
    async def visit(user):
        await user.get("/cookie?name=session&value=x")
        return (await user.get("/status/303?location=/echo")).json()["headers"]["cookie"]

    assert once(visit, target=calibration).value == "session=x"


def test_cookies_are_cleared_per_iteration_but_those_of_user_start_stay(calibration):
    async def log_in(user):
        await user.get("/cookie?name=login&value=ada")

    async def visit(user):
        before = await sent(user)
        await user.get("/cookie?name=basket&value=7")
        return before, await sent(user)

    run = once(visit, target=calibration, user_start=log_in)
    assert run.value == ("login=ada", "login=ada; basket=7")


def test_no_cookie_survives_its_iteration(calibration):
    async def visit(user):
        user.check("a clean start", await sent(user) == "")
        await user.get("/cookie?name=basket&value=7")

    checks = load(visit, target=calibration, load=users(2).hold("0.3s")).tally.checks
    assert checks["a clean start"].passed > 2
    assert checks["a clean start"].failed == 0


def test_scenarios_read_and_write_cookies(calibration):
    async def visit(user):
        await user.get("/cookie?name=a&value=1")
        user.cookies["b"] = "2"
        seen = dict(user.cookies)
        del user.cookies["a"]
        return seen, await sent(user)

    assert once(visit, target=calibration).value == ({"a": "1", "b": "2"}, "b=2")


def test_an_own_cookie_header_replaces_the_jar(calibration):
    async def visit(user):
        await user.get("/cookie?name=a&value=1")
        return (await user.get("/echo", headers={"Cookie": "own=9"})).json()["headers"]["cookie"]

    assert once(visit, target=calibration).value == "own=9"
