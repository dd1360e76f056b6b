"""A baseline file holds what comparing needs, stays small, and says so when it is damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.gated_runs import kept_run
from support.stores import open_run

from perfwright.model.errors import DataError, StoreError
from perfwright.model.frame import Frame, StepTally, Tally
from perfwright.store import baseline_file
from perfwright.store.baseline_file import (
    BaselineHead,
    is_baseline_file,
    read_baseline_file,
    write_baseline_file,
)
from perfwright.store.reader import Store
from perfwright.store.stored_run import StoredRun

RUN = "20261121-080000-aaaa"
HEAD = BaselineHead(
    label="main", runs=(RUN,), lengths=(5, 7), steps={"GET /items": {"response_ms_p95": 31.2}}
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    store = tmp_path_factory.mktemp("store")
    kept_run(store, RUN, seconds=12, per_s=30)
    return Store(store).find(RUN)


@pytest.fixture
def file(run: StoredRun, tmp_path: Path) -> Path:
    write_baseline_file(tmp_path / "perf" / "main.json", HEAD, run)
    return tmp_path / "perf" / "main.json"


def test_response_and_service_times_come_back_as_they_were(run: StoredRun, file: Path) -> None:
    with read_baseline_file(file).opened() as read:
        before, after = list(run.frames()), list(read.frames())
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        assert other.judged
        assert one.total.steps.keys() == other.total.steps.keys()
        for name, step in one.total.steps.items():
            kept = other.total.steps[name]
            assert (kept.requests, kept.errors) == (step.requests, step.errors)
            assert kept.measures["response"] == step.measures["response"]
            assert kept.measures["service"] == step.measures["service"]
            assert kept.measures["wait"].mean() == step.measures["wait"].mean()


def test_facts_of_the_run_come_back_and_its_command_does_not(run: StoredRun, file: Path) -> None:
    read = read_baseline_file(file)
    assert read.head == HEAD
    assert read.manifest.run_id == RUN
    assert read.manifest.host == run.manifest.host
    assert read.manifest.verdict == run.manifest.verdict
    assert (read.manifest.command, read.manifest.test_source) == ((), None)


def test_a_second_without_requests_is_kept(tmp_path: Path) -> None:
    steps = {"GET /": StepTally(requests=1)}
    frames = [Frame.of_workers(0, {0: Tally(steps=steps)}, judged=True)]
    frames += [Frame.of_workers(second, {0: Tally()}, judged=True) for second in (1, 2)]
    writer = open_run(tmp_path, frames)
    writer.stop(Store(tmp_path).find("latest").manifest)
    write_baseline_file(tmp_path / "b.json", HEAD, Store(tmp_path).find("latest"))
    assert len(read_baseline_file(tmp_path / "b.json").frames) == 3


def test_a_long_run_keeps_its_last_seconds_and_says_so(
    run: StoredRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline_file, "LIMIT_BYTES", 5_000)
    head = write_baseline_file(tmp_path / "b.json", HEAD, run)
    read = read_baseline_file(tmp_path / "b.json")
    assert 0 < len(read.frames) < 12
    assert read.head == head
    assert head.lengths == (max(0, len(read.frames) - 7), min(len(read.frames), 7))
    assert head.notes == (
        f"Holds the last {len(read.frames)} of 12 judged seconds, to stay small.",
    )
    last = list(run.frames())[-1].total.steps["GET /items"].measures["response"]
    assert read.frames[-1].total.steps["GET /items"].measures["response"] == last


def test_a_line_a_second_and_step_makes_a_readable_diff(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if '"second":' in line]
    assert len(lines) == 24
    assert max(map(len, lines)) < 1_000
    assert json.loads(lines[-1])["second"] == 11


def test_it_is_told_from_other_files(file: Path, tmp_path: Path) -> None:
    (tmp_path / "k6.json").write_text('{"metrics": {}}')
    assert is_baseline_file(file)
    assert not is_baseline_file(tmp_path / "k6.json")
    assert not is_baseline_file(tmp_path / "missing.json")
    assert not is_baseline_file(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"perfwright_baseline": 1', '"perfwright_baseline": 2'),
        lambda text: text.replace('"perfwright_baseline": 1', '"perfwright_baseline": "x"'),
        lambda text: text.replace('"runs"', '"walks"'),
        lambda text: text.replace('"requests": ', '"requests": "x'),
        lambda text: text.replace('"response": "', '"response": "x '),
        lambda text: text.replace('"second": ', '"secnd": '),
        lambda text: json.dumps({**json.loads(text), "seconds": []}),
        lambda text: json.dumps({**json.loads(text), "manifest": []}),
    ],
)
def test_a_damaged_file_is_refused_with_its_remedy(file: Path, damage: object) -> None:
    assert callable(damage)
    file.write_text(damage(file.read_text()))
    with pytest.raises(DataError, match=r"main.json is damaged .*baseline set NAME RUN --to FILE"):
        read_baseline_file(file)


def test_a_run_that_was_not_judged_makes_none(tmp_path: Path) -> None:
    writer = open_run(tmp_path, [Frame.of_workers(0, {0: Tally()}, judged=False)])
    writer.stop(Store(tmp_path).find("latest").manifest)
    with pytest.raises(DataError, match="has no judged second to compare with"):
        write_baseline_file(tmp_path / "b.json", HEAD, Store(tmp_path).find("latest"))


def test_where_it_cannot_be_written_the_path_is_named(run: StoredRun, tmp_path: Path) -> None:
    (tmp_path / "perf").write_text("a file in the way")
    with pytest.raises(StoreError, match="perf"):
        write_baseline_file(tmp_path / "perf" / "b.json", HEAD, run)
