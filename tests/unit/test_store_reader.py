"""Finding runs by what people write, and telling the states of a run folder apart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.runs import demo_manifest
from support.stores import finished_run, open_run

from perfwright.model.errors import RunNotFound, StoreError
from perfwright.store.labels import add_note, add_tag
from perfwright.store.reader import Store
from perfwright.store.writer import RunWriter

OLD, NEW = "20261121-080000-aaaa", "20261122-090000-bbbb"


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("store")
    for run_id, started_at in ((NEW, "2026-11-22T09:00:00Z"), (OLD, "2026-11-21T08:00:00Z")):
        manifest = replace(demo_manifest(run_id=run_id), started_at=started_at)
        writer = RunWriter(store)
        writer.start(manifest)
        writer.stop(replace(manifest, state="finished"))
    return store


def test_runs_are_listed_newest_first(two_runs: Path) -> None:
    assert [manifest.run_id for manifest in Store(two_runs).list()] == [NEW, OLD]


@pytest.mark.parametrize(
    ("reference", "run_id"),
    [(OLD, OLD), ("20261121", OLD), ("20261122-09", NEW), ("latest", NEW)],
)
def test_a_run_is_found_by(two_runs: Path, reference: str, run_id: str) -> None:
    assert Store(two_runs).find(reference).manifest.run_id == run_id


def test_a_run_is_found_by_its_folder_wherever_it_lies(two_runs: Path, tmp_path: Path) -> None:
    assert Store(tmp_path).find(two_runs / "runs" / OLD).manifest.run_id == OLD


def test_an_ambiguous_prefix_names_the_candidates(two_runs: Path) -> None:
    with pytest.raises(RunNotFound, match=f"any of {NEW}, {OLD}; write more of it"):
        Store(two_runs).find("2026")


def test_an_unknown_run_names_those_there_are(two_runs: Path) -> None:
    with pytest.raises(RunNotFound, match=f"no run 'x9' in .*; there are {NEW}, {OLD}"):
        Store(two_runs).find("x9")


def test_an_empty_store_says_how_to_make_a_run(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match="holds no runs yet: `perfwright run` makes one"):
        Store(tmp_path / "nowhere").find("latest")


def test_a_file_is_no_run(two_runs: Path, tmp_path: Path) -> None:
    (tmp_path / "result.jtl").touch()
    with pytest.raises(RunNotFound, match="is a file; there are"):
        Store(two_runs).find(tmp_path / "result.jtl")


def test_a_run_is_running_while_its_writer_lives(tmp_path: Path) -> None:
    writer = open_run(tmp_path, [])
    assert Store(tmp_path).list()[0].state == "running"
    writer.stop(demo_manifest(state="stopped"))
    assert Store(tmp_path).list()[0].state == "stopped"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is damaged"),
        ("[]", "is no manifest"),
        ("{}", "is no manifest: 'format'"),
        (json.dumps({"format": 99}), "format 99 is newer than this version's 1"),
    ],
)
def test_a_damaged_manifest_is_listed_and_not_opened(
    tmp_path: Path, text: str, problem: str
) -> None:
    finished_run(tmp_path, run_id=OLD, seconds=0)
    finished_run(tmp_path, run_id=NEW, seconds=0)
    (tmp_path / "runs" / NEW / "run.json").write_text(text)
    listed = {manifest.run_id: manifest for manifest in Store(tmp_path).list()}
    assert listed[NEW].state == "damaged"
    assert problem in listed[NEW].notes[0]
    assert Store(tmp_path).find("latest").manifest.run_id == OLD
    with pytest.raises(StoreError, match="delete the run's folder"):
        Store(tmp_path).find(NEW)


def test_labels_join_the_manifest_and_leave_the_run_alone(tmp_path: Path) -> None:
    finished_run(tmp_path, run_id=OLD, seconds=0)
    run = Store(tmp_path).find(OLD).path
    before = (run / "run.json").read_bytes()
    add_tag(run, "release")
    add_tag(run, "release")
    add_note(run, "after the index")
    manifest = Store(tmp_path).find(OLD).manifest
    assert manifest.tags == ("nightly", "release")
    assert manifest.notes == ("a note", "after the index")
    assert (run / "run.json").read_bytes() == before


def test_damaged_labels_say_which_file_to_delete(tmp_path: Path) -> None:
    finished_run(tmp_path, run_id=OLD, seconds=0)
    (tmp_path / "runs" / OLD / "labels.json").write_text("nonsense")
    with pytest.raises(StoreError, match=r"labels\.json is damaged.*delete it"):
        Store(tmp_path).find(OLD)
