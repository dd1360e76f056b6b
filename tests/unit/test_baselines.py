"""What a run is held against: names, files, runs and the past of a branch."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.gated_runs import kept_run

from perfwright.model.errors import (
    BaselineNotFound,
    DataError,
    NoHistory,
    RunNotFound,
    StoreError,
    UsageError,
)
from perfwright.model.frame import Tally
from perfwright.model.histogram import Histogram
from perfwright.store.baselines import Baseline, baselines, find_baseline, set_baseline
from perfwright.store.reader import Store
from perfwright.workflow.baselines import Base, opened_base
from perfwright.workflow.keep_baseline import described_baseline, keep_baseline, pack_baseline

FIRST, SECOND, DIRTY, OTHER, BRANCH, NOW = (
    "20261121-080000-aaaa", "20261121-090000-bbbb", "20261121-100000-cccc",
    "20261121-110000-dddd", "20261121-120000-eeee", "20261122-080000-ffff",
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of main, a dirty one, another test, another branch; then the candidate."""
    store = tmp_path_factory.mktemp("store")
    small = {"seconds": 6, "per_s": 20}
    kept_run(store, FIRST, seed=1, **small)
    kept_run(store, SECOND, seed=2, slower=1.1, **small)
    kept_run(store, DIRTY, seed=3, git_dirty=True, **small)
    kept_run(store, OTHER, seed=4, name="another test", **small)
    kept_run(store, BRANCH, seed=5, git_branch="faster", **small)
    kept_run(store, NOW, seed=6, **small)
    return store


def opened(store: Path, reference: str) -> Base:
    """What the reference means for the candidate; its run is gone again."""
    with opened_base(store, reference, Store(store).find(NOW).manifest) as base:
        assert list(base.run.frames())
        return base


def times_of(base: Base) -> list[Histogram]:
    return [times_in(frame.total) for frame in base.run.frames()]


def times_in(tally: Tally) -> Histogram:
    return tally.steps["GET /items"].measures["response"]


def test_the_past_of_a_branch_is_the_same_test_committed_and_earlier(store: Path) -> None:
    base = opened(store, "last:5@main")
    assert base.runs == (FIRST, SECOND)
    assert base.label == "the last of main (2 runs)"
    assert opened(store, "last:1@main").runs == (SECOND,)
    assert opened(store, "last:3@faster").runs == (BRANCH,)


def test_runs_together_are_all_their_judged_seconds(store: Path) -> None:
    with opened_base(store, "last:5@main", Store(store).find(NOW).manifest) as base:
        frames = list(base.run.frames())
        folder = base.run.path
    assert [frame.second for frame in frames] == list(range(12))
    assert base.run.manifest.judged_s == ((0.0, 12.0),)
    one = next(Store(store).find(SECOND).frames()).total.steps["GET /items"].measures["response"]
    assert frames[6].total.steps["GET /items"].measures["response"] == one
    assert not folder.exists()


def test_how_runs_differ_among_themselves_is_said(store: Path) -> None:
    (note,) = opened(store, "last:5@main").notes
    assert note.startswith("The base is 2 runs together; their p95 lies between ")
    assert note.endswith("% apart.")


def test_other_loads_are_not_put_together(tmp_path: Path) -> None:
    shapes = [{"": {"model": "open", "segments": [[0, 4, rate, rate]]}} for rate in (10, 20, 20)]
    ids = [f"20261121-0{hour}0000-aaaa" for hour in range(3)]
    for run_id, load in zip(ids, shapes, strict=True):
        kept_run(tmp_path, run_id, seconds=4, per_s=10, load=load)
    with opened_base(tmp_path, "last:5@main") as base:
        assert base.runs == tuple(ids[1:])


def test_a_branch_without_a_past_says_what_is_missing(store: Path) -> None:
    with pytest.raises(NoHistory, match=r"no earlier finished run of 'shop' on branch 'none'"):
        opened(store, "last:5@none")


