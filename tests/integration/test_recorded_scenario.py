"""From clicks to a load test: recorded at the shop, planned, and run without an error."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.certificates import Authority
from support.command import Finished, finished, perfwright, started
from support.recordings import address_of
from support.sample_site import sample_site, token_in

from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.lab.launch import start_shop
from perfwright.lab.shop.people import person
from perfwright.model.journey import ScenarioDraft
from perfwright.sources.har import read_har


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with start_shop(port=0, orders=50) as served:
        yield served.url


def test_a_login_and_an_order_recorded_at_the_shop_run_as_a_test(shop: str, tmp_path: Path) -> None:
    ann = person(1)
    words = ("record", "--target", shop, "--listen", "127.0.0.1:0", "--out", "visit.har")
    with started(tmp_path, *words) as process:
        buy(address_of(process), ann.name, ann.password)
        process.send_signal(signal.SIGINT)
        assert finished(process).code == 0

    run = run_of(read_har(tmp_path / "visit.har"), tmp_path, ann.password)
    assert run.passed, run.err
    steps = {step["name"]: step for step in run.document["steps"]}
    assert {"POST /login", "POST /orders", "GET /orders/{id}"} <= steps.keys()
    assert run.document["totals"]["errors"] == 0
    assert steps["GET /orders/{id}"]["requests"] > 0


def test_a_form_with_a_token_and_a_cookie_runs_as_a_test(tmp_path: Path) -> None:
    """Token in a hidden input, cookie in the user's jar, answer behind a redirect."""
    pair = Authority(tmp_path).self_signed("site", "site", alternative="IP:127.0.0.1")
    words = ("--listen", "127.0.0.1:0", "--out", "visit.har", "--insecure")
    with sample_site(tls=pair) as site:
        with started(tmp_path, "record", "--target", site, *words) as process:
            front = address_of(process)
            with httpx.Client(base_url=front, trust_env=False, follow_redirects=True) as client:
                token = token_in(client.get("/").text)
                form = {"csrf": token, "user": "ann", "password": "pw-12345"}
                assert client.post("/login", data=form).url.path == "/home"
            process.send_signal(signal.SIGINT)
            assert finished(process).code == 0

        run = run_of(read_har(tmp_path / "visit.har"), tmp_path, "pw-12345", "--insecure")
    assert run.passed, run.err
    assert run.document["totals"]["errors"] == 0
    assert {step["name"] for step in run.document["steps"]} >= {"GET /", "POST /login"}


def run_of(draft: ScenarioDraft, folder: Path, password: str, *more: str) -> Finished:
    """The draft, written and run for a short while; the password is in no file."""
    (folder / "scenario.py").write_text(write_scenario(draft))
    write_data(draft, folder)
    assert password not in (folder / "scenario.py").read_text()
    load = ("--users", "2", "--for", "2s", "--slo", "errors < 0.1%", "--json")
    secret = ("--env", f"PASSWORD={password}")
    return perfwright(folder, "run", "scenario.py", *secret, *load, *more)


def buy(front: str, name: str, password: str) -> None:
    """What a shop's page would send: the token in a header, the order's id in the path."""
    with httpx.Client(base_url=front, trust_env=False) as client:
        items = client.get("/items", params={"size": 50}).json()
        token = client.post("/login", json={"name": name, "password": password}).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        client.post("/cart", json={"id": items[3]["id"], "quantity": 1}, headers=headers)
        order = client.post("/orders", headers=headers).json()
        assert client.get(f"/orders/{order['id']}", headers=headers).status_code == 200
