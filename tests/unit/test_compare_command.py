"""`perfwright compare` on stored runs: what it prints, writes and returns."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from support.judged_runs import stored, wandering
from support.runs import demo_manifest

from perfwright.cli import main
from perfwright.model.verdict import Status, Verdict
from perfwright.report.comparison_charts import step_charts
from perfwright.report.comparison_document import comparison_document
from perfwright.store.reader import Store
from perfwright.workflow.compare import compare, compare_runs

ONE = {"GET /items": 20.0}
METRICS = ["median", "p95", "p99", "mean", "throughput", "errors"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """base, again (the same), slow (1.2 times), other (another step and host), empty, noisy."""
    folder = tmp_path_factory.mktemp("store")

    def calm(seed: int, **options: Any) -> list:
        return wandering(seed, **{"steps": ONE, "level": 0.002, "per_s": 80, **options})

    stored(folder, "base", calm(1))
    stored(folder, "again", calm(2))
    stored(folder, "slow", calm(3, slower=1.2))
    host = {**demo_manifest().host, "name": "laptop"}
    other = {"host": host, "seed": 9, "kind": "soak", "load": {}, "tool": "k6"}
    stored(folder, "other", calm(4, steps={"GET /items": 20.0, "GET /new": 5.0}), **other)
    stored(folder, "empty", [dataclasses.replace(frame, judged=False) for frame in calm(5)[:2]])
    stored(folder, "noisy", calm(6, level=0.1))
    return folder


def perfwright(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def compared(store: Path, *words: str) -> Result:
    return perfwright("compare", *words, "--store", str(store))


@pytest.mark.parametrize(
    ("candidate", "options", "verdict", "code"),
    [
        ("again", ("--margin", "8%"), "same", 0),
        ("slow", (), "slower", 98),
        ("noisy", (), "unknown", 97),
    ],
)
def test_the_exit_code_is_the_verdict(
    store: Path, candidate: str, options: tuple[str, ...], verdict: str, code: int
) -> None:
    result = compared(store, "base", candidate, *options, "--json")
    assert result.exit_code == code, result.output
    document = json.loads(result.stdout)
    assert (document["base"], document["candidate"]) == ("base", candidate)
    assert document["verdict"] == verdict
    (step,) = document["steps"]
    assert (step["name"], step["verdict"]) == ("GET /items", verdict)
    assert [metric["name"] for metric in step["metrics"]] == METRICS
    for metric in step["metrics"]:
        low, high = metric["ci"]
        assert low <= metric["change"] <= high
    assert step["reason"]


def test_faster_is_well(store: Path) -> None:
    result = compared(store, "slow", "base")
    assert result.exit_code == 0
    assert "━ FASTER ━" in result.output


def test_the_verdict_comes_last_and_names_step_and_size(store: Path) -> None:
    lines = compared(store, "base", "slow").output.splitlines()
    at = next(number for number, line in enumerate(lines) if "━ SLOWER ━" in line)
    assert lines[at + 1] == "The step is slower."
    assert "GET /items: median rose by" in lines[at + 2]
    assert at > len(lines) - 6


def test_what_grew_is_told_of_a_slower_step(store: Path) -> None:
    document = json.loads(compared(store, "base", "slow", "--json").stdout)
    (told,) = document["attribution"]
    assert "waiting for the answer's first byte" in told


def test_what_makes_it_unfair_is_said(store: Path) -> None:
    notes = "\n".join(json.loads(compared(store, "base", "other", "--json").stdout)["notes"])
    assert "different machines: name bench-1 → laptop" in notes
    assert "different tools (perfwright, k6)" in notes
    assert "kind of test differs: load → soak" in notes
    assert "seed differs: 7 → 9" in notes
    assert "Only the candidate has GET /new: not compared." in notes


def test_a_run_without_judged_seconds_compares_with_nothing(store: Path) -> None:
    result = compared(store, "base", "empty")
    assert result.exit_code == 97
    assert "nothing to compare" in result.output
    assert "The candidate has no judged requests." in result.output


def test_a_run_compared_with_itself_says_so(store: Path) -> None:
    result = compared(store, "base", "base", "--margin", "10")
    assert result.exit_code == 0
    assert "the same run" in result.output


def test_doubts_of_the_runs_themselves_are_passed_on(store: Path) -> None:
    base, candidate = (Store(store).find(name) for name in ("base", "again"))
    doubtful = dataclasses.replace(
        candidate.manifest,
        state="interrupted",
        verdict=Verdict(status=Status.INCONCLUSIVE, reasons=("The generator was late.",)),
    )
    notes = compare_runs(base, dataclasses.replace(candidate, manifest=doubtful)).comparison.notes
    assert "The candidate's own numbers are inconclusive: The generator was late." in notes
    assert "The candidate did not run to its end (interrupted)." in notes


def test_a_result_file_of_another_tool_is_compared(tmp_path: Path) -> None:
    head = "timeStamp,elapsed,label,responseCode,success,Latency,Connect\n"
    for name, took in (("one.jtl", 20), ("two.jtl", 40)):
        rows = (
            f"{1_700_000_000_000 + 20 * at},{took + at % 3},GET /,200,true,{took},0\n"
            for at in range(1500)
        )
        (tmp_path / name).write_text(head + "".join(rows))
    files = [str(tmp_path / name) for name in ("one.jtl", "two.jtl")]
    result = perfwright("compare", *files, "--store", str(tmp_path / "store"))
    assert result.exit_code == 98, result.output
    assert "median rose by" in result.output


def test_a_page_is_written_where_asked(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.md"
    result = compared(store, "base", "slow", "--format", "md", "--out", str(out))
    assert result.exit_code == 98, result.output
    assert result.stdout.strip() == str(out)
    assert "SLOWER" in out.read_text()


def test_markdown_goes_to_stdout_too(store: Path) -> None:
    result = compared(store, "base", "slow", "--format", "md", "--out", "-")
    assert result.stdout.startswith("# ❌ SLOWER")


def test_both_charts_of_a_step_are_plain_json(store: Path) -> None:
    found = compare(store, "base", "slow")
    ecdf, quantiles = step_charts(found.pairs[0], number=1, margin=0.03)
    for chart in (ecdf, quantiles):
        json.dumps(chart.spec, allow_nan=False)
    drawn = quantiles.spec["layer"][2]["data"]["values"]
    assert len(drawn) == 21
    assert all(point["low"] < point["change"] < point["high"] for point in drawn)
    assert {section.key for section in comparison_document(found).sections} == {
        "steps", "distributions", "grew",
    }  # fmt: skip


@pytest.mark.parametrize("margin", ["much", "0", "-3%", "100%", "0.03", "nan"])
def test_a_margin_that_means_nothing_is_refused(store: Path, margin: str) -> None:
    result = compared(store, "base", "slow", f"--margin={margin}")
    assert result.exit_code == 2
    assert "write 3%" in result.output


def test_an_unknown_run_and_a_lost_output_are_usage_errors(store: Path) -> None:
    assert compared(store, "base", "nowhere").exit_code == 2
    assert compared(store, "base", "slow", "--out", "x.txt").exit_code == 2
    assert compared(store, "base", "slow", "--json", "--format", "md", "--out", "-").exit_code == 2


@pytest.mark.parametrize(("seconds", "verdict"), [(0.12, "slower"), (0.1, "same")])
def test_thirty_runs_of_a_command_line_are_enough(
    tmp_path: Path, seconds: float, verdict: str
) -> None:
    files = []
    for seed, mean_s in enumerate((0.1, seconds)):
        times = np.random.default_rng(seed).normal(mean_s, 0.02 * mean_s, 30).tolist()
        result = {"command": "sort", "mean": mean_s, "user": 0, "system": 0, "times": times}
        files.append(tmp_path / f"{seed}.json")
        files[-1].write_text(json.dumps({"results": [result]}))
    result = compared(tmp_path / "store", *map(str, files), "--json")
    assert json.loads(result.stdout)["verdict"] == verdict


@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_markdown_shows_pictures_that_lie_beside_it(
    store: Path, tmp_path: Path, kind: str, begins: bytes
) -> None:
    out = tmp_path / "the change.md"
    compared(store, "base", "slow", "--format", "md", "--out", str(out), "--pictures", kind)
    pictures = sorted(tmp_path.glob(f"*.{kind}"))
    assert [one.stem for one in pictures] == ["the change-ecdf-1", "the change-quantiles-1"]
    assert all(one.read_bytes().startswith(begins) for one in pictures)
    assert f"](the%20change-ecdf-1.{kind})" in out.read_text()


def test_markdown_without_pictures_leaves_charts_out(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "change.md"
    compared(store, "base", "slow", "--format", "md", "--out", str(out), "--pictures", "none")
    assert list(tmp_path.iterdir()) == [out]
    assert "](" not in out.read_text()
