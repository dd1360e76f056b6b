"""From clicks to a load test: recorded at the shop, planned, and run without an error."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.command import finished, perfwright, started
from support.recordings import address_of

from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.lab.launch import start_shop
from perfwright.lab.shop.people import person
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

    draft = read_har(tmp_path / "visit.har")
    (tmp_path / "scenario.py").write_text(write_scenario(draft))
    write_data(draft, tmp_path)
    assert ann.password not in (tmp_path / "scenario.py").read_text()

    password = f"PASSWORD={ann.password}"
    load = ("--users", "2", "--for", "2s", "--slo", "errors < 0.1%", "--json")
    run = perfwright(tmp_path, "run", "scenario.py", "--env", password, *load)
    assert run.passed, run.err
    steps = {step["name"]: step for step in run.document["steps"]}
    assert {"POST /login", "POST /orders", "GET /orders/{id}"} <= steps.keys()
    assert run.document["totals"]["errors"] == 0
    assert steps["GET /orders/{id}"]["requests"] > 0


def buy(front: str, name: str, password: str) -> None:
    """What a shop's page would send: the token in a header, the order's id in the path."""
    with httpx.Client(base_url=front, trust_env=False) as client:
        items = client.get("/items", params={"size": 50}).json()
        token = client.post("/login", json={"name": name, "password": password}).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        client.post("/cart", json={"id": items[3]["id"], "quantity": 1}, headers=headers)
        order = client.post("/orders", headers=headers).json()
        assert client.get(f"/orders/{order['id']}", headers=headers).status_code == 200