@pytest.mark.parametrize("reference", ["last:", "last:5", "last:0@main", "last:x@main", "last:5@"])
def test_an_unclear_past_is_refused(store: Path, reference: str) -> None:
    with pytest.raises(UsageError, match="is unclear; write it like last:5@main"):
        opened(store, reference)


def test_a_name_means_its_run_itself(store: Path) -> None:
    keep_baseline(store, "release", FIRST)
    with opened_base(store, "release") as base:
        assert base.run.path == Store(store).find(FIRST).path
        assert base.label == f"release ({FIRST})"
    assert [baseline.name for baseline in baselines(store)] == ["release"]


def test_a_name_may_mean_several_runs(store: Path) -> None:
    set_baseline(store, Baseline(name="two", runs=(FIRST, SECOND), set_at=""))
    assert opened(store, "two").label == "two (2 runs)"
    keep_baseline(store, "two-again", "two")
    assert find_baseline(store, "two-again").runs == (FIRST, SECOND)
    for name in ("two", "two-again"):
        (store / "baselines" / f"{name}.json").unlink()


@pytest.mark.parametrize("name", ["", "a/b", "..", "latest", "x" * 65, "-x", "main\n"])
def test_a_name_that_can_be_no_files_is_refused(store: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can be no baseline's name"):
        keep_baseline(store, name, FIRST)


def test_an_unknown_name_says_how_to_make_one(store: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(BaselineNotFound, match=r"`perfwright baseline set main RUN` makes one"),
        opened_base(tmp_path, "main"),
    ):
        pass
    keep_baseline(store, "release", FIRST)
    with pytest.raises(BaselineNotFound, match=r"no 'relase' in .*; did you mean 'release'\?"):
        opened(store, "relase")


def test_a_damaged_baseline_is_named(tmp_path: Path) -> None:
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "main.json").write_text("{")
    with pytest.raises(StoreError, match=r"main.json is damaged: .*; set the baseline again"):
        find_baseline(tmp_path, "main")


def test_a_baseline_whose_run_is_gone_is_not_found(tmp_path: Path) -> None:
    set_baseline(tmp_path, Baseline(name="main", runs=(FIRST,), set_at=""))
    with pytest.raises(RunNotFound, match=FIRST), opened_base(tmp_path, "main"):
        pass


@pytest.mark.parametrize("reference", [NOW, "latest", NOW[:8]])
def test_a_run_is_not_held_against_itself(store: Path, reference: str) -> None:
    with pytest.raises(UsageError, match=f"is run {NOW} itself; name another one"):
        opened(store, reference)


@pytest.mark.parametrize("reference", [FIRST, "last:5@main"])
def test_a_file_is_compared_as_the_runs_it_is_made_of(
    store: Path, tmp_path: Path, reference: str
) -> None:
    path = tmp_path / "main.json"
    head = pack_baseline(store, "main", reference, path)
    with opened_base(store, reference) as base:
        steps = times_of(base)
    with opened_base(store, str(path)) as packed:
        assert packed.label == f"main ({path})"
        assert packed.runs == head.runs == base.runs
        assert times_of(packed) == steps
        assert [times_in(part) for part in packed.parts] == [times_in(part) for part in base.parts]
        assert (len(packed.parts) > 1) == (len(base.runs) > 1)
    assert packed.notes == base.notes


def test_a_baseline_file_is_no_run_to_name(store: Path, tmp_path: Path) -> None:
    pack_baseline(store, "main", FIRST, tmp_path / "main.json")
    with pytest.raises(UsageError, match="is a baseline already; give it to --baseline as it is"):
        keep_baseline(store, "again", str(tmp_path / "main.json"))


def test_another_tools_file_may_be_held_against(store: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing that a tool wrote")
    with pytest.raises(DataError), opened_base(store, str(tmp_path / "notes.txt")):
        pass


def test_what_a_baseline_came_to_is_described(store: Path) -> None:
    told = described_baseline(store, "last:5@main")
    assert told.runs == (FIRST, SECOND, NOW)
    assert told.steps["GET /items"]["requests"] > 100
    assert told.git_branch == "main"
    assert told.as_json()["steps"].keys() == {"GET /items", "POST /orders"}
