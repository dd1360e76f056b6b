"""`perfwright plan --new` at a terminal: questions, answers, second tries."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

from support.command import COMMAND

ANSWERS = (
    "my shop",
    "ftp://nowhere",
    "http://127.0.0.1:8000",
    "release",
    "/",
    "items",
    "POST /orders",
    "",
    "7",
    "3x",
    "p95 < 3",
    "p95 < 300ms, errors < 1%",
)


def answered(folder: Path, answers: tuple[str, ...]) -> tuple[int, str]:
    """Exit code, and all that the terminal showed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "plan", "--new"], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # the terminal is gone with its last process
            pass
    os.close(ours)
    return process.returncode, shown.decode()


def test_the_essentials_are_asked_for_until_they_mean_something(tmp_path: Path) -> None:
    code, shown = answered(tmp_path, ANSWERS)
    assert code == 0, shown
    assert "ftp://nowhere" in shown
    assert "'items' is no address" in shown
    assert "give a unit" in shown
    model = json.loads((tmp_path / "plan-my-shop" / "model.json").read_text())
    assert model["purpose"] == "release"
    assert model["load"]["kind"] == "users"
    assert model["load"]["parts"][0]["to"] == 21
    assert [slo["expr"] for slo in model["slos"]] == ["p95 < 300ms", "errors < 1%"]
    assert not any(slo["is_proposal"] for slo in model["slos"])
    assert [step["name"] for step in model["steps"]] == ["GET /", "POST /orders"]
