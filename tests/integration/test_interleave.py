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

test = Test(load=arrivals(40).hold("1s"))
"""


def test_the_slower_target_is_found_in_turns(tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(TEST)
    with limited_server(0.004) as base, limited_server(0.008) as candidate:
        done = perfwright(
            tmp_path, "compare", "--interleave", "visit.py", "--rounds", "3", "--for", "1s",
            "--base-target", base, "--candidate-target", candidate, "--json",
        )  # fmt: skip
    assert done.code == 98, done.err
    (step,) = done.document["steps"]
    assert (step["name"], step["verdict"]) == ("visit", "slower")
    assert 0.4 < step["metrics"][0]["change"] < 1.5
    assert done.document["notes"][0].startswith("Interleaved: 3 rounds")
    assert "round 3 of 3: base" in done.err


def test_both_targets_have_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(TEST)
    done = perfwright(tmp_path, "compare", "--interleave", "visit.py", "--base-target", "http://x")
    assert done.code == 2
    assert "--candidate-target: --interleave needs both targets" in done.err
