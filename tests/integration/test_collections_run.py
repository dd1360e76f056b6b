"""What people have in JMeter, Postman and a shell runs against the shop as soon as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command import perfwright

from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.lab.launch import start_shop
from perfwright.model.journey import ScenarioDraft
from perfwright.sources.curl import read_curl
from perfwright.sources.jmx import read_jmx
from perfwright.sources.postman import read_postman

DATA = Path(__file__).parent.parent / "data" / "collections"
COLLECTION = DATA / "shop.postman_collection.json"
ENVIRONMENT = DATA / "shop.postman_environment.json"
PASSWORD = "PASSWORD=06429e1c6a63"


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The address of a running shop."""
    with start_shop(orders=200) as process:
        yield process.url


def run(folder: Path, draft: ScenarioDraft, shop: str) -> Any:
    """What a second of the written file's run says."""
    (folder / "scenario.py").write_text(write_scenario(draft), encoding="utf-8")
    write_data(draft, folder)
    words = ("run", "scenario.py", "--target", shop, "--for", "1s", "--env", PASSWORD, "--json")
    return perfwright(folder, *words).document


def test_a_jmeter_plan_runs_as_it_is(tmp_path: Path, shop: str) -> None:
    document = run(tmp_path, read_jmx(DATA / "shop.jmx"), shop)
    assert document["totals"]["errors"] == 0
    names = {step["name"] for step in document["steps"]}
    assert {"List", "Item", "Log in", "Check out", "Add to cart", "Order"} == names
    assert all(check["failed"] == 0 for check in document["checks"])


def test_a_postman_collection_runs_with_its_environment(tmp_path: Path, shop: str) -> None:
    document = run(tmp_path, read_postman(COLLECTION, environments=(ENVIRONMENT,)), shop)
    errors = {step["name"]: step["errors"] for step in document["steps"]}
    assert errors["Log in"] == errors["Item"] == 0
    assert [check["failed"] for check in document["checks"]] == [0]


def test_a_shell_script_of_curl_commands_runs(tmp_path: Path, shop: str) -> None:
    document = run(tmp_path, read_curl(DATA / "shop.sh"), shop)
    errors = {step["name"]: step["errors"] for step in document["steps"]}
    assert errors["POST /login"] == errors["GET /search"] == 0
