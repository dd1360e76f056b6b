"""`@setup`, `@teardown` and `--once`: one iteration, that takes the time it takes."""

from __future__ import annotations

import pytest

from perfwright.load.single import run_single
from perfwright.plan.test import Test


@pytest.mark.parametrize("seconds", [0, 0.8])
def test_a_single_run_ends_when_its_iteration_does(calibration, seconds):
    async def visit(user):
        await user.think(seconds)
        user.check("once", user.iteration == 0)
        return (await user.get("/")).status

    run = run_single(Test(target=calibration), visit)
    assert (run.value, run.error, run.checks) == (200, None, {"once": {"passed": 1, "failed": 0}})
