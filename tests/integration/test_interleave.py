"""`perfwright compare --interleave` against two servers, one of which answers later."""

from __future__ import annotations

from pathlib import Path

from support.command import perfwright
from support.limited_server import limited_server

TEST = """
from perfwright import Test, arrivals, scenario

@scenario
async def visit(user):
    await user.get("/", name="visit")

test = Test(load=arrivals(20).hold("1s"))
"""


def test_both_targets_are_measured_in_turns_and_compared(tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(TEST)
    with limited_server(0.005) as base, limited_server(0.03) as candidate:
        done = perfwright(
            tmp_path, "compare", "--interleave", "visit.py", "--rounds", "3", "--for", "1s",
            "--base-target", base, "--candidate-target", candidate, "--json",
        )  # fmt: skip
    codes = {"slower": 98, "unknown": 97}  # three rounds on a busy machine may not settle it
    assert done.code == codes[done.document["verdict"]], done.err
    (step,) = done.document["steps"]
    assert step["name"] == "visit"
    assert step["metrics"][0]["change"] > 1
    assert done.document["notes"][0].startswith("Interleaved: 3 rounds")
    assert "round 3 of 3: base" in done.err


def test_both_targets_have_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(TEST)
    done = perfwright(tmp_path, "compare", "--interleave", "visit.py", "--base-target", "http://x")
    assert done.code == 2
    assert "--candidate-target: --interleave needs both targets" in done.err
