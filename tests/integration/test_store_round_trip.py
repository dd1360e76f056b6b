"""What goes into a run folder comes out of it, in every state the folder can be in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from support.runs import JUDGED_S, RUN_ID, demo_frames, demo_manifest
from support.stores import finished_run, open_run

from perfwright.model.frame import Frame, RecordTally, Tally, in_windows, merged
from perfwright.store.compact import compact
from perfwright.store.reader import Store
from perfwright.store.writer import RunWriter

FRAMES = demo_frames()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the demo run in it, finished."""
    directory = tmp_path_factory.mktemp("store")
    writer = open_run(directory, FRAMES)
    writer.event("note", "a controller took over", reason="test")
    writer.stop(demo_manifest(state="finished"))
    return directory


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Path, RunWriter]]:
    writer = open_run(tmp_path, FRAMES[24:27])
    yield tmp_path, writer
    writer.stop(demo_manifest(state="stopped"))


def test_frames_come_back_as_they_were_written(store: Path) -> None:
    assert list(Store(store).find(RUN_ID).frames()) == FRAMES


def test_a_running_run_can_be_read(running: tuple[Path, RunWriter]) -> None:
    run = Store(running[0]).find(RUN_ID)
    assert run.manifest.state == "running"
    assert list(run.frames()) == FRAMES[24:27]


def test_the_final_manifest_comes_back_as_it_was_written(store: Path) -> None:
    manifest = Store(store).find(RUN_ID).manifest
    written = demo_manifest(state="finished")
    assert manifest.verdict == written.verdict
    assert manifest.slo_results == written.slo_results
    assert manifest.judged_s == JUDGED_S
    assert manifest.result is not None
    assert manifest.result["totals"] == (written.result or {})["totals"]


def test_a_tally_merges_the_seconds_of_its_windows(store: Path) -> None:
    run = Store(store).find(RUN_ID)
    whole = merged((frame.total for frame in FRAMES), gauges="last")
    judged = (frame.total for frame in FRAMES if in_windows(frame.second, JUDGED_S))
    assert run.tally() == whole
    assert run.tally(JUDGED_S) == merged(judged, gauges="last")


def test_events_hold_what_the_frames_and_the_runner_noted(store: Path) -> None:
    events = Store(store).find(RUN_ID).events()
    assert [event.kind for event in events] == [*["hold", "scenario_error"] * 2, "note"]
    assert events[0].message == "shop.py:12 held the loop for 35 ms, 3 times"
    assert (events[-1].worker, events[-1].data) == (None, {"reason": "test"})


def test_samples_and_exemplars_come_back(store: Path) -> None:
    run = Store(store).find(RUN_ID)
    samples = [sample for frame in FRAMES for sample in frame.watched.samples]
    assert list(run.watched().samples) == samples
    assert {exemplar.response_ns for exemplar in run.exemplars()} == {812_000_000, 812_000_001}


def test_only_parquet_is_left_of_a_finished_run(store: Path) -> None:
    run = Store(store).find(RUN_ID).path
    assert not list(run.glob("*.jsonl"))
    assert not list(run.glob("*.tmp"))


def test_compacting_twice_changes_nothing(store: Path) -> None:
    run = Store(store).find(RUN_ID).path
    before = {path.name: path.stat().st_mtime_ns for path in run.iterdir()}
    compact(run)
    assert {path.name: path.stat().st_mtime_ns for path in run.iterdir()} == before


def test_a_compaction_that_was_cut_short_is_finished_by_the_next_reader(tmp_path: Path) -> None:
    writer = open_run(tmp_path, FRAMES[:2])
    lines = {path.name: path.read_bytes() for path in writer.path.glob("*.jsonl")}
    writer.stop(demo_manifest(state="finished"))
    (writer.path / "measures.jsonl").write_bytes(lines["measures.jsonl"])
    (writer.path / "histograms.parquet").unlink()
    assert list(Store(tmp_path).find(RUN_ID).frames()) == FRAMES[:2]
    assert not list(writer.path.glob("*.jsonl"))


def test_infinite_and_missing_values_survive(tmp_path: Path) -> None:
    tally = Tally(records={"ratio": RecordTally(count=1, total=1e300, maximum=1e300)})
    frame = Frame.of_workers(0, {0: tally}, judged=True)
    open_run(tmp_path, [frame]).stop(demo_manifest(state="finished"))
    assert list(Store(tmp_path).find(RUN_ID).frames()) == [frame]


def test_only_the_slowest_exemplars_of_a_step_and_outcome_are_kept(tmp_path: Path) -> None:
    frames = [demo_frames()[25]] * 20
    writer = open_run(tmp_path, frames)
    writer.stop(demo_manifest(state="finished"))
    run = Store(tmp_path).find(RUN_ID)
    assert len(run.exemplars()) == 8, "the slowest five, and three that were so for a while"
    assert run.tally().exemplars == merged(f.total for f in frames).exemplars


def test_a_run_is_written_only_once(tmp_path: Path) -> None:
    finished_run(tmp_path)
    with pytest.raises(Exception, match="written only once"):
        RunWriter(tmp_path).start(demo_manifest())


def test_any_reader_of_parquet_finds_documented_types(store: Path) -> None:
    path = Store(store).find(RUN_ID).path / "histograms.parquet"
    rows = duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    assert [(name, kind) for name, kind, *_ in rows] == [
        ("second", "INTEGER"),
        ("worker", "INTEGER"),
        ("step", "VARCHAR"),
        ("measure", "VARCHAR"),
        ("bucket", "INTEGER"),
        ("count", "BIGINT"),
    ]
