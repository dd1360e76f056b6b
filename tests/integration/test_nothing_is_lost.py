"""What we count is what the server counted: in every mode, with one worker and with two."""

from __future__ import annotations

import json
from urllib.request import urlopen

import pytest

from perfwright.load.local import LocalLoad
from perfwright.model.frame import Tally
from perfwright.plan.loader import load_test
from perfwright.plan.shapes import arrivals, users
from perfwright.plan.test import Test
from perfwright.plan.test_plan import TestPlan, UrlRequest

SHAPES = {"closed": users(7).hold("0.5s"), "open": arrivals(300).hold("0.5s")}


def received(server: str) -> int:
    with urlopen(f"{server}/count") as answer:
        return int(json.load(answer)["received_by_route"].get("/delay", 0))


def run(plan: TestPlan, workers: int, *, stop: str = "") -> Tally:
    """`stop`: "" lets it end by itself; "graceful" and "now" stop it after its first second."""
    running = LocalLoad(plan, workers=workers)
    total = Tally()
    try:
        running.start()
        for frame in running.frames():
            total.merge(frame.total, gauges="last")
            if stop:
                running.stop(now=stop == "now")
        outcome = running.finish()
    finally:
        running.close()
    assert outcome.lost_workers == ()
    return total


def plan(server: str, path: str = "/delay/3", **options) -> TestPlan:
    url = server + path
    return TestPlan(test=Test(target=url, **options), request=UrlRequest(method="GET", url=url))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("connections", ["per_user", "shared", "new"])
@pytest.mark.parametrize("shape", ["closed", "open"])
def test_every_request_is_counted_once(calibration, shape, connections, workers):
    before = received(calibration)
    total = run(plan(calibration, load=SHAPES[shape], connections=connections), workers)
    assert total.requests() == received(calibration) - before > 0
    assert total.errors() == total.requests_interrupted == total.dropped == 0
    assert total.iterations_started == total.iterations_completed == total.requests()
    if shape == "open":
        assert total.requests() == 150


@pytest.mark.parametrize("workers", [1, 2])
def test_stopping_gracefully_finishes_what_was_begun(calibration, workers):
    before = received(calibration)
    total = run(plan(calibration, load=users(7).hold("60s")), workers, stop="graceful")
    assert total.requests() == received(calibration) - before > 0
    assert total.iterations_interrupted == total.requests_interrupted == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_stopping_now_counts_what_it_cut_off(calibration, workers):
    before = received(calibration)
    shape = users(8).hold("60s")
    total = run(plan(calibration, "/delay/1500", load=shape), workers, stop="now")
    assert total.requests_interrupted == total.iterations_interrupted == 8
    assert total.requests() + total.requests_interrupted == received(calibration) - before


def test_a_scenario_file_with_two_workers_loses_nothing(calibration, tmp_path):
    file = tmp_path / "journey.py"
    file.write_text(
        f"""
from perfwright import Test, arrivals, scenario

@scenario
async def journey(user):
    await user.gather(user.get("/delay/1"), user.get("/delay/2"))
    await user.think(0.01)
    await user.get("/delay/3")

test = Test(target="{calibration}", load=arrivals(60).hold("0.5s"))
"""
    )
    before = received(calibration)
    total = run(load_test(file), 2)
    assert total.iterations_completed == 30
    assert total.requests() == received(calibration) - before == 90
