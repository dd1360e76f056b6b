"""From the document that the running shop publishes to a test that runs against it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest
from support.calibration import PERFWRIGHT
from support.docs_pages import ROOT

from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.lab.launch import start_shop
from perfwright.model.journey import Pause
from perfwright.model.think import Fixed
from perfwright.sources.openapi import OpenApiOptions, read_openapi


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with start_shop(orders=500) as process:
        yield process.url


def test_the_shops_own_document_becomes_a_test_without_errors(shop: str, tmp_path: Path) -> None:
    address = f"{shop}/openapi.json"
    with urlopen(address) as answer:
        draft = read_openapi(answer.read(), options=OpenApiOptions(address=address))
    assert draft.target == shop
    quick = Pause(Fixed(0.01))
    journeys = tuple(
        replace(one, items=tuple(quick if isinstance(item, Pause) else item for item in one.items))
        for one in draft.journeys
    )
    draft = replace(draft, journeys=journeys)
    (tmp_path / "scenario.py").write_text(write_scenario(draft))
    write_data(draft, tmp_path)
    shutil.copy(ROOT / "examples" / "people.csv", tmp_path / "data" / "accounts.csv")
    words = ["run", "scenario.py", "--users", "3", "--for", "2s", "--json"]
    done = subprocess.run(
        [PERFWRIGHT, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    assert document["totals"]["errors"] == 0, document["steps"]
    assert all(check["failed"] == 0 and check["passed"] for check in document["checks"])
    assert {step["name"] for step in document["steps"]} == {
        "GET /", "GET /cart", "GET /items", "GET /items/{id}", "GET /orders", "GET /orders/{id}",
        "GET /search", "POST /cart", "POST /login", "POST /orders",
    }  # fmt: skip
