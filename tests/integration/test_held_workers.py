"""A scenario that never gives its loop back: the run ends all the same, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.loads import run_file

from perfwright.load import fleet_member


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_is_held_after_the_end_is_ended_and_its_place_named(
    calibration: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr(fleet_member, "_SILENT_S", 2.0)
    ran = run_file(
        tmp_path,
        f"""
        from perfwright import Test, scenario, users

        @scenario
        async def visit(user):
            await user.get("/", name="home")
            if user.id == 0 and user.iteration > 25:
                while True:
                    pass
            await user.think(0.05)

        test = Test(target={calibration!r}, load=users(2).hold("2s"), grace=0)
        """,
        workers=workers,
    )
    (lost,) = ran.outcome.lost_workers
    assert "worker 0" in lost
    assert any(f".py:{line} still held its loop after the end" in lost for line in (8, 9))
    assert ran.outcome.duration_s == pytest.approx(2, abs=1)
    assert ran.total.steps["home"].requests > 20
