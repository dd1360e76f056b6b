"""`perfwright gate` and `perfwright baseline` over a store: exit codes, outputs, messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result
from support.gated_runs import kept_run

from perfwright.cli import main

BASE, SAME, SLOW, BROKEN = (
    "20261121-080000-aaaa", "20261122-080000-bbbb", "20261122-090000-cccc", "20261122-100000-dddd",
)  # fmt: skip
Invoke = Callable[..., Result]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("store")
    kept_run(store, BASE, seed=1)
    kept_run(store, SAME, seed=2, git_branch="faster")
    kept_run(store, SLOW, seed=3, slower={"GET /items": 1.3}, git_branch="slower")
    kept_run(store, BROKEN, seed=4, slos=("p95 < 20ms",), git_branch="broken")
    return store


@pytest.fixture
def invoke(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """In an empty folder, outside CI."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(
            main, [*words, *([] if "--init" in words else ["--store", str(store)])]
        )

    return invoke


@pytest.mark.parametrize(
    ("words", "exit_code", "word"),
    [
        ([SAME, "--baseline", BASE, "--margin", "5%"], 0, "PASS"),
        ([SAME, "--baseline", "last:5@main", "--margin", "5%", "--budget", "p95 +10%"], 0, "PASS"),
        ([SLOW, "--baseline", BASE], 98, "REGRESSION"),
        ([SLOW, "--baseline", BASE, "--margin", "60%"], 0, "PASS"),
        ([SLOW, "--baseline", BASE, "--margin", "60%", "--budget", "p95(GET /items) +9%"], 98,
         "REGRESSION"),
        ([SLOW, "--baseline", BASE, "--margin", "60%", "--budget", "p95(GET /items) +30%"], 97,
         "INCONCLUSIVE"),
        ([SAME, "--baseline", BASE, "--margin", "0.1%"], 97, "INCONCLUSIVE"),
        ([SAME, "--baseline", "last:5@nowhere"], 97, "INCONCLUSIVE"),
        ([SAME, "--baseline", "last:5@nowhere", "--budget", "p95 +5%"], 97, "INCONCLUSIVE"),
        ([BROKEN], 99, "FAIL"),
        ([BROKEN, "--baseline", SLOW], 99, "FAIL"),
        ([SAME], 0, "PASS"),
    ],
)  # fmt: skip
def test_the_exit_code_and_the_word(
    invoke: Invoke, words: list[str], exit_code: int, word: str
) -> None:
    result = invoke("gate", *words)
    assert result.exit_code == exit_code, result.output
    (bar,) = (line for line in result.stdout.splitlines() if "━━" in line)
    assert bar == f" {word} ".center(80, "━")


def test_the_document_holds_the_contract(invoke: Invoke) -> None:
    options = ("--margin", "5%", "--budget", "errors +1%", "--json")
    result = invoke("gate", SLOW, "--baseline", BASE, *options)
    document = json.loads(result.stdout)
    assert document["exit_code"] == result.exit_code == 98
    assert document["verdict"]["status"] == "fail"
    assert document["cause"] == "regression"
    assert document["run_id"] == SLOW
    assert document["baseline"] == f"run {BASE}"
    assert document["slos"][0]["ok"] is True
    verdicts = {step["name"]: step["verdict"] for step in document["comparison"]["steps"]}
    assert verdicts == {"GET /items": "slower", "POST /orders": "same"}
    (budget,) = document["budgets"]
    assert (budget["expr"], budget["verdict"], budget["unit"]) == ("errors +1%", "kept", "points")


@pytest.mark.parametrize(
    ("odd", "exit_code", "reason"),
    [
        ({"seconds": 0}, 97, "The run and the baseline have no step in common"),
        ({"per_s": 0}, 97, "GET /items: the candidate has 0 requests: too few"),
        ({"seconds": 1, "per_s": 1}, 97, "the candidate has 1 judged second: too few"),
        ({"error_ratio": 1.0}, 99, "GET /items is slower: errors rose from 0% to 100%"),
    ],
)
def test_an_odd_run_is_told_as_it_is(
    invoke: Invoke, store: Path, tmp_path: Path, odd: Any, exit_code: int, reason: str
) -> None:
    folder = tmp_path / "odd"
    run = kept_run(folder, SAME, **{"seconds": 10, "per_s": 50, **odd})
    result = invoke(
        "gate", str(folder / "runs" / run), "--baseline", str(store / "runs" / BASE),
        "--budget", "p95 +5%", "--budget", "throughput -5%", "--comment", "c.md",
        "--junit", "j.xml", "--load-performance", "l.json", "--metrics", "m.txt",
    )  # fmt: skip
    assert result.exit_code == exit_code, result.output
    assert reason in " ".join(result.stdout.split())
    assert Path("m.txt").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--budget", "p95 +5%"], "--budget 'p95 +5%': a budget is what may be worse than a"),
        (["--baseline", BASE, "--budget", "p95 5%"], "budget: expected + and how much"),
        (["--baseline", BASE, "--margin", "0.03"], "--margin: '0.03' is no percentage"),
        (["--baseline", "mian"], "baseline: there is no 'mian' in"),
        (["--baseline", SAME], f"--baseline: '{SAME}' is run {SAME} itself; name another one"),
        (["--baseline", "last:5"], "'last:5' is unclear; write it like last:5@main"),
        (["--junit", "."], "Invalid value for '--junit'"),
        (["--junit", "/dev/null/x.xml"], "--junit: cannot write /dev/null/x.xml: "),
    ],
)
def test_wrong_words_are_named_with_their_remedy(
    invoke: Invoke, words: list[str], message: str
) -> None:
    result = invoke("gate", SAME, *words)
    assert message in " ".join(result.stderr.split())
    assert (result.exit_code, result.stdout) == (2, "")


