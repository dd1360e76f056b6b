"""`workflow/imports.py` from end to end: a file becomes a run, once, and everything works on it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.samples import DATA

from perfwright.model.errors import DataError, UsageError
from perfwright.model.verdict import Status
from perfwright.report.terminal import render_terminal
from perfwright.store.reader import Store
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.explain import explain
from perfwright.workflow.imports import ImportOptions, find_run, import_results
from perfwright.workflow.read_run import read_run

JTL = DATA / "jmeter-transactions.csv"


def imported(store: Path, *files: Path, slos: tuple[str, ...] = (), mapping: str = "") -> StoredRun:
    return import_results(files, ImportOptions(store=store, slos=slos, mapping=mapping))


def test_a_run_counts_what_the_file_holds(tmp_path: Path) -> None:
    run = imported(tmp_path, JTL)
    steps = run.tally().steps
    assert {name: (step.kind, step.requests) for name, step in steps.items()} == {
        "HP-0": ("request", 2),
        "HP-1": ("request", 1),
        "HP-2": ("request", 1),
        "HP": ("group", 1),
    }
    assert steps["HP-0"].measures["response"].maximum == 1_172_000_000
    assert steps["HP-0"].measures["response"] == steps["HP-0"].measures["service"]
    assert steps["HP-0"].statuses == {"200": 2}


def test_a_request_belongs_to_the_second_in_which_it_ended(tmp_path: Path) -> None:
    frames = list(imported(tmp_path, JTL).frames())
    assert [frame.second for frame in frames] == list(range(7))
    by_second = {frame.second: sorted(frame.total.steps) for frame in frames if frame.total.steps}
    assert by_second == {1: ["HP-0"], 2: ["HP-1"], 3: ["HP", "HP-2"], 6: ["HP-0"]}


def test_users_are_known_between_the_seconds_that_tell_them(tmp_path: Path) -> None:
    frames = list(imported(tmp_path, DATA / "gatling-2.2.log").frames())
    assert [frame.total.users_active for frame in frames] == [1, 2, 1]


def test_the_manifest_tells_the_tool_and_when_it_was(tmp_path: Path) -> None:
    manifest = imported(tmp_path, JTL).manifest
    assert (manifest.tool, manifest.kind, manifest.state) == ("JMeter", "imported", "finished")
    assert manifest.started_at == "2019-01-16T22:05:57Z"
    assert manifest.name == "jmeter-transactions"


def test_the_verdict_says_that_no_intended_start_is_known(tmp_path: Path) -> None:
    result = read_run(tmp_path, str(JTL)).result
    assert "coordinated omission" in result.verdict.reasons[-1]


def test_slos_are_judged(tmp_path: Path) -> None:
    broken = imported(tmp_path, JTL, slos=("max < 1s",))
    assert broken.manifest.verdict is not None
    assert broken.manifest.verdict.status is Status.FAIL


def test_checks_and_dropped_iterations_of_k6_are_there(tmp_path: Path) -> None:
    result = read_run(tmp_path, str(DATA / "k6.ndjson")).result
    assert [(check.name, check.passed, check.failed) for check in result.checks] == [
        ("status is 200", 1, 1)
    ]
    assert result.generator.dropped == 1
    assert "k6 had no user free" in " ".join(result.verdict.reasons)


def test_the_same_file_is_the_same_run(tmp_path: Path) -> None:
    copy = tmp_path / "copy.jtl"
    shutil.copy(JTL, copy)
    first, second = imported(tmp_path, JTL), imported(tmp_path, copy)
    assert first.manifest == second.manifest
    assert len(Store(tmp_path).list()) == 1


def test_other_objectives_make_another_run(tmp_path: Path) -> None:
    imported(tmp_path, JTL)
    imported(tmp_path, JTL, slos=("p95 < 1s",))
    assert len(Store(tmp_path).list()) == 2


def test_an_interrupted_import_is_done_again(tmp_path: Path) -> None:
    run = imported(tmp_path, JTL)
    manifest = run.path / "run.json"
    document = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**document, "state": "running", "verdict": None}))
    (run.path / "steps.parquet").unlink()
    again = imported(tmp_path, JTL)
    assert again.manifest.state == "finished"
    assert again.tally().requests() == 4


def test_a_failed_import_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "bad.jtl"
    file.write_text("timeStamp,elapsed,label\ngarbage\n")
    store = tmp_path / "store"
    with pytest.raises(DataError, match=r"no request that could be read.*bad\.jtl:2: "):
        imported(store, file)
    assert Store(store).list() == []
    assert not list(store.glob("import-*"))


def test_bad_lines_are_in_the_notes(tmp_path: Path) -> None:
    file = tmp_path / "some.jtl"
    file.write_text(JTL.read_text() + "garbage\n")
    notes = " ".join(read_run(tmp_path, str(file)).result.notes)
    assert f"left out: 1 ({file}:7: " in notes
    assert "in 'garbage'" in notes


def test_files_of_two_tools_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"files of several tools.*on its own"):
        imported(tmp_path, JTL, DATA / "k6.csv")


def test_two_files_of_a_tool_are_one_run(tmp_path: Path) -> None:
    later = tmp_path / "later.csv"
    later.write_text(JTL.read_text().replace("154767635", "154767636"))
    assert imported(tmp_path, JTL, later).tally().requests() == 8


def test_any_csv_is_imported_by_a_mapping(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("when,ms,what\n1700000000,12,pay\n")
    mapping = "started=when,elapsed_ms=ms,step=what"
    run = imported(tmp_path, file, mapping=mapping)
    assert run.tally().steps["pay"].requests == 1
    other = imported(tmp_path, file, mapping="started=when,elapsed_s=ms,step=what")
    assert other.manifest.run_id != run.manifest.run_id


def test_a_wrong_mapping_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--map"):
        imported(tmp_path, JTL, mapping="started=timeStamp")


def test_a_file_stands_wherever_a_run_does(tmp_path: Path) -> None:
    assert find_run(tmp_path, str(JTL)).manifest == imported(tmp_path, JTL).manifest


def test_a_result_file_can_be_explained_and_reported(tmp_path: Path) -> None:
    explained = explain(tmp_path, str(JTL))
    assert explained.manifest.tool == "JMeter"
    run = read_run(tmp_path, str(JTL))
    text = render_terminal(run.manifest, run.result, width=100, color=False)
    assert "HP-0" in text
    assert "Imported from JMeter JTL (CSV)." in text


@pytest.mark.parametrize(("late_s", "told"), [(40, False), (3600, True)])
def test_a_clock_that_jumped_within_a_run_is_said(tmp_path: Path, late_s: int, told: bool) -> None:
    file = tmp_path / "jumped.csv"
    rows = [f"{1_763_800_000 + second},20" for second in (*range(30), 30 + late_s)]
    file.write_text("\n".join(("ts,took", *rows)))
    run = imported(tmp_path / "store", file, mapping="started=ts,elapsed_ms=took")
    notes = read_run(run.path.parent.parent, run.manifest.run_id).result.notes
    assert any("a clock jumped" in note for note in notes) is told


def test_names_that_hold_ids_are_one_step_where_they_are_too_many(tmp_path: Path) -> None:
    rows = [f"{1_700_000_000 + at},20,GET /item/{at}/part/{at % 7}" for at in range(1_500)]
    rows += [f"1700000000,20,{word * 3}" for word in "abcdefghij"]
    (tmp_path / "ids.csv").write_text("\n".join(["ts,took,label", *rows]))
    mapping = "started=ts,elapsed_ms=took,step=label"
    run = imported(tmp_path / "store", tmp_path / "ids.csv", mapping=mapping)
    steps = run.tally().steps
    assert steps["GET /item/{id}/part/{id}"].requests == 1_500
    assert len(steps) == 11
    assert any("Names of steps: 1,510" in note for note in run.manifest.result["notes"])


def test_names_beyond_the_most_frequent_are_one_step(tmp_path: Path) -> None:
    letters = "abcdefghijkl"
    names = [one + two + three for one in letters for two in letters for three in letters]
    rows = [f"1700000000,20,{name}" for name in [*names, names[-1]]]
    (tmp_path / "names.csv").write_text("\n".join(["ts,took,label", *rows]))
    mapping = "started=ts,elapsed_ms=took,step=label"
    steps = imported(tmp_path / "s", tmp_path / "names.csv", mapping=mapping).tally().steps
    assert (len(steps), steps["lll"].requests) == (1_000, 2)
    assert steps["(other steps)"].requests == len(names) - 999