def test_every_file_is_written_where_it_was_asked_for(invoke: Invoke) -> None:
    result = invoke(
        "gate", SLOW, "--baseline", BASE, "--junit", "out/gate.xml", "--summary", "out/summary.md",
        "--comment", "out/comment.md", "--load-performance", "out/load.json",
        "--metrics", "out/metrics.txt", "--json",
    )  # fmt: skip
    files = json.loads(result.stdout)["files"]
    assert sorted(map(str, Path("out").iterdir())) == sorted(files)
    assert len(files) == 6
    assert ET.parse("out/gate.xml").getroot().get("failures") == "2"  # verdict and step
    assert "REGRESSION" in Path("out/summary.md").read_text()
    assert "comment.svg" in Path("out/comment.md").read_text()
    assert Path("out/comment.svg").read_text().startswith("<svg")
    assert json.loads(Path("out/load.json").read_text())["metrics"]["http_reqs"]["rate"] > 100
    assert Path("out/metrics.txt").read_text().endswith("# EOF\n")


def test_a_github_job_gets_annotations_and_its_summary_by_itself(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("summary.md").write_text("Before.\n\n")
    result = invoke("gate", SLOW, "--baseline", BASE, "--json")
    assert json.loads(result.stdout)["files"] == []
    assert result.stderr.startswith(
        "::error file=shop.py,line=1,title=Slower%3A GET /items::median"
    )
    summary = Path("summary.md").read_text()
    assert summary.startswith("Before.\n\n<!-- perfwright gate -->")


def test_a_named_summary_takes_the_place_of_githubs(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "github.md")
    invoke("gate", SAME, "--summary", "mine.md")
    assert Path("mine.md").exists()
    assert not Path("github.md").exists()


@pytest.mark.parametrize(
    ("system", "place"),
    [("github", ".github/workflows/performance.yml"), ("gitlab", ".gitlab-ci.yml"),
     ("jenkins", "Jenkinsfile")],
)  # fmt: skip
def test_a_starter_is_written_once(invoke: Invoke, system: str, place: str) -> None:
    result = invoke("gate", "--init", system)
    assert (result.exit_code, result.stdout.strip()) == (0, place)
    assert "perfwright gate latest" in Path(place).read_text()
    Path(place).write_text("mine")
    again = invoke("gate", "--init", system)
    assert again.exit_code == 2
    assert f"--init {system}: " in again.stderr
    assert "is there already and is not overwritten" in again.stderr
    assert Path(place).read_text() == "mine"


def test_a_baseline_is_set_listed_shown_and_held_against(invoke: Invoke) -> None:
    assert invoke("baseline", "list").stderr.endswith("`perfwright baseline set NAME RUN`\n")
    assert json.loads(invoke("baseline", "set", "main", BASE, "--json").stdout) == {
        "name": "main", "runs": [BASE], "file": None,
    }  # fmt: skip
    (listed,) = json.loads(invoke("baseline", "list", "--json").stdout)
    assert (listed["name"], listed["runs"]) == ("main", [BASE])
    assert invoke("baseline", "list").stdout.startswith("main  20")
    assert json.loads(invoke("baseline", "show", "main", "--json").stdout)["runs"] == [BASE]
    shown = invoke("baseline", "show", "main").stdout
    assert "POST /orders" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert invoke("gate", SLOW, "--baseline", "main").exit_code == 98


def test_a_baseline_file_is_compared_like_its_run(invoke: Invoke) -> None:
    result = invoke("baseline", "set", "main", BASE, "--to", "perf/main.json")
    assert result.stdout.startswith(f"main: {BASE} (in perf/main.json, ")
    assert not Path("baselines").exists()
    told = [
        json.loads(invoke("gate", SLOW, "--baseline", base, "--json").stdout)["comparison"]["steps"]
        for base in ("perf/main.json", BASE)
    ]
    assert told[0] == told[1]


def test_another_tools_results_are_gated_as_they_come(invoke: Invoke) -> None:
    rows = "".join(
        f"{1_700_000_000_000 + 10 * n},{20 + n % 7},GET /,200,true\n" for n in range(500)
    )
    for name in ("before.jtl", "after.jtl"):
        head = "timeStamp,elapsed,label,responseCode,success\n"
        Path(name).write_text(head + rows + ("" if name == "after.jtl" else rows[:40]))
    result = invoke("gate", "after.jtl", "--baseline", "before.jtl", "--json")
    document = json.loads(result.stdout)
    assert document["comparison"]["steps"][0]["name"] == "GET /"
    assert result.exit_code in (0, 97)
